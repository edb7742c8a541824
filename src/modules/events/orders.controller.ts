import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { Roles } from '../auth/roles.decorator.js';
import { PostOrderRequest } from './events.requests.js';
import { EventsService } from './events.service.js';
import type { Stored } from './events.types.js';

@ApiTags('events')
@Roles('admin', 'service')
@Controller('api/ml/orders')
export class OrdersController {
  constructor(private readonly events: EventsService) {}

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
