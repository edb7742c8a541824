import { isCertified, type Certification } from '../../ml/agriculture/certification.js';
import { isInSeason } from '../../ml/agriculture/season.js';
import type { CatalogColumns } from './catalog-columns.js';
import type { InternedValues } from './interned-values.js';

/** What must hold for a product to be shown. */
export interface CatalogFilter {
  readonly categories: readonly string[];
  readonly organicOnly: boolean;
  readonly biodynamicOnly: boolean;
  readonly inSeasonOnly: boolean;
  /** ISO 8601 date. */
  readonly day: string;
}

/** What is the same for two filters that allow the same products. Categories in any order. */
export function filterKey({
  categories,
  organicOnly,
  biodynamicOnly,
  inSeasonOnly,
  day,
}: CatalogFilter): string {
  const isCertifiedOnly = organicOnly || biodynamicOnly;
  const when = isCertifiedOnly ? day : inSeasonOnly ? day.slice(5, 7) : '';
  return JSON.stringify([organicOnly, biodynamicOnly, inSeasonOnly, when, ...[...categories].sort()]);
}

/** A verdict on each of some interned values, asked for once a value. */
class Verdicts<T> {
  private readonly isRefused: boolean[] = [];

  constructor(
    private readonly values: InternedValues<T>,
    private readonly accepts: (value: T) => boolean,
  ) {}

  /** By number of the value, of all values there are now. */
  upToDate(): readonly boolean[] {
    while (this.isRefused.length < this.values.size) {
      this.isRefused.push(!this.accepts(this.values.at(this.isRefused.length)));
    }
    return this.isRefused;
  }
}

/** Which products one filter forbids, kept while products change. One byte a product. */
export class FilterMarks {
  private readonly month: number;
  private readonly refusedCategories: Verdicts<string>;
  private readonly refusedCertifications: Verdicts<readonly Certification[]>;
  private marks = new Uint8Array(0);
  private count = 0;

  constructor(
    private readonly columns: CatalogColumns,
    private readonly filter: CatalogFilter,
  ) {
    const { categories, organicOnly, biodynamicOnly, day } = filter;
    const wanted = new Set(categories);
    this.month = Number(day.slice(5, 7));
    this.refusedCategories = new Verdicts(
      columns.categories,
      (category) => wanted.size === 0 || wanted.has(category),
    );
    this.refusedCertifications = new Verdicts(
      columns.certificationSets,
      (certifications) =>
        (!organicOnly || isCertified(certifications, 'organic', day)) &&
        (!biodynamicOnly || isCertified(certifications, 'biodynamic', day)),
    );
  }

  /** 1 for a product that is forbidden, 0 for one that is not. Shape (count); not to be changed. */
  upTo(count: number): Uint8Array {
    if (this.marks.length < count) {
      const wider = new Uint8Array(Math.max(count, this.columns.capacity));
      wider.set(this.marks);
      this.marks = wider;
    }
    if (this.count < count) this.mark(this.count, count);
    this.count = Math.max(this.count, count);
    return this.marks.subarray(0, count);
  }

  /** After a product has changed. */
  update(slot: number): void {
    if (slot < this.count) this.mark(slot, slot + 1);
  }

  private mark(from: number, to: number): void {
    const { isAvailable, season, category, certifications } = this.columns;
    const refusedCategory = this.refusedCategories.upToDate();
    const refusedCertification = this.refusedCertifications.upToDate();
    const { inSeasonOnly } = this.filter;
    // hot: the whole catalogue where a filter is new; slots are below the capacity
    for (let slot = from; slot < to; slot += 1) {
      const isForbidden =
        isAvailable[slot] === 0 ||
        refusedCategory[category[slot]!]! ||
        (inSeasonOnly && !isInSeason(season[slot]!, this.month)) ||
        refusedCertification[certifications[slot]!]!;
      this.marks[slot] = isForbidden ? 1 : 0;
    }
  }
}
