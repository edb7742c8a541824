import { Global, Module } from '@nestjs/common';

import { Metrics } from '../ports/metrics.js';
import { ReadinessRegistry } from '../ports/readiness.js';
import { PrometheusMetrics } from './metrics/prometheus-metrics.js';

/** Where everybody leaves measurements and says what must be ready. Depends on nothing, so all may use it. */
@Global()
@Module({
  providers: [{ provide: Metrics, useClass: PrometheusMetrics }, ReadinessRegistry],
  exports: [Metrics, ReadinessRegistry],
})
export class ObservabilityModule {}
