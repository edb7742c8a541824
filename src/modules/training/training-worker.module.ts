import { Module } from '@nestjs/common';

import { ModelsModule } from '../models/models.module.js';
import { InteractionRepository } from './interaction.repository.js';
import { ReconcileRepository } from './reconcile.repository.js';
import { TrainingLeaseRepository } from './training-lease.repository.js';
import { TrainingRepository } from './training.repository.js';
import { TrainingRunner } from './training-runner.js';
import { TrainingWorkerService } from './training-worker.service.js';

/** Carrying out trainings, in processes whose role includes `worker`. */
@Module({
  imports: [ModelsModule],
  providers: [
    InteractionRepository,
    ReconcileRepository,
    TrainingLeaseRepository,
    TrainingRepository,
    TrainingRunner,
    TrainingWorkerService,
  ],
})
export class TrainingWorkerModule {}
