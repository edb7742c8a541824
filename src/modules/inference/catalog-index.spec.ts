import { describe, expect, it } from '@jest/globals';

import { mulberry32 } from '../../../test/support/random.js';
import { isCertified } from '../../ml/agriculture/certification.js';
import { isInSeason, seasonMask } from '../../ml/agriculture/season.js';
import { CatalogIndex, type CatalogFilter, type CatalogEntry } from './catalog-index.js';

const DAY = '2026-06-15';
const anything: CatalogFilter = {
  categories: [],
  organicOnly: false,
  biodynamicOnly: false,
  inSeasonOnly: false,
  day: DAY,
};

const product = (id: string, over: Partial<CatalogEntry> = {}): CatalogEntry => ({
  id,
  name: id,
  category: 'FRUITS',
  farmId: undefined,
  place: undefined,
  region: undefined,
  shelfLifeDays: undefined,
  unit: 'kg',
  priceMinor: 100,
  currency: 'EUR',
  season: 0,
  certifications: [],
  isAvailable: true,
  purchasesByMonth: Array.from({ length: 12 }, () => 0),
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
    const shop = new CatalogIndex([product('cherry'), product('kale')]);
    const imprints = shop.products.map(({ id, imprint }) => [id, imprint] as const);
    expect(shop.isUnchanged(imprints)).toBe(true);
    expect(shop.put(product('cherry'))).toBe(false);
    expect(shop.isUnchanged(imprints)).toBe(true);
    expect(shop.put(product('cherry', { priceMinor: 101 }))).toBe(true);
    expect(shop.isUnchanged(imprints.slice(0, 1))).toBe(false);
    expect(shop.isUnchanged(imprints.slice(1))).toBe(true);
    shop.remove('kale');
    expect(shop.isUnchanged(imprints.slice(1))).toBe(false);
    expect(shop.isUnchanged([['never there', '0']])).toBe(false);
  });

  it.each<[string, Partial<CatalogEntry>]>([
    ['a name', { name: 'Cherry' }],
    ['a price', { priceMinor: undefined }],
    ['a place', { farmId: 'farm', place: { latitude: 1, longitude: 2 } }],
    ['a region', { farmId: 'farm', region: 'north' }],
    ['a shelf life', { shelfLifeDays: 3 }],
    ['a certificate', { certifications: [{ kind: 'organic' }] }],
    ['stock', { isAvailable: false }],
    ['a season', { season: 1 }],
  ])('takes in %s', (_, over) => {
    const shop = new CatalogIndex([product('cherry')]);
    const before = shop.products[0]!.imprint;
    expect(shop.put(product('cherry', over))).toBe(true);
    expect(shop.products).toHaveLength(1);
    expect(shop.products[0]).toMatchObject(product('cherry', over));
    expect(shop.products[0]!.imprint).not.toBe(before);
  });

  it('keeps the marks of a filter while products change, come and go', () => {
    const shop = new CatalogIndex([product('cherry'), product('milk', { category: 'DAIRY' })]);
    const filter = { ...anything, categories: ['FRUITS'], organicOnly: true };
    expect([...shop.forbidden(filter)]).toEqual([1, 1]);
    shop.put(product('cherry', { certifications: [{ kind: 'organic' }] }));
    expect([...shop.forbidden(filter)]).toEqual([0, 1]);
    shop.put(product('quark', { category: 'FRUITS', certifications: [{ kind: 'Organic' }] }));
    shop.put(product('tea', { category: 'HERBS', certifications: [{ kind: 'organic' }] }));
    expect([...shop.forbidden(filter)]).toEqual([0, 1, 0, 1]);
    shop.remove('cherry');
    expect([...shop.forbidden(filter)]).toEqual([1, 1, 0, 1]);
    expect([shop.indexOf('cherry'), shop.slotOf('cherry'), shop.size]).toEqual([-1, 0, 3]);
    shop.put(product('cherry', { certifications: [{ kind: 'organic' }] }));
    expect([...shop.forbidden(filter)]).toEqual([0, 1, 0, 1]);
    expect([shop.indexOf('cherry'), shop.size]).toEqual([0, 4]);
  });

  it('says the same as the definition for random products and filters', () => {
    const random = mulberry32(3);
    const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    const entry = (): CatalogEntry =>
      product(`p${Math.floor(random() * 400)}`, {
        category: one(['FRUITS', 'HONEY', 'DAIRY']),
        season: one([0, 1, 0b1110_0000, 0xfff]),
        isAvailable: random() < 0.8,
        certifications: one([
          [],
          [{ kind: 'organic', validUntil: '2026-03-31' }],
          [{ kind: 'organic' }, { kind: 'biodynamic', validFrom: '2026-06-15' }],
        ]),
      });
    const shop = new CatalogIndex();
    const latest = new Map<string, CatalogEntry>();
    for (let step = 0; step < 3000; step += 1) {
      const put = entry();
      if (random() < 0.1) {
        shop.remove(put.id);
        latest.delete(put.id);
      } else {
        shop.put(put);
        latest.set(put.id, put);
      }
      if (step % 50 !== 0) continue;
      const filter: CatalogFilter = {
        categories: one([[], ['HONEY'], ['DAIRY', 'FRUITS']]),
        organicOnly: random() < 0.3,
        biodynamicOnly: random() < 0.3,
        inSeasonOnly: random() < 0.5,
        day: one(['2026-01-05', '2026-03-31', '2026-04-01', '2026-06-15']),
      };
      const marks = shop.forbidden(filter);
      const found = shop.products.filter((_, slot) => marks[slot] === 0).map(({ id }) => id);
      const expected = [...latest.values()].filter(
        ({ category, season, isAvailable, certifications }) =>
          isAvailable &&
          (filter.categories.length === 0 || filter.categories.includes(category)) &&
          (!filter.inSeasonOnly || isInSeason(season, Number(filter.day.slice(5, 7)))) &&
          (!filter.organicOnly || isCertified(certifications, 'organic', filter.day)) &&
          (!filter.biodynamicOnly || isCertified(certifications, 'biodynamic', filter.day)),
      );
      expect(found.sort()).toEqual(expected.map(({ id }) => id).sort());
    }
    expect(shop.size).toBe(latest.size);
  });

  it('counts purchases as they come, and anew', () => {
    const shop = new CatalogIndex([product('cherry'), product('kale')]);
    expect(shop.addPurchases('cherry', 6, 3)).toBe(true);
    expect([...shop.popularityInSeason('2026-06-01')]).toEqual([Math.fround(3.003), 0]);
    shop.addPurchases('cherry', 7, 2);
    shop.addPurchases('cherry', 6, -1);
    expect(shop.addPurchases('never there', 6, 1)).toBe(false);
    expect([...shop.popularityInSeason('2026-06-01')]).toEqual([Math.fround(4.004), 0]);
    const counts = shop.countAnew();
    counts.add(1, 12, 8);
    shop.put(product('leek'));
    shop.replacePurchases(counts);
    expect([...shop.popularityInSeason('2026-01-01')]).toEqual([0, Math.fround(8.008), 0]);
    expect(shop.products[1]!.purchasesByMonth[11]).toBe(8);
  });
});
