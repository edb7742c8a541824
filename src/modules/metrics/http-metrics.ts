import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

import { Metrics, type CounterMetric, type HistogramMetric } from '../../ports/metrics.js';

const BUCKETS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counts requests and their times by method, route pattern and status. */
@Injectable()
export class HttpMetrics implements OnModuleInit {
  private readonly requests: CounterMetric<'method' | 'route' | 'status'>;
  private readonly seconds: HistogramMetric<'method' | 'route'>;

  constructor(
    private readonly host: HttpAdapterHost,
    metrics: Metrics,
  ) {
    this.requests = metrics.counter({
      name: 'almanac_http_requests_total',
      help: 'Requests answered, by method, route pattern and status.',
      labels: ['method', 'route', 'status'],
    });
    this.seconds = metrics.histogram({
      name: 'almanac_http_request_seconds',
      help: 'Time from the first byte of a request to the last of its answer, by method and route pattern.',
      labels: ['method', 'route'],
      buckets: BUCKETS_SECONDS,
    });
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.addHook('onResponse', (request, reply, done) => {
      // the pattern, never the address: ids in it would make a series each
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
      const { method } = request;
      this.requests.increment({ method, route, status: String(reply.statusCode) });
      this.seconds.observe(reply.elapsedTime / 1000, { method, route });
      done();
    });
  }
}
