import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  createPostgresBackend,
  createRedisBackend,
  WaitingError,
  withBackend,
  type Job,
  type PostgresConnectionOptions,
} from 'bullmq';

import { AppConfig } from '../../config/app-config.js';
import { SHUTDOWN, TrainingQueue, type TrainingJobHandler } from '../../ports/training-queue.js';
import { Database } from '../database/database.js';

const NAME = 'training';
const LOCK_MS = 5_000;
const MAX_CRASHES = 5;
const PREFIX = 'almanac';

interface QueuedJob {
  readonly jobId: string;
}

const onPostgres = withBackend(createPostgresBackend);
const onRedis = withBackend(createRedisBackend);
type Queue = InstanceType<typeof onPostgres.Queue> | InstanceType<typeof onRedis.Queue>;

/** What is asked of a worker once it runs: the same on both backends. */
interface RunningWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
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
        : new onRedis.Queue(NAME, { connection: { url: redisUrl }, prefix: PREFIX });
    this.queue.on('error', (error) => this.logger.warn(`Training queue: ${error.message}`));
  }

  async enqueue(jobId: string, attempt: number): Promise<void> {
    const payload: QueuedJob = { jobId };
    await this.queue.add('train', payload, {
      jobId: queueId(jobId, attempt),
      removeOnComplete: true,
      removeOnFail: true,
    });
  }

  async remove(jobId: string, attempt: number): Promise<void> {
    const job = await this.queue.getJob(queueId(jobId, attempt));
    await job?.remove().catch(() => undefined); // locked: it runs, and its handler sees the row
  }

  async holds(jobId: string, attempt: number): Promise<boolean> {
    return (await this.queue.getJob(queueId(jobId, attempt))) !== undefined;
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
        : new onRedis.Worker(NAME, run, { ...options, connection: redisForWorker(redisUrl), prefix: PREFIX });
    worker.on('error', (error) => this.logger.warn(`Training worker: ${error.message}`));
    this.worker = worker;
    await worker.waitUntilReady();
  }

  async stopWorking(): Promise<void> {
    for (const controller of this.running) controller.abort(SHUTDOWN);
    await this.worker?.close();
    this.worker = undefined;
  }

  async ping(): Promise<void> {
    await this.queue.getGlobalConcurrency();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stopWorking();
    await this.queue.close();
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

/** A worker waits for jobs with a command that blocks, which must not count as one that failed. */
function redisForWorker(url: string): { readonly url: string; readonly maxRetriesPerRequest: null } {
  return { url, maxRetriesPerRequest: null };
}

/** BullMQ never runs one id twice, so every attempt has its own. */
function queueId(jobId: string, attempt: number): string {
  return `${jobId}-${attempt}`;
}
