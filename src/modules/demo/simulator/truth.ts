import { ChoiceWeights } from './choice.js';
import { distanceUtility, HABIT_WEIGHT, isCertified, sharedUtility, tasteAffinity } from './laws.js';
import { DAY_MS, type History, type World } from './marketplace.types.js';

export interface Situation {
  /** Index of the customer: `user-1` is 0. */
  readonly customer: number;
  /** Index of the product: `product-1` is 0. */
  readonly product: number;
  /** Epoch milliseconds within the simulated time. */
  readonly at: number;
  /** Orders of this customer that held the product before. Default 0. */
  readonly pastPurchases?: number;
}

/**
 * The utility by which customers really choose: what a recommender tries to rank by.
 *
 * @returns −∞ when the product is not on sale that day. Stock is not looked at.
 */
export function trueUtility(world: World, { customer, product, at, pastPurchases = 0 }: Situation): number {
  const day = dayOf(world, at);
  const farm = world.products[product]?.farm ?? 0;
  const wish = world.customers[customer]?.organicWish ?? 0;
  const certified = isCertified(world.farms[farm]!, world.start + day * DAY_MS) ? wish : 0; // a product has a farm
  return (
    sharedUtility(world, product, day) +
    tasteAffinity(world, customer, product) +
    distanceUtility(world, customer, farm) +
    certified +
    HABIT_WEIGHT * Math.log(1 + pastPurchases)
  );
}

/** Probability that a wish of a customer without habits is for each product. Shape (products), sums to 1. */
export function trueChoiceProbabilities(world: World, customer: number, at: number): Float64Array {
  const choice = new ChoiceWeights(world);
  choice.moveTo(dayOf(world, at));
  const total = choice.compute(customer);
  const probabilities = new Float64Array(world.products.length);
  for (let i = 0; i < choice.count; i++) probabilities[choice.products[i]!] = choice.weights[i]! / total; // in range
  return probabilities;
}

/**
 * Percent by which the demand for a product falls when its price rises by one percent.
 *
 * The law's ε holds for utilities; the demand's own-price elasticity is ε · (1 − share), and shares are
 * below a percent or two.
 */
export function trueElasticity(world: World, product: number): number {
  return world.products[product]?.elasticity ?? Number.NaN;
}

/**
 * Mean quantity of a product that a week's customers would have bought had nothing been sold out.
 *
 * @param week Weeks since `world.start`; restocking happens at its first midnight.
 */
export function trueMeanDemand(world: World, history: History, product: number, week: number): number {
  return history.meanDemand[product * world.weeks + week] ?? Number.NaN;
}

function dayOf(world: World, at: number): number {
  const day = Math.floor((at - world.start) / DAY_MS);
  if (!(day >= 0 && day < world.days)) {
    throw new RangeError(`Time must be within the simulated ${world.days} days, received day ${day}.`);
  }
  return day;
}
