import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { Roles } from '../auth/roles.decorator.js';
import { PostEventRequest } from './events.requests.js';
import { EventsService } from './events.service.js';
import type { Stored } from './events.types.js';

@ApiTags('events')
@Roles('admin', 'service')
@Controller('api/ml/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Post()
  @ApiOperation({ summary: 'Store one event', description: 'The same event sent again is one event.' })
  @ApiCreatedResponse({ schema: { example: ok({ id: 'e-1780300800000-4f6d2Qm0x1n8m2fY', created: true }) } })
  @ApiProblems(400, 401, 403, 422)
  async post(@Body() request: PostEventRequest): Promise<Envelope<Stored>> {
    return ok(await this.events.putEvent(request));
  }
}
