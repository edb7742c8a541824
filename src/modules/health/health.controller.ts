import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { ok, type Envelope } from '../../common/envelope.js';
import { Public } from '../auth/public.decorator.js';
import type { HealthChecks } from './health.errors.js';
import { HealthService } from './health.service.js';

interface Health {
  readonly status: 'up';
  readonly checks: HealthChecks;
}

const example = (checks: HealthChecks): { schema: { example: Envelope<Health> } } => ({
  schema: { example: ok({ status: 'up', checks }) },
});
const EXAMPLE_CHECKS: HealthChecks = {
  database: { status: 'up' },
  disk: { status: 'up', detail: '20480 MB free' },
  queue: { status: 'up' },
  models: { status: 'up', detail: 'NEURAL_COLLABORATIVE_FILTERING 3' },
};

// public: probes send no token, and what they see is harmless
@Public()
@ApiTags('operation')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Everything that is checked' })
  @ApiOkResponse(example({ startup: { status: 'up' }, ...EXAMPLE_CHECKS }))
  @ApiProblems(503)
  async all(): Promise<Envelope<Health>> {
    return ok({ status: 'up', checks: { ...this.health.startup(), ...(await this.health.ready()) } });
  }

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The process answers; restart it when it does not' })
  @ApiOkResponse(example({}))
  @ApiProblems(500)
  live(): Envelope<Health> {
    return ok({ status: 'up', checks: {} });
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Requests can be sent here: database, queue, models and disk are up' })
  @ApiOkResponse(example(EXAMPLE_CHECKS))
  @ApiProblems(503)
  async ready(): Promise<Envelope<Health>> {
    return ok({ status: 'up', checks: await this.health.ready() });
  }

  @Get('startup')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Every module has started' })
  @ApiOkResponse(example({ startup: { status: 'up' } }))
  @ApiProblems(503)
  startup(): Envelope<Health> {
    return ok({ status: 'up', checks: this.health.startup() });
  }
}
