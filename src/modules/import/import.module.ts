import { Module } from '@nestjs/common';

import { CatalogModule } from '../catalog/catalog.module.js';
import { EventsModule } from '../events/events.module.js';
import { ImportController } from './import.controller.js';
import { ImportRepository } from './import.repository.js';
import { ImportService } from './import.service.js';

/** Bulk import. Writes through the services of catalog and events. */
@Module({
  imports: [CatalogModule, EventsModule],
  controllers: [ImportController],
  providers: [ImportService, ImportRepository],
  exports: [ImportService],
})
export class ImportModule {}
