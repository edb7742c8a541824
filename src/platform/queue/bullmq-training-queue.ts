import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  createPostgresBackend,
  createRedisBackend,
  WaitingError,
  withBackend,
  type Job,
  type PostgresConnectionOptions,
  type RedisOptions,
} from 'bullmq';

import { AppConfig } from '../../config/app-config.js';
import { SHUTDOWN, TrainingQueue, type TrainingJobHandler } from '../../ports/training-queue.js';
import { Database } from '../database/database.js';

const NAME = 'training';
const LOCK_MS = 5_000;
/** BullMQ itself waits for ever for a Redis that is away. */
const ANSWER_MS = 2_000;
const LONGEST_RETRY_MS = 2_000;
const MAX_CRASHES = 5;
const PREFIX = 'almanac';

interface QueuedJob {
  readonly jobId: string;
}

const onPostgres = withBackend(createPostgresBackend);
const onRedis = withBackend(createRedisBackend);
type Queue = InstanceType<typeof onPostgres.Queue> | InstanceType<typeof onRedis.Queue>;

/** What is asked of a worker once it runs: the same on both backends. */
interface RunningWorker extends Closable {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
}

interface Closable {
  /** Ends in good order, which takes an answer of the backend. */
  close(): Promise<void>;
  /** Ends without one. */
  disconnect(): Promise<void>;
}

/**
 * The training queue on BullMQ: in the PostgreSQL schema `bullmq`, or in Redis when REDIS_URL is set.
 *
 * A worker that dies loses its lock after 5 s and another picks the job up. A job whose worker died
 * five times is given up by BullMQ; the reconciler of the training module then says so in its row.
 */
@Injectable()
export class BullmqTrainingQueue extends TrainingQueue implements OnApplicationShutdown {
  private readonly logger = new Logger(BullmqTrainingQueue.name);
  private readonly queue: Queue;
  private worker: RunningWorker | undefined;
  private readonly running = new Set<AbortController>();

  constructor(
    private readonly database: Database,
    private readonly config: AppConfig,
  ) {
    super();
    const { redisUrl } = config;
    this.queue =
      redisUrl === undefined
        ? new onPostgres.Queue(NAME, { connection: this.postgres(3) })
        : new onRedis.Queue(NAME, { connection: redisConnection(redisUrl), prefix: PREFIX });
    this.queue.on('error', (error) => this.logger.warn(`Training queue: ${error.message}`));
  }

  async enqueue(jobId: string, attempt: number): Promise<void> {
    const payload: QueuedJob = { jobId };
    const options = { jobId: queueId(jobId, attempt), removeOnComplete: true, removeOnFail: true };
    await answered(this.queue.add('train', payload, options));
  }

  async remove(jobId: string, attempt: number): Promise<void> {
    const job = await answered(this.queue.getJob(queueId(jobId, attempt)));
    await job?.remove().catch(() => undefined); // locked: it runs, and its handler sees the row
  }

  async holds(jobId: string, attempt: number): Promise<boolean> {
    return (await answered(this.queue.getJob(queueId(jobId, attempt)))) !== undefined;
  }

  async work(handler: TrainingJobHandler, concurrency: number): Promise<void> {
    await this.queue.setGlobalConcurrency(concurrency);
    const run = async (job: Job, token?: string): Promise<void> => this.handle(job, token, handler);
    const options = {
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS,
      maxStalledCount: MAX_CRASHES,
    };
    const { redisUrl } = this.config;
    const worker: RunningWorker =
      redisUrl === undefined
        ? new onPostgres.Worker(NAME, run, { ...options, connection: this.postgres(3 + concurrency) })
        : // it waits for jobs with a command that blocks, which must not count as one that failed
          new onRedis.Worker(NAME, run, {
            ...options,
            connection: { ...redisConnection(redisUrl), maxRetriesPerRequest: null },
            prefix: PREFIX,
          });
    worker.on('error', (error) => this.logger.warn(`Training worker: ${error.message}`));
    this.worker = worker;
    await worker.waitUntilReady();
  }

  async stopWorking(): Promise<void> {
    for (const controller of this.running) controller.abort(SHUTDOWN);
    const { worker } = this;
    this.worker = undefined;
    if (worker)
      await this.end(worker, this.running.size > 0 ? this.config.shutdownSeconds * 1000 : ANSWER_MS);
  }

  async ping(): Promise<void> {
    await this.queue.getGlobalConcurrency();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stopWorking();
    await this.end(this.queue, ANSWER_MS);
  }

  /** A queue that is away must not keep a process from ending: what it still holds is given back by its locks. */
  private async end(ended: Closable, timeoutMs: number): Promise<void> {
    try {
      await answered(ended.close(), timeoutMs);
    } catch (error) {
      this.logger.warn(`The training queue was cut off: ${String(error)}`);
      // not awaited: it waits for a first connection too
      ended.disconnect().catch(() => undefined);
    }
  }

  private async handle(job: Job, token: string | undefined, handler: TrainingJobHandler): Promise<void> {
    const controller = new AbortController();
    this.running.add(controller);
    try {
      const { jobId } = job.data as QueuedJob; // written by enqueue
      await handler(jobId, controller.signal);
    } catch (error) {
      if (error !== SHUTDOWN) throw error;
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      this.running.delete(controller);
    }
  }

  private postgres(max: number): PostgresConnectionOptions {
    return { connectionString: this.database.url, schema: 'bullmq', migrate: true, max };
  }
}

/** @throws Error when the queue does not answer in time; it may still do what it was asked. */
async function answered<T>(request: Promise<T>, timeoutMs = ANSWER_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The queue did not answer within ${timeoutMs} ms.`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([request, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** A Redis that comes back is found within two seconds; BullMQ's own pauses grow to twenty. */
function redisConnection(url: string): RedisOptions & { readonly url: string } {
  return { url, retryStrategy: (times) => Math.min(100 * times, LONGEST_RETRY_MS) };
}

/** BullMQ never runs one id twice, so every attempt has its own. */
function queueId(jobId: string, attempt: number): string {
  return `${jobId}-${attempt}`;
}
