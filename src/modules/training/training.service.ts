import { Injectable, Logger } from '@nestjs/common';

import { InvalidParameterError } from '../../ml/core/errors.js';
import { AppConfig } from '../../config/app-config.js';
import { Notifications } from '../../ports/notifications.js';
import { TrainingQueue } from '../../ports/training-queue.js';
import { InteractionRepository } from './interaction.repository.js';
import { completeConfig, type RequestedConfig, type RequestedSearch } from './training-config.js';
import {
  NoTrainingDataError,
  TrainingJobEndedError,
  TrainingJobNotFoundError,
  TrainingJobNotRetryableError,
  TrainingModelRemovedError,
} from './training.errors.js';
import { TrainingRepository, type JobFilter } from './training.repository.js';
import type { JobTransition, TrainingJob } from './training.types.js';

export interface TrainingRequest {
  readonly modelType: string;
  readonly name?: string | undefined;
  readonly config: RequestedConfig;
  /** In place of `config.search`. */
  readonly search?: RequestedSearch | undefined;
}

/** Starts, shows, cancels and retries trainings. The worker is elsewhere: they meet in the queue. */
@Injectable()
export class TrainingService {
  private readonly logger = new Logger(TrainingService.name);

  constructor(
    private readonly config: AppConfig,
    private readonly jobs: TrainingRepository,
    private readonly interactions: InteractionRepository,
    private readonly queue: TrainingQueue,
    private readonly notifications: Notifications,
  ) {}

  /**
   * Writes the job, then queues it. A crash in between, or a queue that is away, is mended by the reconciler: the row
   * is the outbox.
   *
   * @throws InvalidParameterError, NoTrainingDataError, TrainingQueueFullError
   */
  async start(
    { modelType, name, config, search }: TrainingRequest,
    requestedBy: string,
  ): Promise<TrainingJob> {
    if (search && config.search) {
      throw new InvalidParameterError('search', 'given once, beside `config` or in it', 'both');
    }
    const requested = { ...config, search: search ?? config.search };
    const complete = completeConfig(modelType, requested, this.config.trainerThreads);
    if (!(await this.interactions.hasAny(complete.sources))) throw new NoTrainingDataError(complete.sources);
    const job = await this.jobs.create(
      {
        modelType,
        modelName: name ?? modelType.toLowerCase().replaceAll('_', '-'),
        config: complete,
        requestedBy,
      },
      this.config,
    );
    await this.tellQueue(this.queue.enqueue(job.id, job.attempt));
    return job;
  }

  async list(filter: JobFilter): Promise<readonly TrainingJob[]> {
    return this.jobs.list(filter);
  }

  /** @throws TrainingJobNotFoundError */
  async get(jobId: string): Promise<TrainingJob> {
    const job = await this.jobs.find(jobId);
    if (!job) throw new TrainingJobNotFoundError(jobId);
    return job;
  }

  async transitions(jobId: string): Promise<readonly JobTransition[]> {
    return this.jobs.transitions(jobId);
  }

  /** @returns The place in the queue from 1, undefined when the job does not wait. */
  async positionOf(job: TrainingJob): Promise<number | undefined> {
    return job.status === 'QUEUED' ? this.jobs.positionOf(job) : undefined;
  }

  /** How many jobs wait and run, for admins and metrics. */
  async load(): Promise<{ readonly waiting: number; readonly running: number }> {
    const counts = await this.jobs.countByStatus();
    const count = (...statuses: readonly TrainingJob['status'][]): number =>
      statuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);
    return { waiting: count('QUEUED'), running: count('PREPARING_DATA', 'TRAINING', 'VALIDATING') };
  }

  /** Mean progress of the jobs that run, in percent; 0 when none runs. */
  async meanProgress(): Promise<number> {
    return this.jobs.meanProgress();
  }

  /**
   * Cancels a waiting job at once, and asks the worker of a running one to stop within a second.
   *
   * @throws TrainingJobNotFoundError, TrainingJobEndedError
   */
  async cancel(jobId: string): Promise<TrainingJob> {
    const cancelled = await this.jobs.requestCancel(jobId);
    if (!cancelled) {
      const { status } = await this.get(jobId);
      throw new TrainingJobEndedError(jobId, status);
    }
    await this.tellQueue(this.queue.remove(jobId, cancelled.attempt));
    await this.notifications.publish('cancel', jobId);
    return cancelled;
  }

  /** @throws TrainingJobNotFoundError, TrainingJobNotRetryableError, TrainingModelRemovedError, TrainingQueueFullError */
  async retry(jobId: string): Promise<TrainingJob> {
    const job = await this.get(jobId);
    if (job.status !== 'FAILED' && job.status !== 'CANCELLED')
      throw new TrainingJobNotRetryableError(jobId, job.status);
    if (job.modelId === undefined) throw new TrainingModelRemovedError(jobId);
    const retried = await this.jobs.retry(jobId, this.config);
    if (!retried) throw new TrainingJobNotRetryableError(jobId, (await this.get(jobId)).status);
    await this.tellQueue(this.queue.enqueue(retried.id, retried.attempt));
    return retried;
  }

  /** The row says what is to be done: what the queue cannot be told now is not lost. */
  private async tellQueue(request: Promise<void>): Promise<void> {
    try {
      await request;
    } catch (error) {
      this.logger.warn(`The training queue is away, the reconciler will tell it: ${String(error)}`);
    }
  }
}
