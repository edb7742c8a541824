import { Module } from '@nestjs/common';

import { IdempotencyModule } from '../../common/idempotency/idempotency.module.js';
import { InteractionRepository } from './interaction.repository.js';
import { TrainingController } from './training.controller.js';
import { TrainingEnginesProbe } from './training-engines.probe.js';
import { TrainingProgressService } from './training-progress.service.js';
import { TrainingQueueProbe } from './training-queue.probe.js';
import { TrainingRepository } from './training.repository.js';
import { TrainingService } from './training.service.js';

/** Asking for trainings and looking at them. Who carries them out is in TrainingWorkerModule. */
@Module({
  imports: [IdempotencyModule],
  controllers: [TrainingController],
  providers: [
    InteractionRepository,
    TrainingEnginesProbe,
    TrainingProgressService,
    TrainingQueueProbe,
    TrainingRepository,
    TrainingService,
  ],
  exports: [TrainingService],
})
export class TrainingModule {}
