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
      this.leastLoaded().rank(model, tasks.slice(i * TASKS_PER_ORDER, (i + 1) * TASKS_PER_ORDER)),
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

  private leastLoaded(): ScoringWorker {
    this.workers = this.workers.filter(({ hasEnded }) => !hasEnded);
    const [first, ...others] = this.workers;
    const free = others.reduce((best, worker) => (best && worker.load < best.load ? worker : best), first);
    if (free && (free.load === 0 || this.workers.length >= this.threadCount)) return free;
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
    const { workers } = this;
    this.workers = [];
    await Promise.all(workers.map(async (worker) => worker.close()));
  }
}
