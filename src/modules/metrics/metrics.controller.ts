import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { ApiProblems } from '../../common/api-problems.decorator.js';
import { Metrics } from '../../ports/metrics.js';
import { Public } from '../auth/public.decorator.js';

@ApiTags('operation')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  // public, because scrapers send no token: keep the port away from the internet
  @Public()
  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Measurements of this process, for Prometheus' })
  @ApiOkResponse({
    description: 'Text exposition format.',
    content: { 'text/plain': { example: 'almanac_http_requests_total{method="GET",status="200"} 7' } },
  })
  @ApiProblems(500)
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.header('content-type', this.metrics.contentType);
    return this.metrics.text();
  }
}
