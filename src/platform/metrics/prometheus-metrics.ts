import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import {
  Metrics,
  type CounterMetric,
  type GaugeMetric,
  type GaugeOptions,
  type HistogramMetric,
  type HistogramOptions,
  type Labels,
  type MetricOptions,
} from '../../ports/metrics.js';

interface Total<L extends string> {
  readonly values: Labels<L> | undefined;
  count: number;
}

/** Keeps measurements with prom-client, in a registry of its own: several applications may run in a process. */
export class PrometheusMetrics extends Metrics {
  private readonly registry = new Registry();

  constructor() {
    super();
    // memory, CPU, garbage collection and the lag of the event loop
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  async text(): Promise<string> {
    return this.registry.metrics();
  }

  counter<L extends string = never>({ name, help, labels = [] }: MetricOptions<L>): CounterMetric<L> {
    const totals = new Map<string, Total<L>>();
    const counter = new Counter<string>({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      // prom-client hashes the labels at every increment; counting here and telling it at a scrape costs a third
      collect() {
        counter.reset();
        for (const { values, count } of totals.values()) counter.inc(values ?? {}, count);
      },
    });
    return {
      increment: (values?: Labels<L>, by = 1) => {
        const key = values === undefined ? '' : labels.map((label) => values[label]).join('\n');
        const total = totals.get(key);
        if (total) total.count += by;
        else totals.set(key, { values, count: by });
      },
    };
  }

  gauge<L extends string = never>({ name, help, labels = [], read }: GaugeOptions<L>): GaugeMetric<L> {
    const gauge = new Gauge<string>({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(read === undefined
        ? {}
        : {
            async collect(this: Gauge) {
              this.set(await read());
            },
          }),
    });
    return {
      set: (value, values) => (values ? gauge.set(values, value) : gauge.set(value)),
      remove: (values) => (values ? gauge.remove(values) : gauge.reset()),
    };
  }

  histogram<L extends string = never>(options: HistogramOptions<L>): HistogramMetric<L> {
    const { name, help, labels = [], buckets } = options;
    const histogram = new Histogram<string>({
      name,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.registry],
    });
    return {
      observe: (value, values) => (values ? histogram.observe(values, value) : histogram.observe(value)),
    };
  }
}
