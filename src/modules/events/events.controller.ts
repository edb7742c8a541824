import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { WithEtag } from '../../common/with-etag.decorator.js';
import { Roles } from '../auth/roles.decorator.js';
import { ActivityPath, PostEventRequest } from './events.requests.js';
import { EventsService } from './events.service.js';
import type { Stored, StoredEvent } from './events.types.js';

const EXAMPLE = {
  id: 'e-1780300800000-4f6d2Qm0x1n8m2fY',
  type: 'click',
  at: '2026-06-01T08:00:00.000Z',
  userId: 'user-1',
  productId: 'product-1',
  value: null,
  context: { position: 3, list: 'home' },
};

@ApiTags('events')
@Roles('admin', 'service')
@Controller('api/ml/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get(':id')
  @WithEtag()
  @ApiOperation({ summary: 'One event' })
  @ApiOkResponse({ schema: { example: ok(EXAMPLE) } })
  @ApiProblems(400, 401, 403, 404)
  async get(@Param() { id }: ActivityPath): Promise<Envelope<StoredEvent>> {
    return ok(await this.events.getEvent(id));
  }

  @Post()
  @ApiOperation({ summary: 'Store one event', description: 'The same event sent again is one event.' })
  @ApiCreatedResponse({ schema: { example: ok({ id: 'e-1780300800000-4f6d2Qm0x1n8m2fY', created: true }) } })
  @ApiProblems(400, 401, 403, 422)
  async post(@Body() request: PostEventRequest): Promise<Envelope<Stored>> {
    return ok(await this.events.putEvent(request));
  }
}
