/** How often the products of a category were bought, in pairs of user and product. */
export interface RepeatCounts {
  /** Pairs with at least one purchase. */
  readonly bought: number;
  /** Pairs with purchases on at least two days. */
  readonly boughtAgain: number;
}

/** Categories, by a word of their name, of which one buys a product once and has it: nobody needs a second beehive soon. */
const DURABLE_WORDS = [
  'APPLIANCE',
  'BEEHIVE',
  'BOOK',
  'CLOTHING',
  'COOKWARE',
  'DECORATION',
  'EQUIPMENT',
  'FURNITURE',
  'GIFT',
  'HARDWARE',
  'LIVESTOCK',
  'MACHINERY',
  'TOOL',
  'TREE',
  'WORKSHOP',
] as const;

const DURABLE_RATE = 0.02;
const CONSUMABLE_RATE = 0.4;
/** Pairs that the default weighs as much as. */
const PRIOR_PAIRS = 30;
/** Below this rate a product that was bought is not shown again. */
const LEAST_RATE = 0.05;

/** How likely a product of a category is bought again before the shop has sold any: by its name, 0.02 or 0.4. */
export function defaultRepeatRate(category: string): number {
  const name = category.toUpperCase();
  return DURABLE_WORDS.some((word) => name.includes(word)) ? DURABLE_RATE : CONSUMABLE_RATE;
}

/**
 * Learns how likely who bought a product of a category buys that product again, from the shop's own orders.
 *
 * (boughtAgain + 30·default) / (bought + 30): a beta–binomial mean that weighs the default as 30 pairs. Pairs whose
 * user has just come cannot have a second purchase yet, so the rate of a young shop is too low; the default and the
 * low threshold of `isRepeatable` make up for it.
 */
export function repeatRate(category: string, { bought, boughtAgain }: RepeatCounts): number {
  return (boughtAgain + PRIOR_PAIRS * defaultRepeatRate(category)) / (bought + PRIOR_PAIRS);
}

/** Whether a product that was bought is worth showing again: the repeat rate of its category is at least 0.05. */
export function isRepeatable(rate: number): boolean {
  return rate >= LEAST_RATE;
}
