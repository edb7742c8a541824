import { describe, expect, it } from '@jest/globals';

import { seasonMask } from '../../ml/agriculture/season.js';
import { CatalogIndex, type CatalogFilter, type CatalogProduct } from './catalog-index.js';

const DAY = '2026-06-15';
const anything: CatalogFilter = {
  categories: [],
  organicOnly: false,
  biodynamicOnly: false,
  inSeasonOnly: false,
  day: DAY,
};

const product = (id: string, over: Partial<CatalogProduct> = {}): CatalogProduct => ({
  id,
  name: id,
  category: 'FRUITS',
  farmId: undefined,
  place: undefined,
  unit: 'kg',
  priceMinor: 100,
  currency: 'EUR',
  season: 0,
  certifications: [],
  isAvailable: true,
  purchasesByMonth: Array.from({ length: 12 }, () => 0),
  imprint: id,
  ...over,
});

const catalog = new CatalogIndex([
  product('cherry', { season: seasonMask([6, 7]) }),
  product('kale', { category: 'VEGETABLES', season: seasonMask([11, 12]) }),
  product('honey', { category: 'HONEY', certifications: [{ kind: 'organic', validUntil: '2026-06-15' }] }),
  product('old honey', {
    category: 'HONEY',
    certifications: [{ kind: 'organic', validUntil: '2026-06-14' }],
  }),
  product('milk', { certifications: [{ kind: 'biodynamic' }] }),
  product('sold out', { isAvailable: false }),
]);
const allowed = (filter: Partial<CatalogFilter>): string[] => {
  const forbidden = catalog.forbidden({ ...anything, ...filter });
  return catalog.products.filter((_, index) => forbidden[index] === 0).map(({ id }) => id);
};

describe('CatalogIndex', () => {
  it.each<[string, Partial<CatalogFilter>, string[]]>([
    ['nothing asked', {}, ['cherry', 'kale', 'honey', 'old honey', 'milk']],
    ['in season', { inSeasonOnly: true }, ['cherry', 'honey', 'old honey', 'milk']],
    ['categories', { categories: ['HONEY', 'VEGETABLES'] }, ['kale', 'honey', 'old honey']],
    ['organic today', { organicOnly: true }, ['honey']],
    ['biodynamic', { biodynamicOnly: true }, ['milk']],
    ['all at once', { organicOnly: true, categories: ['FRUITS'] }, []],
  ])('allows by %s', (_, filter, expected) => {
    expect(allowed(filter)).toEqual(expected);
  });

  it('counts the month and the two beside it, around the turn of the year too', () => {
    const months = (...counts: [number, number][]): number[] =>
      Array.from({ length: 12 }, (_, month) => counts.find(([at]) => at === month + 1)?.[1] ?? 0);
    const shop = new CatalogIndex([
      product('winter', { purchasesByMonth: months([12, 5], [1, 7], [2, 9]) }),
      product('summer', { purchasesByMonth: months([6, 100]) }),
    ]);
    // 5 + 7 + 9 in season, 21 / 1000 for the whole year; 100 / 1000 out of season
    expect([...shop.popularityInSeason('2026-01-15')].map((value) => value.toFixed(3))).toEqual([
      '21.021',
      '0.100',
    ]);
    expect([...shop.popularityInSeason('2026-06-15')].map((value) => value.toFixed(3))).toEqual([
      '0.021',
      '100.100',
    ]);
  });

  it('sees that a product has changed or gone', () => {
    expect(
      catalog.isUnchanged([
        ['cherry', 'cherry'],
        ['kale', 'kale'],
      ]),
    ).toBe(true);
    expect(catalog.isUnchanged([['cherry', 'cherry at another price']])).toBe(false);
    expect(catalog.isUnchanged([['gone', 'gone']])).toBe(false);
    expect(catalog.indexOf('gone')).toBe(-1);
  });
});
