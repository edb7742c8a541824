import { Module } from '@nestjs/common';

import { CatalogRepository } from './catalog.repository.js';
import { CatalogService } from './catalog.service.js';
import { CatalogWriterRepository } from './catalog-writer.repository.js';
import { FarmsController } from './farms.controller.js';
import { ProductsController } from './products.controller.js';
import { UsersController } from './users.controller.js';

/** Users, farms and products. */
@Module({
  controllers: [UsersController, FarmsController, ProductsController],
  providers: [CatalogService, CatalogRepository, CatalogWriterRepository],
  exports: [CatalogService],
})
export class CatalogModule {}
