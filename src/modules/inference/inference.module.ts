import { Module } from '@nestjs/common';

import { ModelsModule } from '../models/models.module.js';
import { CatalogIndexRepository } from './catalog-index.repository.js';
import { CatalogIndexService } from './catalog-index.service.js';
import { IndexBuilderService } from './index-builder.service.js';
import { ModelHostService } from './model-host.service.js';
import { PooledCandidates } from './pooled-candidates.js';
import { PredictionLogRepository } from './prediction-log.repository.js';
import { PredictionLogService } from './prediction-log.service.js';
import { PredictionsController } from './predictions.controller.js';
import { PredictionsService } from './predictions.service.js';
import { PurchaseCountsRepository } from './purchase-counts.repository.js';
import { RecommendationService } from './recommendation.service.js';
import { ShopStatisticsRepository } from './shop-statistics.repository.js';
import { ShopStatisticsService } from './shop-statistics.service.js';
import { UserActivityRepository } from './user-activity.repository.js';
import { UserActivityService } from './user-activity.service.js';

/** Predictions out of deployed models, kept in memory. */
@Module({
  imports: [ModelsModule],
  controllers: [PredictionsController],
  providers: [
    CatalogIndexRepository,
    CatalogIndexService,
    IndexBuilderService,
    ModelHostService,
    PooledCandidates,
    PredictionLogRepository,
    PredictionLogService,
    PredictionsService,
    PurchaseCountsRepository,
    RecommendationService,
    ShopStatisticsRepository,
    ShopStatisticsService,
    UserActivityRepository,
    UserActivityService,
  ],
  exports: [ModelHostService],
})
export class InferenceModule {}
