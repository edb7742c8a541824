import type { Interactions } from '../../src/ml/core/interactions.js';
import { topK } from '../../src/ml/math/top-k.js';
import { DEFAULT_MARKETPLACE, simulateMarketplace } from '../../src/modules/demo/simulator/marketplace.js';
import { DAY_MS, type History, type World } from '../../src/modules/demo/simulator/marketplace.types.js';
import { trueUtility } from '../../src/modules/demo/simulator/truth.js';
import {
  accuracyRow,
  fitCandidate,
  type AccuracyRow,
  type Candidate,
  type FitOptions,
} from './accuracy-row.js';
import { say } from './report.js';

const DATA = 'demo_marketplace';
const LIST_LENGTH = 10;
/** Any midnight: the simulated time ends there. Spring, so that seasons matter. */
const UNTIL = Date.UTC(2026, 4, 15);
const MONTHS_IN_SEASON = 3;

/**
 * How many of the ten products that the simulator's laws make a customer most likely to choose on the last day are
 * among the ten recommended: mean recall@10 over customers with an order. Models are trained on all orders and see
 * neither laws nor tastes. Everybody, popularity too, may only name what is on sale that day.
 */
export async function demoAccuracy(
  candidates: readonly Candidate[],
  options: FitOptions,
): Promise<AccuracyRow[]> {
  say('Simulating the demo marketplace …');
  const { world, history } = simulateMarketplace({ ...DEFAULT_MARKETPLACE, until: UNTIL });
  const interactions = interactionsOf(history, world);
  const truth = new Truth(world, history);
  const inSeason = popularityInSeason(history, world);
  const rows = [accuracyRow(DATA, 'popularity in season', { recall10: truth.recall(() => inSeason) })];
  for (const candidate of candidates) {
    const { model, trainSeconds } = await fitCandidate(candidate, interactions, options);
    const out = new Float32Array(model.itemCount);
    const recall10 = truth.recall((customer) => model.scoreAll(customer, out, truth.at));
    rows.push(accuracyRow(DATA, candidate.name, { recall10 }, trainSeconds));
  }
  return rows;
}

/** What customers would choose on the last simulated day. */
class Truth {
  readonly at: number;
  /** 1 for what is not on sale. Shape (products). */
  private readonly mask: Uint8Array;
  private readonly best = new Map<number, ReadonlySet<number>>();

  constructor(world: World, history: History) {
    this.at = world.start + (world.days - 1) * DAY_MS;
    const utilities = new Float32Array(world.products.length);
    this.mask = Uint8Array.from(world.products, (_, product) =>
      trueUtility(world, { customer: 0, product, at: this.at }) === -Infinity ? 1 : 0,
    );
    for (const [customer, habits] of habitsOf(history)) {
      for (let product = 0; product < utilities.length; product += 1) {
        const pastPurchases = habits.get(product) ?? 0;
        utilities[product] = trueUtility(world, { customer, product, at: this.at, pastPurchases });
      }
      this.best.set(customer, new Set(topK(utilities, LIST_LENGTH, this.mask).indices));
    }
  }

  recall(scoresOf: (customer: number) => Float32Array): number {
    let sum = 0;
    for (const [customer, best] of this.best) {
      const { indices } = topK(scoresOf(customer), LIST_LENGTH, this.mask);
      sum += indices.filter((product) => best.has(product)).length / best.size;
    }
    return sum / this.best.size;
  }
}

/** Orders of each customer that held each product. */
function habitsOf({ orders }: History): Map<number, Map<number, number>> {
  const habits = new Map<number, Map<number, number>>();
  orders.customer.forEach((customer, order) => {
    const own = habits.get(customer) ?? new Map<number, number>();
    const products = new Set(
      orders.lineProduct.subarray(orders.lineStart[order], orders.lineStart[order + 1]),
    );
    for (const product of products) own.set(product, (own.get(product) ?? 0) + 1);
    habits.set(customer, own);
  });
  return habits;
}

/** Each order line as a row. */
function interactionsOf({ orders }: History, world: World): Interactions {
  const rowCount = orders.lineProduct.length;
  const users = new Int32Array(rowCount);
  const timestamps = new Float64Array(rowCount);
  orders.customer.forEach((customer, order) => {
    users.fill(customer, orders.lineStart[order], orders.lineStart[order + 1]);
    timestamps.fill(orders.at[order]!, orders.lineStart[order], orders.lineStart[order + 1]); // one time an order
  });
  const { customers, products } = world;
  return {
    userCount: customers.length,
    itemCount: products.length,
    users,
    items: orders.lineProduct,
    timestamps,
  };
}

/** Purchases in the month of the last day and the two beside it, over all years. Shape (products). */
function popularityInSeason({ orders }: History, world: World): Float32Array {
  const month = new Date(world.start + (world.days - 1) * DAY_MS).getUTCMonth();
  const counts = new Float32Array(world.products.length);
  orders.at.forEach((at, order) => {
    const apart = (new Date(at).getUTCMonth() - month + 13) % 12;
    if (apart >= MONTHS_IN_SEASON) return;
    for (const product of orders.lineProduct.subarray(orders.lineStart[order], orders.lineStart[order + 1])) {
      counts[product]! += 1; // products are indices
    }
  });
  return counts;
}
