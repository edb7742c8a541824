/** What a measurement is called and what it means. Names are snake_case, end with the unit, start with `almanac_`. */
export interface MetricOptions<L extends string = never> {
  readonly name: string;
  readonly help: string;
  /** Dimensions with few values. Ids of users or products do not belong here. */
  readonly labels?: readonly L[];
}

export interface GaugeOptions<L extends string = never> extends MetricOptions<L> {
  /** Reads the value when somebody looks, instead of `set`. For gauges without labels. */
  readonly read?: () => number | Promise<number>;
}

export interface HistogramOptions<L extends string = never> extends MetricOptions<L> {
  /** Upper bounds, ascending, in the unit of the name. */
  readonly buckets: readonly number[];
}

export type Labels<L extends string> = Readonly<Record<L, string>>;

/** Counts what happened; never decreases. */
export interface CounterMetric<L extends string = never> {
  increment(labels?: Labels<L>, by?: number): void;
}

/** Shows a value that goes up and down. */
export interface GaugeMetric<L extends string = never> {
  set(value: number, labels?: Labels<L>): void;
  /** Forgets one combination of labels, or all. */
  remove(labels?: Labels<L>): void;
}

/** Counts observations by size. */
export interface HistogramMetric<L extends string = never> {
  observe(value: number, labels?: Labels<L>): void;
}

/** Makes measurements that `/metrics` shows. Make each once, in a constructor: a name can be taken only once. */
export abstract class Metrics {
  abstract counter<L extends string = never>(options: MetricOptions<L>): CounterMetric<L>;

  abstract gauge<L extends string = never>(options: GaugeOptions<L>): GaugeMetric<L>;

  abstract histogram<L extends string = never>(options: HistogramOptions<L>): HistogramMetric<L>;

  /** Type of what `text` returns. */
  abstract readonly contentType: string;

  /** All measurements in the format of Prometheus. */
  abstract text(): Promise<string>;
}
