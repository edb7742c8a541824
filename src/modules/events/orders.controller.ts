import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { WithEtag } from '../../common/with-etag.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import { ActivityPath, PostOrderRequest } from './events.requests.js';
import { EventsService } from './events.service.js';
import type { Stored, StoredOrder } from './events.types.js';

const EXAMPLE = {
  id: 'order-1',
  userId: 'user-1',
  placedAt: '2026-06-01T08:00:00.000Z',
  createdAt: '2026-06-01T08:00:05.000Z',
  lines: [{ productId: 'product-1', quantity: 2, unitPriceMinor: 350 }],
};

@ApiTags('events')
@Roles('admin', 'service')
@Controller('api/ml/orders')
export class OrdersController {
  constructor(private readonly events: EventsService) {}

  @Get(':id')
  @WithEtag()
  @ApiOperation({ summary: 'One order' })
  @ApiOkResponse({ schema: { example: ok(EXAMPLE) } })
  @ApiProblems(400, 401, 403, 404)
  async get(@Param() { id }: ActivityPath): Promise<Envelope<StoredOrder>> {
    return ok(await this.events.getOrder(id));
  }

  @Post()
  @ApiOperation({
    summary: 'Store one order',
    description: 'An order with the same id is replaced, lines and all.',
  })
  @ApiCreatedResponse({ schema: { example: ok({ id: 'order-1', created: true }) } })
  @ApiProblems(400, 401, 403, 422)
  async post(@Body() request: PostOrderRequest): Promise<Envelope<Stored>> {
    return ok(await this.events.putOrder(request));
  }
}
