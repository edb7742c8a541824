import { simulateHistory } from './history.js';
import { simulateInterest } from './interest.js';
import type { EventColumns, History, MarketplaceOptions, World } from './marketplace.types.js';
import { computeAtOnce, type Steps } from './steps.js';
import { createWorld } from './world.js';

/** A simulated marketplace: its world, what was bought in it and what was looked at. */
export interface Marketplace {
  readonly world: World;
  readonly history: History;
  readonly events: EventColumns;
}

/** About the size of a busy regional shop; `until` is set by the caller. */
export const DEFAULT_MARKETPLACE: Omit<MarketplaceOptions, 'until'> = {
  farms: 60,
  products: 800,
  customers: 2000,
  orderLines: 150_000,
  years: 2,
  seed: 20_260_101,
};

/**
 * Simulates a marketplace. Pure: the same options give the same result, to the last byte.
 *
 * @example
 * const { world, history } = simulateMarketplace({ ...DEFAULT_MARKETPLACE, until: Date.UTC(2026, 0, 1) });
 * const truth = trueUtility(world, { customer: 0, product: 0, at: world.start });
 */
export function simulateMarketplace(options: MarketplaceOptions): Marketplace {
  return computeAtOnce(marketplaceSteps(options));
}

/** The same in steps, for `computeInSlices`. */
export function* marketplaceSteps(options: MarketplaceOptions): Steps<Marketplace> {
  const world = yield* createWorld(options);
  const history = yield* simulateHistory(world);
  return { world, history, events: yield* simulateInterest(world, history) };
}
