import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  createPostgresBackend,
  WaitingError,
  withBackend,
  type Job,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
} from 'bullmq';

import { SHUTDOWN, TrainingQueue, type TrainingJobHandler } from '../../ports/training-queue.js';
import { Database } from '../database/database.js';

const NAME = 'training';
const LOCK_MS = 5_000;
const MAX_CRASHES = 5;

interface QueuedJob {
  readonly jobId: string;
}

const postgres = withBackend<PostgresQueueBackend, PostgresConnectionOptions>(createPostgresBackend);
type JobQueue = InstanceType<typeof postgres.Queue>;
type JobWorker = InstanceType<typeof postgres.Worker>;

/**
 * The training queue on BullMQ, kept in the PostgreSQL schema `bullmq`.
 *
 * A worker that dies loses its lock after 5 s and another picks the job up. A job whose worker died
 * five times is given up by BullMQ; the reconciler of the training module then says so in its row.
 */
@Injectable()
export class BullmqTrainingQueue extends TrainingQueue implements OnApplicationShutdown {
  private readonly logger = new Logger(BullmqTrainingQueue.name);
  private readonly queue: JobQueue;
  private worker: JobWorker | undefined;
  private readonly running = new Set<AbortController>();

  constructor(private readonly database: Database) {
    super();
    this.queue = new postgres.Queue(NAME, { connection: this.connection(3) });
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
    this.worker = new postgres.Worker(
      NAME,
      async (job: Job, token?: string) => this.handle(job, token, handler),
      {
        connection: this.connection(3 + concurrency),
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS,
        maxStalledCount: MAX_CRASHES,
      },
    );
    this.worker.on('error', (error) => this.logger.warn(`Training worker: ${error.message}`));
    await this.worker.waitUntilReady();
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

  private connection(max: number): PostgresConnectionOptions {
    return { connectionString: this.database.url, schema: 'bullmq', migrate: true, max };
  }
}

/** BullMQ never runs one id twice, so every attempt has its own. */
function queueId(jobId: string, attempt: number): string {
  return `${jobId}-${attempt}`;
}
