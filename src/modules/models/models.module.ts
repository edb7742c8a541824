import { Module } from '@nestjs/common';

import { ArtifactsController } from './artifacts.controller.js';
import { ArtifactsService } from './artifacts.service.js';
import { ModelsController } from './models.controller.js';
import { ModelsRepository } from './models.repository.js';
import { ModelsService } from './models.service.js';

/** The registry of model versions. */
@Module({
  controllers: [ArtifactsController, ModelsController],
  providers: [ArtifactsService, ModelsRepository, ModelsService],
  exports: [ModelsService],
})
export class ModelsModule {}
