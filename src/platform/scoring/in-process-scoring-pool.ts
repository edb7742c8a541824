import { yieldToEventLoop } from '../../ml/core/event-loop.js';
import type { KernelRuntime } from '../../ml/kernels/kernel-runtime.js';
import type { TopK } from '../../ml/math/top-k.js';
import {
  ScoringPool,
  ScoringPoolError,
  type ScoringModel,
  type ScoringTask,
} from '../../ports/scoring-pool.js';
import { loadScorer } from './model-scorer.js';

/** Ranks on the event loop, which turns between tasks: for a machine with one core, and for tests. */
export class InProcessScoringPool extends ScoringPool {
  private isClosed = false;

  constructor(private readonly kernels: KernelRuntime) {
    super();
  }

  async rank(model: ScoringModel, tasks: readonly ScoringTask[]): Promise<readonly TopK[]> {
    const results: TopK[] = [];
    try {
      const rank = loadScorer(model, this.kernels);
      for (const task of tasks) {
        if (this.isClosed) throw new ScoringPoolError('The pool is closed.');
        results.push(rank(task));
        await yieldToEventLoop();
      }
    } catch (error) {
      throw error instanceof ScoringPoolError ? error : new ScoringPoolError(String(error), { cause: error });
    }
    return results;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
