import { drawNormal, type Random } from '../../../ml/core/random.js';
import type { ChoiceWeights } from './choice.js';
import { searchCumulative } from './distributions.js';
import { BASKET_MEAN, meanQuantity } from './laws.js';
import { DAY_MS, type StockColumns, type World } from './marketplace.types.js';
import type { Steps } from './steps.js';

const SAMPLED_CUSTOMERS = 64;

/**
 * Holds what each farm harvested for the week, and writes down every restock and every sell-out.
 *
 * Farmers guess next week's demand from a sample of customers and from last week, with a safety margin
 * and an error: some weeks they bring too little.
 */
export class Stockroom {
  readonly quantity: Float64Array;
  private readonly product: number[] = [];
  private readonly at: number[] = [];
  private readonly level: number[] = [];

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {
    this.quantity = new Float64Array(world.products.length);
  }

  /** Replaces what is left by the harvest of a new week; what is out of season goes to 0. */
  restock(week: number, guess: Float64Array): void {
    const time = this.world.start + week * 7 * DAY_MS;
    for (let product = 0; product < guess.length; product++) {
      const mean = guess[product]!; // in range
      const margin = 1.5 * mean + 2 * Math.sqrt(mean) + 1;
      const harvest = mean > 0 ? Math.ceil(margin * Math.exp(0.3 * drawNormal(this.random))) : 0;
      if (harvest > 0 || this.quantity[product]! > 0) this.record(product, time, harvest);
      this.quantity[product] = harvest;
    }
  }

  /** Takes up to `wanted`. @returns What there was. */
  take(product: number, wanted: number, time: number): number {
    const before = this.quantity[product] ?? 0;
    const taken = Math.min(wanted, before);
    this.quantity[product] = before - taken;
    if (taken > 0 && before === taken) this.record(product, time, 0);
    return taken;
  }

  columns(): StockColumns {
    return {
      product: Int32Array.from(this.product),
      at: Float64Array.from(this.at),
      quantity: Float64Array.from(this.level),
    };
  }

  private record(product: number, time: number, quantity: number): void {
    this.product.push(product);
    this.at.push(time);
    this.level.push(quantity);
  }
}

interface GuessInput {
  readonly world: World;
  readonly choice: ChoiceWeights;
  readonly week: number;
  /** Orders that will be placed in the week. */
  readonly orderCount: number;
  /** Shape (products, weeks); weeks before `week` are known. */
  readonly meanDemand: Float64Array;
}

/** Guesses the quantity of each product that a week will ask for, a step a sample. Shape (products). */
export function* guessDemand(
  { world, choice, week, orderCount, meanDemand }: GuessInput,
  random: Random,
): Steps<Float64Array> {
  const guess = new Float64Array(world.products.length);
  // a product that comes into season within the week is harvested for it
  for (const day of [week * 7, Math.min(week * 7 + 6, world.days - 1)]) {
    choice.moveTo(day);
    const present = world.customers.filter(({ joinDay }) => joinDay <= day);
    const activity = cumulativeActivity(present.map((customer) => customer.activity));
    for (let sample = 0; sample < SAMPLED_CUSTOMERS; sample++) {
      const target = random() * (activity[present.length - 1] ?? 0);
      const total = choice.compute(searchCumulative(activity, present.length, target));
      for (let i = 0; i < choice.count; i++) guess[choice.products[i]!]! += choice.weights[i]! / total; // in range
      yield;
    }
  }
  return guess.map((share, product) => {
    if (share === 0) return 0;
    const quantity = meanQuantity(world.products[product]!); // in range
    const fromSample = (share / (2 * SAMPLED_CUSTOMERS)) * orderCount * BASKET_MEAN * quantity;
    const lastWeek = week > 0 ? (meanDemand[product * world.weeks + week - 1] ?? 0) : 0;
    return Math.max(fromSample, lastWeek);
  });
}

function cumulativeActivity(weights: readonly number[]): Float64Array {
  let sum = 0;
  return Float64Array.from(weights, (weight) => (sum += weight));
}
