import { Injectable } from '@nestjs/common';

import { DemoRepository } from './demo.repository.js';
import { InvalidMarketplaceOptionError, MarketplaceNotEmptyError } from './demo.errors.js';
import { layOut } from './demo-rows.js';
import type { DemoOptions, DemoProgress, DemoSummary } from './demo.types.js';
import { DEFAULT_MARKETPLACE, marketplaceSteps } from './simulator/marketplace.js';
import { DAY_MS, type MarketplaceOptions } from './simulator/marketplace.types.js';
import { computeInSlices } from './simulator/steps.js';

/** Fills an empty database with the simulated marketplace of docs/demo-marketplace.md. */
@Injectable()
export class DemoService {
  constructor(private readonly repository: DemoRepository) {}

  /** Whether there are neither users nor products, so that `seed` may write. */
  async isMarketplaceEmpty(): Promise<boolean> {
    return this.repository.isMarketplaceEmpty();
  }

  /** Whether the marketplace in the database is the simulated one. */
  async isDemo(): Promise<boolean> {
    return this.repository.isDemo();
  }

  /**
   * Simulates a marketplace and writes all of it, or nothing.
   *
   * @throws MarketplaceNotEmptyError when users or products exist; InvalidMarketplaceOptionError.
   */
  async seed(options: DemoOptions = {}, onProgress?: (progress: DemoProgress) => void): Promise<DemoSummary> {
    const complete = completeOptions(options);
    if (!(await this.isMarketplaceEmpty())) throw new MarketplaceNotEmptyError();

    onProgress?.({ step: 'simulate', done: 0, total: 0 });
    const started = performance.now();
    // in slices: the service answers probes and requests meanwhile
    const marketplace = await computeInSlices(marketplaceSteps(complete));
    const tables = await computeInSlices(layOut(marketplace));
    const simulated = performance.now();

    const total = tables.reduce((sum, { count }) => sum + count, 0);
    let done = 0;
    const isWritten = await this.repository.write(tables, { ...complete }, (rows) => {
      done += rows;
      onProgress?.({ step: 'write', done, total });
    });
    if (!isWritten) throw new MarketplaceNotEmptyError();

    const countOf = (name: string): number => tables.find(({ table }) => table === name)?.count ?? 0;
    return {
      farms: countOf('farms'),
      users: countOf('users'),
      products: countOf('products'),
      orders: countOf('orders'),
      orderLines: countOf('order_lines'),
      events: countOf('events'),
      priceChanges: countOf('price_changes'),
      stockLevels: countOf('stock_levels'),
      simulateSeconds: (simulated - started) / 1000,
      writeSeconds: (performance.now() - simulated) / 1000,
    };
  }
}

const MINIMA: Readonly<Record<keyof Omit<MarketplaceOptions, 'until'>, number>> = {
  farms: 1,
  products: 1,
  customers: 1,
  orderLines: 0,
  years: 0.1,
  seed: 0,
};

function completeOptions(options: DemoOptions): MarketplaceOptions {
  const lastMidnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const complete = { ...DEFAULT_MARKETPLACE, until: lastMidnight, ...options };
  for (const name of Object.keys(MINIMA) as (keyof typeof MINIMA)[]) {
    const value = complete[name];
    const isValid = name === 'years' ? Number.isFinite(value) : Number.isSafeInteger(value);
    if (!isValid || value < MINIMA[name]) {
      const expected = `${name === 'years' ? 'a number' : 'an integer'} ≥ ${MINIMA[name]}`;
      throw new InvalidMarketplaceOptionError(name, expected, value);
    }
  }
  if (complete.until % DAY_MS !== 0) {
    throw new InvalidMarketplaceOptionError('until', 'a midnight UTC in epoch milliseconds', complete.until);
  }
  return complete;
}
