import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Interval } from '@nestjs/schedule';

import { AppConfig } from '../../config/app-config.js';
import { ModelsService } from '../models/models.service.js';
import { TrainingQueue } from '../../ports/training-queue.js';
import { ReconcileRepository } from './reconcile.repository.js';
import { TrainingRepository } from './training.repository.js';
import { TrainingRunner } from './training-runner.js';

const RECONCILE_MS = 5_000;
/** How long a start waits for the queue: the process answers probes while the queue is away. */
const START_MS = 2_000;

/** Takes trainings from the queue in a process whose role includes `worker`. */
@Injectable()
export class TrainingWorkerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(TrainingWorkerService.name);
  private isWorking = false;

  constructor(
    private readonly config: AppConfig,
    private readonly queue: TrainingQueue,
    private readonly runner: TrainingRunner,
    private readonly jobs: TrainingRepository,
    private readonly reconciler: ReconcileRepository,
    private readonly models: ModelsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.role === 'api') return;
    const starting = this.begin();
    if (await Promise.race([starting, sleep(START_MS, false, { ref: false })])) return;
    this.logger.warn('The training queue is away; trainings are taken from it once it is there.');
    starting.catch((error: unknown) => this.logger.error(`No trainings are taken: ${String(error)}`));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isWorking = false;
    await this.queue.stopWorking();
  }

  /** Puts jobs back into the queue whose row says that they wait or run, but which nobody holds. */
  @Interval(RECONCILE_MS)
  async reconcile(): Promise<void> {
    if (!this.isWorking) return;
    try {
      for (const { id, attempt } of await this.reconciler.findUnattended()) {
        const isHeld = await this.queue.holds(id, attempt);
        const job = isHeld
          ? await this.reconciler.releaseLease(id, attempt)
          : await this.reconciler.requeue(id, attempt);
        if (!isHeld && job?.status === 'QUEUED') await this.queue.enqueue(job.id, job.attempt);
      }
    } catch (error) {
      this.logger.warn(`The queue was not reconciled: ${String(error)}`);
    }
  }

  private async begin(): Promise<true> {
    await this.queue.work(async (jobId, signal) => this.work(jobId, signal), this.config.maxConcurrentJobs);
    this.isWorking = true;
    await this.reconcile();
    return true;
  }

  private async work(jobId: string, signal: AbortSignal): Promise<void> {
    await this.runner.run(jobId, signal);
    const job = await this.jobs.find(jobId);
    if (job?.status !== 'COMPLETED' || job.modelId === undefined) return;
    if (job.config.deployment === 'never') return;
    await this.models.deployIfBetter(job.modelId);
  }
}
