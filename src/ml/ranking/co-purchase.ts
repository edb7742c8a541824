/** How often two products were in one order, and each of them in any. */
export interface PairCounts {
  /** Orders with both. */
  readonly both: number;
  /** Orders with the product that is recommended. */
  readonly withProduct: number;
  /** Orders with the other one. */
  readonly withPartner: number;
  /** All orders looked at, ≥ 1. */
  readonly orders: number;
}

export interface CoPurchase {
  /** Part of the partner's orders that also held the product, in [0, 1]: the rule's confidence. */
  readonly share: number;
  /** Share divided by the product's part of all orders: 1 for products that have nothing to do with each other. */
  readonly lift: number;
}

/** Orders with both below which a pair may be chance. */
export const LEAST_PAIRS = 3;
/** Lift and share from which a pair is worth a word. */
const LEAST_LIFT = 1.2;
const LEAST_SHARE = 0.02;
/** Deviations above what chance would give (Poisson), because the best of many pairs is picked. */
const LEAST_DEVIATIONS = 3;

/**
 * Share and lift of the rule partner → product.
 *
 * @see Brin, Motwani, Ullman & Tsur, "Dynamic Itemset Counting and Implication Rules for Market Basket Data",
 * SIGMOD 1997, section 4 (their interest is the lift), doi:10.1145/253260.253325.
 */
export function coPurchase({ both, withProduct, withPartner, orders }: PairCounts): CoPurchase {
  const share = both / withPartner;
  return { share, lift: share / (withProduct / orders) };
}

/**
 * Whether a pair was bought together often enough, and more often than by chance, to be said of it: in at least 3
 * orders and 2 % of the partner's, 1.2 times the usual share, and 3 deviations √E above E = withProduct · withPartner
 * / orders.
 */
export function isBoughtTogether(counts: PairCounts): boolean {
  const { share, lift } = coPurchase(counts);
  const expected = (counts.withProduct * counts.withPartner) / counts.orders;
  return (
    counts.both >= LEAST_PAIRS &&
    share >= LEAST_SHARE &&
    lift >= LEAST_LIFT &&
    counts.both - expected >= LEAST_DEVIATIONS * Math.sqrt(expected)
  );
}
