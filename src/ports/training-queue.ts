/** Why a running job is aborted when its worker stops: a handler that rejects with it gets the job back later. */
export const SHUTDOWN = Symbol('shutdown');

/** Runs one job to its end; resolves when nothing more is to be done for it. Must be idempotent. */
export type TrainingJobHandler = (jobId: string, signal: AbortSignal) => Promise<void>;

/**
 * Hands ids of training jobs to workers: durable, at least once, never two at a time for one id.
 *
 * The row in `ml_training_jobs` is the truth; what is queued here is only its id. A job that is
 * picked up although its row has ended is dropped by the handler.
 */
export abstract class TrainingQueue {
  /**
   * Resolves once the id is stored. Adding an id and attempt that wait or run already changes nothing.
   *
   * @throws when the queue does not answer within two seconds, as `remove` and `holds` do. It may do it later.
   */
  abstract enqueue(jobId: string, attempt: number): Promise<void>;

  /** Takes a waiting id out; one that runs already is left alone. */
  abstract remove(jobId: string, attempt: number): Promise<void>;

  /** Whether the id waits or runs. */
  abstract holds(jobId: string, attempt: number): Promise<boolean>;

  /** Starts to take jobs, at most `concurrency` at once over all replicas. */
  abstract work(handler: TrainingJobHandler, concurrency: number): Promise<void>;

  /** Takes no more jobs, aborts the running ones with the reason `SHUTDOWN` and gives them back. */
  abstract stopWorking(): Promise<void>;

  /** @throws when the queue cannot be reached. */
  abstract ping(): Promise<void>;
}
