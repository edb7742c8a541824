import {
  calendarCurve,
  estimateSeasonCurve,
  oppositeHemisphere,
  peakOf,
  WEEKS,
  type Peak,
  type SeasonCurve,
} from '../../ml/agriculture/season-curve.js';
import { runInSlices } from '../../ml/core/event-loop.js';
import type { PairCounts } from '../../ml/ranking/co-purchase.js';
import { isRepeatable, repeatRate, type RepeatCounts } from '../../ml/ranking/repurchase.js';
import { nameTokens } from '../../ml/ranking/product-traits.js';
import type { CatalogProduct } from './catalog-index.js';

/** What was counted over all orders and purchases. */
export interface ShopCounts {
  /** Purchases of each product by week of the year. Shape (52) each. */
  readonly weeklySales: ReadonlyMap<string, ArrayLike<number>>;
  /** Orders by week of the year. Shape (52). */
  readonly weeklyOrders: ArrayLike<number>;
  /** By product, then by what was in the same orders. */
  readonly pairs: ReadonlyMap<string, ReadonlyMap<string, PairCounts>>;
  /** By category. */
  readonly repeats: ReadonlyMap<string, RepeatCounts>;
}

export const NO_COUNTS: ShopCounts = {
  weeklySales: new Map(),
  weeklyOrders: new Float64Array(WEEKS),
  pairs: new Map(),
  repeats: new Map(),
};

/** Sales by week of the same kind of product, in a region and in a hemisphere. */
export type SalesGroups = ReadonlyMap<string, Float64Array>;

const PRODUCTS_PER_SLICE = 1_000;
const NEVER = new Float64Array(WEEKS);

/** Adds up the sales of products of the same kind, letting the event loop turn in between. */
export async function poolSales(
  { weeklySales }: ShopCounts,
  products: readonly CatalogProduct[],
): Promise<SalesGroups> {
  const groups = new Map<string, Float64Array>();
  const pool = (product: CatalogProduct, sales: ArrayLike<number>): void => {
    for (const group of [regionGroup(product), hemisphereGroup(product, isSouthern(product))]) {
      const pooled = groups.get(group) ?? new Float64Array(WEEKS);
      for (let week = 0; week < WEEKS; week += 1) pooled[week] = (pooled[week] ?? 0) + (sales[week] ?? 0);
      groups.set(group, pooled);
    }
  };
  await runInSlices(products.length, PRODUCTS_PER_SLICE, (from, to) => {
    for (const product of products.slice(from, to)) {
      const sales = weeklySales.get(product.id);
      if (sales !== undefined) pool(product, sales);
    }
  });
  return groups;
}

/** What the shop's own sales say, ready for requests. Immutable: a new count makes a new one. */
export class ShopStatistics {
  private readonly curves = new Map<string, SeasonCurve>();
  private readonly peaks = new Map<string, Peak | undefined>();

  /** @param groups From `poolSales` of the same counts. */
  constructor(
    private readonly counts: ShopCounts = NO_COUNTS,
    private readonly groups: SalesGroups = new Map(),
  ) {}

  /**
   * When a product is sold, as a share of its best week. Each level is the prior of the next: months of sale, or
   * without them the same kind of product in the same hemisphere (of the other one, half a year later, only where
   * this one has sold none); the same kind in its region; the product's own sales.
   */
  seasonCurve(product: CatalogProduct): SeasonCurve {
    const known = this.curves.get(product.id);
    if (known !== undefined) return known;
    const own = this.counts.weeklySales.get(product.id) ?? NEVER;
    const region = this.groups.get(regionGroup(product)) ?? NEVER;
    const others = region.map((count, week) => Math.max(0, count - (own[week] ?? 0)));
    const curve = this.estimate(own, this.estimate(others, this.priorOf(product)));
    this.curves.set(product.id, curve);
    return curve;
  }

  /** When most of a product is sold; undefined where that is no one time of the year. */
  peak(product: CatalogProduct): Peak | undefined {
    const known = this.peaks.get(product.id);
    if (known !== undefined || this.peaks.has(product.id)) return known;
    const peak = peakOf(this.seasonCurve(product));
    this.peaks.set(product.id, peak);
    return peak;
  }

  /** What was in the same orders as a product, by product. */
  partnersOf(productId: string): ReadonlyMap<string, PairCounts> {
    return this.counts.pairs.get(productId) ?? NO_PARTNERS;
  }

  /** Whether who has a product of this category may want it again. */
  isRepeatable(category: string): boolean {
    return isRepeatable(repeatRate(category, this.counts.repeats.get(category) ?? NO_REPEATS));
  }

  private priorOf(product: CatalogProduct): SeasonCurve {
    const calendar = calendarCurve(product.season);
    if (product.season !== 0) return calendar;
    const here = this.groups.get(hemisphereGroup(product, isSouthern(product)));
    if (here !== undefined) return this.estimate(here, calendar);
    const there = this.groups.get(hemisphereGroup(product, !isSouthern(product)));
    return there === undefined ? calendar : oppositeHemisphere(this.estimate(there, calendar));
  }

  private estimate(sales: ArrayLike<number>, prior: SeasonCurve): SeasonCurve {
    return estimateSeasonCurve({ sales, exposure: this.counts.weeklyOrders, prior });
  }
}

const NO_PARTNERS: ReadonlyMap<string, PairCounts> = new Map();
const NO_REPEATS: RepeatCounts = { bought: 0, boughtAgain: 0 };

function isSouthern({ place }: CatalogProduct): boolean {
  return place !== undefined && place.latitude < 0;
}

function regionGroup({ name, region }: CatalogProduct): string {
  return JSON.stringify([nameTokens(name), region ?? '']);
}

function hemisphereGroup({ name }: CatalogProduct, southern: boolean): string {
  return JSON.stringify([nameTokens(name), southern]);
}
