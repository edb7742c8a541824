import { Module } from '@nestjs/common';

import { HttpMetrics } from './http-metrics.js';
import { MetricsController } from './metrics.controller.js';

/** Shows the measurements of this process at /metrics and adds those of its requests. */
@Module({ controllers: [MetricsController], providers: [HttpMetrics] })
export class MetricsModule {}
