import type { CatalogProduct } from '../../src/modules/inference/catalog-index.js';

/** A product of a catalogue in memory: available, all year, of no farm, never bought. */
export function catalogProduct(id: string, over: Partial<CatalogProduct> = {}): CatalogProduct {
  return {
    id,
    name: id,
    category: 'VEGETABLES',
    farmId: undefined,
    place: undefined,
    region: undefined,
    unit: 'kg',
    priceMinor: 100,
    currency: 'EUR',
    season: 0,
    shelfLifeDays: undefined,
    listedAt: 0,
    certifications: [],
    isAvailable: true,
    purchasesByMonth: Array.from({ length: 12 }, () => 0),
    imprint: id,
    ...over,
  };
}
