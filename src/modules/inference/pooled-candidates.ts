import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { yieldToEventLoop } from '../../ml/core/event-loop.js';
import type { TopK } from '../../ml/math/top-k.js';
import { ScoringPool, ScoringPoolError, type ScoringTask } from '../../ports/scoring-pool.js';
import type { CandidateFinder } from './candidate-finder.js';
import type { CandidateQuery, Candidates } from './candidates.js';
import type { CatalogIndex } from './catalog-index.js';
import type { LoadedRecommender } from './loaded-recommender.js';

/** Few, so that the answers of a batch come one after the other and are not all finished in one turn. */
const TASKS_PER_CALL = 8;

interface PendingTask {
  readonly task: ScoringTask;
  readonly resolve: (ranked: TopK) => void;
  readonly reject: (error: unknown) => void;
}

/** Finds candidates away from the event loop: what is asked in one turn of it goes to the threads together. */
@Injectable()
export class PooledCandidates implements CandidateFinder, OnModuleDestroy {
  private readonly logger = new Logger(PooledCandidates.name);
  private readonly pending = new Map<LoadedRecommender, PendingTask[]>();
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly pool: ScoringPool) {}

  async onModuleDestroy(): Promise<void> {
    await this.pool.close();
  }

  /** An index is searched on the event loop: one search a turn of it. */
  async prepare(recommender: LoadedRecommender): Promise<void> {
    if (!recommender.hasIndex) return;
    this.turn = this.turn.then(yieldToEventLoop);
    await this.turn;
  }

  async find(
    recommender: LoadedRecommender,
    catalog: CatalogIndex,
    query: CandidateQuery,
  ): Promise<Candidates> {
    // faster than the threads could score everything
    if (recommender.hasIndex) return recommender.candidates(catalog, query);
    const products = recommender.productsIn(catalog);
    const excluded = excludedItems(products, query.forbidden);
    const { forbidden: _forbidden, ...rest } = query;
    try {
      const { indices, scores } = await this.rank(recommender, { ...rest, excluded });
      return { products: indices.map((item) => products[item]!), scores }; // items of the model
    } catch (error) {
      if (!(error instanceof ScoringPoolError)) throw error;
      this.logger.warn(`A batch is scored on the event loop: ${error.message}`);
      await yieldToEventLoop();
      const forbidden = new Uint8Array(catalog.products.length).fill(1);
      excluded.forEach((isExcluded, item) => {
        if (isExcluded === 0) forbidden[products[item]!] = 0;
      });
      return recommender.candidates(catalog, { ...rest, forbidden });
    }
  }

  private async rank(recommender: LoadedRecommender, task: ScoringTask): Promise<TopK> {
    return new Promise((resolve, reject) => {
      const tasks = this.pending.get(recommender) ?? [];
      tasks.push({ task, resolve, reject });
      this.pending.set(recommender, tasks);
      if (tasks.length === TASKS_PER_CALL) this.send(recommender);
      else if (tasks.length === 1) setImmediate(() => this.send(recommender));
    });
  }

  private send(recommender: LoadedRecommender): void {
    const tasks = this.pending.get(recommender) ?? [];
    this.pending.delete(recommender);
    if (tasks.length === 0) return;
    const orders = tasks.map(({ task }) => task);
    this.pool.rank(recommender.scoringModel, orders).then(
      (ranked) => tasks.forEach(({ resolve }, i) => resolve(ranked[i]!)), // one for each task
      (error: unknown) => tasks.forEach(({ reject }) => reject(error)),
    );
  }
}

/** Marks items whose product is forbidden or not in the catalogue. Shape (items). */
function excludedItems(products: Int32Array, forbidden: Uint8Array): Uint8Array {
  const excluded = new Uint8Array(products.length);
  // hot: once a request of a batch over all items
  for (let item = 0; item < products.length; item += 1) {
    const product = products[item]!;
    excluded[item] = product < 0 ? 1 : forbidden[product]!;
  }
  return excluded;
}
