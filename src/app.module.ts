import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';

import { AuthModule } from './modules/auth/auth.module.js';
import { DemoModule } from './modules/demo/demo.module.js';
import { CatalogModule } from './modules/catalog/catalog.module.js';
import { EventsModule } from './modules/events/events.module.js';
import { ImportModule } from './modules/import/import.module.js';
import { HealthModule } from './modules/health/health.module.js';
import { InferenceModule } from './modules/inference/inference.module.js';
import { MetricsModule } from './modules/metrics/metrics.module.js';
import { ModelsModule } from './modules/models/models.module.js';
import { ProblemsModule } from './modules/problems/problems.module.js';
import { TrainingModule } from './modules/training/training.module.js';
import { TrainingWorkerModule } from './modules/training/training-worker.module.js';
import { WelcomeModule } from './modules/welcome/welcome.module.js';
import { ConfigModule } from './platform/config.module.js';
import { ObservabilityModule } from './platform/observability.module.js';
import { PlatformModule } from './platform/platform.module.js';

/** The list of modules. */
@Module({
  imports: [
    ConfigModule,
    ObservabilityModule,
    PlatformModule,
    ScheduleModule.forRoot(),
    AuthModule,
    HealthModule,
    MetricsModule,
    ProblemsModule,
    CatalogModule,
    EventsModule,
    ImportModule,
    ModelsModule,
    TrainingModule,
    TrainingWorkerModule,
    InferenceModule,
    DemoModule,
    WelcomeModule,
  ],
})
export class AppModule {}
