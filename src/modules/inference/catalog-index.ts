import { isCertified, type Certification } from '../../ml/agriculture/certification.js';
import type { Place } from '../../ml/agriculture/locality.js';
import { isInSeason, type SeasonMask } from '../../ml/agriculture/season.js';

/** A product as serving needs it. */
export interface CatalogProduct {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly farmId: string | undefined;
  /** Of its farm. */
  readonly place: Place | undefined;
  readonly unit: string;
  readonly priceMinor: number | undefined;
  readonly currency: string;
  readonly season: SeasonMask;
  /** Of the product and of its farm. */
  readonly certifications: readonly Certification[];
  /** False when it is out of stock or no longer sold. */
  readonly isAvailable: boolean;
  /** How often it was bought, by month (12 numbers). */
  readonly purchasesByMonth: readonly number[];
  /** Changes whenever an answer would show the product otherwise, or not at all. */
  readonly imprint: string;
}

/** Id and imprint of a product as it was when an answer was made. */
export type ProductImprint = readonly [id: string, imprint: string];

/** What must hold for a product to be shown. */
export interface CatalogFilter {
  readonly categories: readonly string[];
  readonly organicOnly: boolean;
  readonly biodynamicOnly: boolean;
  readonly inSeasonOnly: boolean;
  /** ISO 8601 date. */
  readonly day: string;
}

/** The catalogue at one moment, in memory. Immutable: a change makes a new one. */
export class CatalogIndex {
  private readonly byId: ReadonlyMap<string, number>;
  private readonly popularity = new Map<number, Float32Array>();

  constructor(readonly products: readonly CatalogProduct[]) {
    this.byId = new Map(products.map(({ id }, index) => [id, index]));
  }

  /** @returns −1 when the catalogue has no such product. */
  indexOf(productId: string): number {
    return this.byId.get(productId) ?? -1;
  }

  /** Marks with 1 the products that a filter forbids. Shape (products). */
  forbidden(filter: CatalogFilter): Uint8Array {
    const categories = new Set(filter.categories);
    const month = Number(filter.day.slice(5, 7));
    // hot: once a request over the whole catalogue, cheap tests first
    return Uint8Array.from(this.products, (product) => {
      if (!product.isAvailable) return 1;
      if (categories.size > 0 && !categories.has(product.category)) return 1;
      if (filter.inSeasonOnly && !isInSeason(product.season, month)) return 1;
      if (filter.organicOnly && !isCertified(product.certifications, 'organic', filter.day)) return 1;
      if (filter.biodynamicOnly && !isCertified(product.certifications, 'biodynamic', filter.day)) return 1;
      return 0;
    });
  }

  /** Whether these products are still as they were: price, stock, season and all that an answer shows. */
  isUnchanged(products: readonly ProductImprint[]): boolean {
    return products.every(([id, imprint]) => this.products[this.indexOf(id)]?.imprint === imprint);
  }

  /**
   * Popularity in the season of `day`: purchases in its month and the two beside it, over all years, with the
   * rest of the year as tie-breaker. Shape (products); not to be changed.
   */
  popularityInSeason(day: string): Float32Array {
    const month = Number(day.slice(5, 7)) - 1;
    const known = this.popularity.get(month);
    if (known) return known;
    const near = [(month + 11) % 12, month, (month + 1) % 12];
    const popularity = Float32Array.from(this.products, ({ purchasesByMonth }) => {
      const total = purchasesByMonth.reduce((sum, count) => sum + count, 0);
      return near.reduce((sum, index) => sum + (purchasesByMonth[index] ?? 0), 0) + total / 1000;
    });
    this.popularity.set(month, popularity);
    return popularity;
  }
}
