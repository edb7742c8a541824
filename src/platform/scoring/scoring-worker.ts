import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { TopK } from '../../ml/math/top-k.js';
import { ScoringPoolError, type ScoringModel, type ScoringTask } from '../../ports/scoring-pool.js';
import type { ScoringAnswer, ScoringOrder } from './scoring-message.js';

/**
 * Versions that serve one after the other, or beside each other: each takes its memory in every thread. A thread is
 * not asked to forget one: the memory of a kernel weighs nothing to its garbage collector, which would not come.
 */
const MODELS_PER_THREAD = 2;

interface Waiting {
  readonly modelId: string;
  readonly resolve: (results: readonly TopK[]) => void;
  readonly reject: (error: ScoringPoolError) => void;
}

/** One thread of the pool. */
export class ScoringWorker {
  private readonly worker = new Worker(threadEntry());
  private readonly waiting = new Map<number, Waiting>();
  /** Models that the thread has been given and did not fail to load. */
  private readonly models = new Set<string>();
  private nextId = 0;
  private failure: ScoringPoolError | undefined;
  private isRetired = false;

  constructor() {
    this.worker.on('message', (answer: ScoringAnswer) => this.settle(answer));
    this.worker.on('error', (error) => this.fail(`A scoring thread failed: ${error.message}`));
    this.worker.on('exit', (code) => this.fail(`A scoring thread ended with code ${code}.`));
    // an idle thread does not keep a process alive
    this.worker.unref();
  }

  /** Tasks given and not answered yet, in orders. */
  get load(): number {
    return this.waiting.size;
  }

  get hasEnded(): boolean {
    return this.failure !== undefined;
  }

  /** Whether it has a model, or room for it. */
  canTake(modelId: string): boolean {
    return this.models.has(modelId) || this.models.size < MODELS_PER_THREAD;
  }

  async rank(model: ScoringModel, tasks: readonly ScoringTask[]): Promise<readonly TopK[]> {
    if (this.failure) throw this.failure;
    this.nextId += 1;
    const isKnown = this.models.has(model.id);
    const order: ScoringOrder = {
      id: this.nextId,
      modelId: model.id,
      model: isKnown ? undefined : model,
      tasks,
    };
    this.models.add(model.id);
    return new Promise((resolve, reject) => {
      this.waiting.set(order.id, { modelId: model.id, resolve, reject });
      this.worker.ref();
      this.worker.postMessage(order, []);
    });
  }

  /** Ends the thread as soon as it has answered what it was asked; it is asked no more. */
  retire(): void {
    this.isRetired = true;
    if (this.waiting.size === 0) void this.close();
  }

  async close(): Promise<void> {
    this.fail('The pool is closed.');
    await this.worker.terminate();
  }

  private settle(answer: ScoringAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) {
      this.worker.unref();
      if (this.isRetired) void this.close();
    }
    if (!waiting) return;
    if ('results' in answer) {
      waiting.resolve(answer.results);
      return;
    }
    this.models.delete(waiting.modelId); // as the thread does
    waiting.reject(new ScoringPoolError(answer.message));
  }

  private fail(message: string): void {
    this.failure ??= new ScoringPoolError(message);
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
  }
}

/** The compiled thread entry: beside this file in dist, or in dist when this file runs as TypeScript under Jest. */
function threadEntry(): URL {
  const beside = new URL('./scoring-thread.js', import.meta.url);
  if (existsSync(fileURLToPath(beside))) return beside;
  return new URL('../../../dist/src/platform/scoring/scoring-thread.js', import.meta.url);
}
