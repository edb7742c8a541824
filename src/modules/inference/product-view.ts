import type { Certification } from '../../ml/agriculture/certification.js';
import type { Place } from '../../ml/agriculture/locality.js';
import type { SeasonMask } from '../../ml/agriculture/season.js';
import type { CatalogColumns } from './catalog-columns.js';
import type { CatalogProduct } from './catalog-product.js';
import type { PurchaseCounts } from './purchase-counts.js';

/** A product of the catalogue in memory, read out of its columns: always as it is now. */
export class ProductView implements CatalogProduct {
  constructor(
    private readonly columns: CatalogColumns,
    private readonly purchases: PurchaseCounts,
    private readonly slot: number,
    readonly id: string,
    readonly name: string,
  ) {}

  get category(): string {
    return this.columns.categories.at(this.columns.category[this.slot]!); // a view is of a slot there is
  }

  get farmId(): string | undefined {
    return this.columns.originAt(this.slot).farmId;
  }

  get place(): Place | undefined {
    return this.columns.originAt(this.slot).place;
  }

  get region(): string | undefined {
    return this.columns.originAt(this.slot).region;
  }

  get unit(): string {
    return this.columns.unitAt(this.slot);
  }

  get priceMinor(): number | undefined {
    return this.columns.priceAt(this.slot);
  }

  get currency(): string {
    return this.columns.currencyAt(this.slot);
  }

  get season(): SeasonMask {
    return this.columns.season[this.slot]!;
  }

  get shelfLifeDays(): number | undefined {
    return this.columns.shelfLifeAt(this.slot);
  }

  get listedAt(): number {
    return this.columns.listedAt(this.slot);
  }

  get certifications(): readonly Certification[] {
    return this.columns.certificationSets.at(this.columns.certifications[this.slot]!);
  }

  get isAvailable(): boolean {
    return this.columns.isAvailable[this.slot] === 1;
  }

  get purchasesByMonth(): readonly number[] {
    return this.purchases.monthsOf(this.slot);
  }

  get imprint(): string {
    return String(this.columns.imprintAt(this.slot));
  }
}
