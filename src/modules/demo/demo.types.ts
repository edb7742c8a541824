import type { MarketplaceOptions } from './simulator/marketplace.types.js';

/** Anything that is not given has the default of DEFAULT_MARKETPLACE; `until` is the last midnight UTC. */
export type DemoOptions = Partial<MarketplaceOptions>;

export interface DemoProgress {
  readonly step: 'simulate' | 'write';
  /** Rows written so far and in all; 0 and 0 while simulating. */
  readonly done: number;
  readonly total: number;
}

export interface DemoSummary {
  readonly farms: number;
  readonly users: number;
  readonly products: number;
  readonly orders: number;
  readonly orderLines: number;
  readonly events: number;
  readonly priceChanges: number;
  readonly stockLevels: number;
  readonly simulateSeconds: number;
  readonly writeSeconds: number;
}
