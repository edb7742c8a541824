import type { TopK } from '../../ml/math/top-k.js';
import {
  ScoringPool,
  ScoringPoolError,
  type ScoringModel,
  type ScoringTask,
} from '../../ports/scoring-pool.js';
import { ScoringWorker } from './scoring-worker.js';

/** Few enough that threads end at about the same time, enough that a message costs little beside its work. */
const TASKS_PER_ORDER = 8;
/** Threads that have had nothing to do for so long give their memory back. */
const IDLE_MS = 60_000;

/** Ranks on threads, which start with the first task and end when there were none for a while. */
export class WorkerScoringPool extends ScoringPool {
  private workers: ScoringWorker[] = [];
  /** Those that end when they have answered. */
  private retiring: ScoringWorker[] = [];
  private idle: NodeJS.Timeout | undefined;
  private isClosed = false;

  /** @param threadCount Integer ≥ 1. */
  constructor(
    private readonly threadCount: number,
    private readonly idleMs = IDLE_MS,
  ) {
    super();
  }

  /** Threads that run at the moment. */
  get runningThreads(): number {
    return this.workers.length;
  }

  async rank(model: ScoringModel, tasks: readonly ScoringTask[]): Promise<readonly TopK[]> {
    if (this.isClosed) throw new ScoringPoolError('The pool is closed.');
    clearTimeout(this.idle);
    const orders = Array.from({ length: Math.ceil(tasks.length / TASKS_PER_ORDER) }, async (_, i) =>
      this.workerFor(model.id).rank(model, tasks.slice(i * TASKS_PER_ORDER, (i + 1) * TASKS_PER_ORDER)),
    );
    try {
      return (await Promise.all(orders)).flat();
    } finally {
      this.endWhenIdle();
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.endThreads();
  }

  /** The least loaded thread that has the model or room for it; a new one where that is better or needed. */
  private workerFor(modelId: string): ScoringWorker {
    this.workers = this.workers.filter(({ hasEnded }) => !hasEnded);
    const able = leastLoaded(this.workers.filter((worker) => worker.canTake(modelId)));
    if (able && (able.load === 0 || this.workers.length >= this.threadCount)) return able;
    if (this.workers.length >= this.threadCount) {
      // all are full of other models: the least busy one gives its place up
      const full = leastLoaded(this.workers);
      full?.retire();
      this.retiring = [...this.retiring, ...(full ? [full] : [])].filter(({ hasEnded }) => !hasEnded);
      this.workers = this.workers.filter((worker) => worker !== full);
    }
    const started = new ScoringWorker();
    this.workers.push(started);
    return started;
  }

  private endWhenIdle(): void {
    clearTimeout(this.idle);
    if (this.isClosed || this.workers.some(({ load }) => load > 0)) return;
    this.idle = setTimeout(() => void this.endThreads(), this.idleMs).unref();
  }

  private async endThreads(): Promise<void> {
    clearTimeout(this.idle);
    const workers = [...this.workers, ...this.retiring];
    this.workers = [];
    this.retiring = [];
    await Promise.all(workers.map(async (worker) => worker.close()));
  }
}

function leastLoaded(workers: readonly ScoringWorker[]): ScoringWorker | undefined {
  return workers.reduce<ScoringWorker | undefined>(
    (best, worker) => (best && best.load <= worker.load ? best : worker),
    undefined,
  );
}
