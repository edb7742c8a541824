import { Module } from '@nestjs/common';

import { CatalogModule } from '../catalog/catalog.module.js';
import { ActivityRepository } from './activity.repository.js';
import { EventsController } from './events.controller.js';
import { EventsService } from './events.service.js';
import { OrdersController } from './orders.controller.js';

/** Orders and events. */
@Module({
  imports: [CatalogModule],
  controllers: [OrdersController, EventsController],
  providers: [EventsService, ActivityRepository],
  exports: [EventsService],
})
export class EventsModule {}
