/** How large a marketplace to simulate, from which seed, and up to when. */
export interface MarketplaceOptions {
  readonly farms: number;
  readonly products: number;
  readonly customers: number;
  /** Expected number of order lines for an assortment of several hundred products; fewer products give fewer. */
  readonly orderLines: number;
  readonly years: number;
  /** Same options and seed, same marketplace, to the last byte. */
  readonly seed: number;
  /** Midnight UTC after the last simulated day, in epoch milliseconds. */
  readonly until: number;
}

/** A point on the Earth, in degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** A fact about how something was grown. It counts from `validFrom` to `validUntil`, both included. */
export interface DemoCertification {
  readonly kind: 'organic' | 'biodynamic';
  readonly number: string;
  readonly body: string;
  /** ISO dates, e.g. `2026-01-31`. */
  readonly validFrom: string;
  readonly validUntil: string;
}

export interface DemoFarm extends Place {
  readonly name: string;
  readonly region: string;
  readonly certifications: readonly DemoCertification[];
}

export interface DemoProduct {
  readonly farm: number;
  readonly name: string;
  readonly category: string;
  readonly unit: string;
  /** What the price would be without promotions and season, in cents. The reference price of the laws. */
  readonly basePriceMinor: number;
  /** Months 1–12 of sale; empty: all year. */
  readonly seasonMonths: readonly number[];
  readonly shelfLifeDays: number;
  /** First day of sale, counted from the start of the simulation. */
  readonly launchDay: number;
  /** ε ≥ 0 of the laws. */
  readonly elasticity: number;
  /** How much everybody likes it, beside taste. */
  readonly appeal: number;
}

export interface DemoCustomer extends Place {
  readonly name: string;
  readonly region: string;
  /** Added to the utility of every product with a valid certification. */
  readonly organicWish: number;
  /** Relative rate of ordering; the mean over customers is about 1. */
  readonly activity: number;
  /** First day on which the customer can order. Customers are sorted by it. */
  readonly joinDay: number;
}

/** Everything that does not depend on what customers did. Flat arrays are row-major. */
export interface World {
  readonly options: MarketplaceOptions;
  /** Midnight UTC of the first day, in epoch milliseconds. */
  readonly start: number;
  readonly days: number;
  readonly weeks: number;
  readonly farms: readonly DemoFarm[];
  readonly products: readonly DemoProduct[];
  readonly customers: readonly DemoCustomer[];
  /** Shape (customers, RANK). */
  readonly customerTastes: Float64Array;
  /** Shape (products, RANK). */
  readonly productTraits: Float64Array;
  /** Great-circle kilometres. Shape (customers, farms). */
  readonly distancesKm: Float64Array;
  /** Price of each week in cents. Shape (products, weeks). */
  readonly weeklyPriceMinor: Int32Array;
}

/** Orders in time order; line `i` belongs to the order whose `lineStart` is the last one ≤ i. */
export interface OrderColumns {
  readonly customer: Int32Array;
  /** Epoch milliseconds. */
  readonly at: Float64Array;
  /** First line of each order, and one more entry: the number of lines. */
  readonly lineStart: Int32Array;
  readonly lineProduct: Int32Array;
  readonly lineQuantity: Float64Array;
  readonly linePriceMinor: Int32Array;
}

/** What was in stock from a time on. In time order. */
export interface StockColumns {
  readonly product: Int32Array;
  readonly at: Float64Array;
  readonly quantity: Float64Array;
}

export interface EventColumns {
  /** Index into EVENT_TYPES. */
  readonly type: Uint8Array;
  readonly customer: Int32Array;
  readonly product: Int32Array;
  readonly at: Float64Array;
  /** The rating of rating events, NaN elsewhere. */
  readonly value: Float64Array;
}

/** What happened in a world. */
export interface History {
  readonly orders: OrderColumns;
  readonly stock: StockColumns;
  /** Stock of each product at the end. */
  readonly finalStock: Float64Array;
  /**
   * Mean quantity that would have been bought had nothing been sold out, given who ordered when and
   * with which habits. Shape (products, weeks), in the product's unit.
   */
  readonly meanDemand: Float64Array;
}

export const EVENT_TYPES = ['view', 'click', 'cart', 'rating'] as const;

export const DAY_MS = 86_400_000;
