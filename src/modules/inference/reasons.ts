import { validCertification } from '../../ml/agriculture/certification.js';
import { isInSeason, type SeasonMask } from '../../ml/agriculture/season.js';
import { isInPeak, type Peak } from '../../ml/agriculture/season-curve.js';
import { daysBetween } from '../../ml/agriculture/shelf-life.js';
import { topK } from '../../ml/math/top-k.js';
import { coPurchase, isBoughtTogether } from '../../ml/ranking/co-purchase.js';
import { traitSimilarity } from '../../ml/ranking/product-traits.js';
import { traitsOf } from './catalog-facts.js';
import type { CatalogIndex, CatalogProduct } from './catalog-index.js';
import { purchaseHabits, usualInterval, type Habit } from './purchase-habits.js';
import { reasonText } from './reason-text.js';
import type { CertifiedReason, RecommendationReason } from './reason.types.js';
import type { RequestContext } from './request-context.js';
import type { ShopStatistics } from './shop-statistics.js';

/** Reasons of one product. */
const MOST_REASONS = 4;
/** Products of the user that others are compared with, those bought last. */
const LAST_PRODUCTS = 12;
const LEAST_SIMILARITY = 0.6;
/** The scale of locality: within it a farm is near. */
const NEAR_KM = 50;
const NEW_DAYS = 30;
const DAY_MS = 86_400_000;
/** A time in which most is sold that is longer than this is no season. */
const LONGEST_PEAK_MONTHS = 6;
/** Popular are so many products in a season. */
const POPULAR_PRODUCTS = 20;

/**
 * Says why products are shown. Every reason is worked out of the facts by which the product was filtered and
 * weighed: the same distances, season, certifications and purchases.
 */
export class Reasons {
  private readonly habits: ReadonlyMap<string, Habit>;
  private readonly last: readonly CatalogProduct[];
  private readonly leastPopular: number;
  /** The most telling first. */
  private readonly finders: readonly ((product: CatalogProduct) => RecommendationReason | undefined)[] = [
    (product) => this.buyAgain(product),
    (product) => this.boughtTogether(product),
    (product) => this.likeYourLastOrders(product),
    (product) => this.inSeason(product),
    (product) => this.near(product),
    (product) => this.certified(product, 'organic'),
    (product) => this.certified(product, 'biodynamic'),
    (product) => this.newInShop(product),
    (product) => this.popularInSeason(product),
  ];

  constructor(private readonly context: RequestContext) {
    const { activity, catalog } = context;
    this.habits = purchaseHabits(activity.rows);
    this.last = lastProducts(this.habits, catalog);
    this.leastPopular = leastPopular(context);
  }

  /** The most telling first; none where nothing is known. */
  of(product: CatalogProduct): readonly RecommendationReason[] {
    const reasons: RecommendationReason[] = [];
    for (const find of this.finders) {
      const reason = find(product);
      if (reason !== undefined) reasons.push(reason);
      if (reasons.length === MOST_REASONS) break;
    }
    return reasons;
  }

  private buyAgain({ id }: CatalogProduct): RecommendationReason | undefined {
    const habit = this.habits.get(id);
    const usualIntervalDays = habit && usualInterval(habit);
    if (habit === undefined || usualIntervalDays === undefined) return undefined;
    const facts = {
      lastBought: isoDay(habit.lastAt),
      purchases: habit.days.length,
      usualIntervalDays,
    };
    return { code: 'buy-again', text: reasonText.buyAgain(facts), ...facts };
  }

  private boughtTogether({ id }: CatalogProduct): RecommendationReason | undefined {
    let best: { readonly partner: CatalogProduct; readonly share: number; readonly lift: number } | undefined;
    const partners = this.context.statistics.partnersOf(id);
    if (partners.size === 0) return undefined;
    for (const partner of this.last) {
      const counts = partner.id === id ? undefined : partners.get(partner.id);
      if (counts === undefined || !isBoughtTogether(counts)) continue;
      const { share, lift } = coPurchase(counts);
      if (best === undefined || lift > best.lift) best = { partner, share, lift };
    }
    if (best === undefined) return undefined;
    const facts = {
      withProductId: best.partner.id,
      withName: best.partner.name,
      share: rounded(best.share, 3),
      lift: rounded(best.lift, 2),
    };
    return { code: 'bought-together', text: reasonText.boughtTogether(facts), ...facts };
  }

  private likeYourLastOrders(product: CatalogProduct): RecommendationReason | undefined {
    if (this.habits.has(product.id)) return undefined;
    const traits = traitsOf(product);
    let nearest: CatalogProduct | undefined;
    let similarity = LEAST_SIMILARITY;
    for (const bought of this.last) {
      const likeness = traitSimilarity(traits, traitsOf(bought));
      if (likeness < similarity || (nearest !== undefined && likeness === similarity)) continue;
      nearest = bought;
      similarity = likeness;
    }
    if (nearest === undefined) return undefined;
    const facts = {
      likeProductId: nearest.id,
      likeName: nearest.name,
      similarity: rounded(similarity, 3),
    };
    return { code: 'like-your-last-orders', text: reasonText.likeYourLastOrders(facts), ...facts };
  }

  /** Within the months of sale, and within those in which most is sold when sales show them. */
  private inSeason(product: CatalogProduct): RecommendationReason | undefined {
    const month = monthOf(this.context.input.deliveryDate);
    if (!isInSeason(product.season, month)) return undefined;
    const sold = this.context.statistics.peak(product);
    const peak =
      sold !== undefined && monthsOf(sold) <= LONGEST_PEAK_MONTHS ? sold : calendarPeak(product.season);
    if (peak === undefined || !isInPeak(peak, month)) return undefined;
    const facts = { peakFromMonth: peak.fromMonth, peakToMonth: peak.toMonth, region: product.region };
    return { code: 'in-season', text: reasonText.inSeason(facts), ...facts };
  }

  private near(product: CatalogProduct): RecommendationReason | undefined {
    const km = this.context.distances?.km(product) ?? Number.POSITIVE_INFINITY;
    if (km > NEAR_KM) return undefined;
    const facts = { km: rounded(km, 1) };
    return { code: 'near', text: reasonText.near(facts), ...facts };
  }

  private certified(
    { certifications }: CatalogProduct,
    kind: 'organic' | 'biodynamic',
  ): CertifiedReason | undefined {
    const valid = validCertification(certifications, kind, this.context.input.deliveryDate);
    if (valid === undefined) return undefined;
    const facts = {
      body: valid.body,
      number: valid.number,
      validUntil: valid.validUntil?.slice(0, 10),
    };
    return { code: `${kind}-certified`, text: reasonText.certified(kind, facts), ...facts };
  }

  private newInShop({ listedAt }: CatalogProduct): RecommendationReason | undefined {
    // most are older: their dates need not be written
    if (this.context.now - listedAt > (NEW_DAYS + 1) * DAY_MS) return undefined;
    const listedOn = isoDay(listedAt);
    const daysAgo = daysBetween(listedOn, this.context.today);
    if (daysAgo < 0 || daysAgo > NEW_DAYS) return undefined;
    const facts = { listedOn, daysAgo };
    return { code: 'new-in-shop', text: reasonText.newInShop(facts), ...facts };
  }

  private popularInSeason(product: CatalogProduct): RecommendationReason | undefined {
    const { catalog, input } = this.context;
    const popularity = catalog.popularityInSeason(input.deliveryDate)[catalog.indexOf(product.id)] ?? 0;
    const purchases = seasonPurchases(product, input.deliveryDate);
    if (purchases === 0 || popularity < this.leastPopular) return undefined;
    const facts = { purchases };
    return { code: 'popular-in-season', text: reasonText.popularInSeason(facts), ...facts };
  }
}

function lastProducts(habits: ReadonlyMap<string, Habit>, catalog: CatalogIndex): readonly CatalogProduct[] {
  const last: CatalogProduct[] = [];
  for (const id of habits.keys()) {
    const product = catalog.products[catalog.indexOf(id)];
    if (product !== undefined) last.push(product);
    if (last.length === LAST_PRODUCTS) break;
  }
  return last;
}

const popularFrom = new WeakMap<ShopStatistics, Map<number, number>>();

/** Popularity of the last of the most popular products in the season of a day; once a count of sales and month. */
function leastPopular({ catalog, statistics, input }: RequestContext): number {
  const byMonth = popularFrom.get(statistics) ?? new Map<number, number>();
  popularFrom.set(statistics, byMonth);
  const month = monthOf(input.deliveryDate);
  const known = byMonth.get(month);
  if (known !== undefined) return known;
  const { scores } = topK(catalog.popularityInSeason(input.deliveryDate), POPULAR_PRODUCTS);
  const least = scores[POPULAR_PRODUCTS - 1] ?? 0;
  byMonth.set(month, least);
  return least;
}

function seasonPurchases({ purchasesByMonth }: CatalogProduct, day: string): number {
  const month = monthOf(day) - 1;
  return [month + 11, month, month + 1].reduce((sum, at) => sum + (purchasesByMonth[at % 12] ?? 0), 0);
}

/** Months of sale as a peak; undefined all year, and for months in several pieces. */
function calendarPeak(season: SeasonMask): Peak | undefined {
  if (season === 0) return undefined;
  const months = Array.from({ length: 12 }, (_, index) => index + 1);
  const before = (month: number): number => ((month + 10) % 12) + 1;
  const after = (month: number): number => (month % 12) + 1;
  const first = months.filter((month) => isInSeason(season, month) && !isInSeason(season, before(month)));
  const last = months.filter((month) => isInSeason(season, month) && !isInSeason(season, after(month)));
  const [fromMonth] = first;
  const [toMonth] = last;
  if (first.length !== 1 || fromMonth === undefined || toMonth === undefined) return undefined;
  return { fromMonth, toMonth };
}

function monthsOf({ fromMonth, toMonth }: Peak): number {
  return ((toMonth - fromMonth + 12) % 12) + 1;
}

function monthOf(day: string): number {
  return Number(day.slice(5, 7));
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
