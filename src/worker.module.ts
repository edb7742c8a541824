import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';

import { AuthModule } from './modules/auth/auth.module.js';
import { HealthModule } from './modules/health/health.module.js';
import { MetricsModule } from './modules/metrics/metrics.module.js';
import { TrainingWorkerModule } from './modules/training/training-worker.module.js';
import { ConfigModule } from './platform/config.module.js';
import { ObservabilityModule } from './platform/observability.module.js';
import { PlatformModule } from './platform/platform.module.js';

/** A process that trains and answers nothing but probes and metrics. */
@Module({
  imports: [
    ConfigModule,
    ObservabilityModule,
    PlatformModule,
    ScheduleModule.forRoot(),
    AuthModule,
    HealthModule,
    MetricsModule,
    TrainingWorkerModule,
  ],
})
export class WorkerModule {}
