import { Injectable } from '@nestjs/common';

import { Metrics } from '../../ports/metrics.js';
import { ReadinessProbe, ReadinessRegistry, type ReadinessState } from '../../ports/readiness.js';
import { TrainingQueue } from '../../ports/training-queue.js';
import { TrainingService } from './training.service.js';

/** Tells probes and metrics how the training queue is. */
@Injectable()
export class TrainingQueueProbe extends ReadinessProbe {
  readonly name = 'queue';

  constructor(
    private readonly queue: TrainingQueue,
    training: TrainingService,
    readiness: ReadinessRegistry,
    metrics: Metrics,
  ) {
    super();
    readiness.register(this);
    metrics.gauge({
      name: 'almanac_training_jobs_waiting',
      help: 'Trainings that wait in the queue, over all replicas.',
      read: async () => (await training.load()).waiting,
    });
    metrics.gauge({
      name: 'almanac_training_jobs_running',
      help: 'Trainings that run, over all replicas.',
      read: async () => (await training.load()).running,
    });
    metrics.gauge({
      name: 'almanac_training_progress_percent',
      help: 'Mean progress of the trainings that run, 0 to 100; 0 when none runs.',
      read: async () => training.meanProgress(),
    });
  }

  async check(): Promise<ReadinessState> {
    await this.queue.ping();
    return { status: 'up' };
  }
}
