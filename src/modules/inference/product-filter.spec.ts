import { describe, expect, it } from '@jest/globals';

import { catalogProduct } from '../../../test/support/catalog.js';
import { CatalogIndex } from './catalog-index.js';
import { LocationNeededError } from './inference.errors.js';
import type { Preferences } from './inference.types.js';
import { forbiddenProducts } from './product-filter.js';
import { logWeight } from './product-weight.js';
import { FALLBACK_DEFAULTS, toContext, type RequestContext } from './request-context.js';
import { completeInput } from './requested-recommendation.js';
import { ShopStatistics } from './shop-statistics.js';
import type { ActivityRow } from './user-activity.types.js';

const HOME = { latitude: 42, longitude: -73 };
const NOW = new Date('2026-06-15T10:00:00Z');
const rows: readonly ActivityRow[] = [
  { productId: 'near', source: 'order', at: 0 },
  { productId: 'hive', source: 'purchase', at: 0 },
  { productId: 'far', source: 'view', at: 0 },
];
const catalog = new CatalogIndex([
  catalogProduct('far', { farmId: 'f2', place: { latitude: 43, longitude: -73 }, shelfLifeDays: 30 }),
  catalogProduct('hive', { category: 'BEEHIVES', farmId: 'f1', place: HOME }),
  catalogProduct('near', { farmId: 'f1', place: HOME, shelfLifeDays: 3, listedAt: NOW.getTime() }),
  catalogProduct('nowhere', { shelfLifeDays: 2 }),
]);
const context = (
  preferences: Partial<Preferences>,
  { deliveryDate = '2026-06-15', isHomeless = false, location = undefined as typeof HOME | undefined } = {},
): RequestContext =>
  toContext(
    completeInput({ userId: 'u', deliveryDate, location, preferences }, '2026-06-15'),
    FALLBACK_DEFAULTS,
    {
      now: NOW,
      catalog,
      statistics: new ShopStatistics(),
      activity: { place: isHomeless ? undefined : HOME, rows, cursor: 1 },
    },
  );
const allowed = (
  preferences: Partial<Preferences>,
  more?: Parameters<typeof context>[1],
  trained: number[] = [],
) => {
  const forbidden = forbiddenProducts(context(preferences, more), trained);
  return catalog.products.filter((_, index) => forbidden[index] === 0).map(({ id }) => id);
};

describe('forbiddenProducts', () => {
  it('leaves out what lasts and is had, by default', () => {
    expect(allowed({})).toEqual(['far', 'near', 'nowhere']);
    expect(allowed({ repurchase: 'always' })).toEqual(['far', 'hive', 'near', 'nowhere']);
    // a look is not a purchase
    expect(allowed({ repurchase: 'never' })).toEqual(['far', 'nowhere']);
    expect(allowed({ excludePurchased: true, repurchase: 'always' })).toEqual(['far', 'nowhere']);
    // what the training knew counts too, −1 stands for what is no longer sold
    expect(allowed({ excludePurchased: true }, {}, [0, -1])).toEqual(['nowhere']);
  });

  it('knows how far it is, from where the user lives or where it is to be delivered', () => {
    // one degree of latitude is 111.2 km; who has no farm is nowhere near
    expect(allowed({ maxDistanceKm: 111, repurchase: 'always' })).toEqual(['hive', 'near']);
    expect(allowed({ maxDistanceKm: 112, repurchase: 'always' })).toEqual(['far', 'hive', 'near']);
    const there = { location: { latitude: 43, longitude: -73 } };
    expect(allowed({ maxDistanceKm: 20 }, there)).toEqual(['far']);
    expect(allowed({ maxDistanceKm: 20 }, { ...there, isHomeless: true })).toEqual(['far']);
    expect(() => allowed({ maxDistanceKm: 20 }, { isHomeless: true })).toThrow(LocationNeededError);
  });

  it('knows what lasts until the delivery day', () => {
    const lasting = (deliveryDate: string): string[] =>
      allowed({ mustLast: true, repurchase: 'always' }, { deliveryDate });
    expect(lasting('2026-06-17')).toEqual(['far', 'hive', 'near', 'nowhere']);
    expect(lasting('2026-06-18')).toEqual(['far', 'hive', 'near']);
    expect(lasting('2026-06-19')).toEqual(['far', 'hive']);
    expect(allowed({}, { deliveryDate: '2026-12-01' })).toContain('nowhere');
  });
});

describe('logWeight', () => {
  const weights = (
    preferences: Partial<Preferences>,
    more?: Parameters<typeof context>[1],
  ): number[] | undefined => {
    const weight = logWeight(context(preferences, more));
    return weight && catalog.products.map((product) => Math.exp(weight(product)));
  };

  it('is none where nothing is weighed or known', () => {
    expect(weights({ localityWeight: 0 })).toBeUndefined();
    expect(weights({}, { isHomeless: true })).toBeUndefined();
  });

  it('agrees with its formula by hand', () => {
    // e^(−111.2/50) = .108; without a place e^−∞ = 0
    const [far, hive, near, nowhere] = weights({ localityWeight: 0.4 }) ?? [];
    expect(far).toBeCloseTo(0.6 + 0.4 * Math.exp(-111.195 / 50), 4);
    expect([hive, near]).toEqual([1, 1]);
    expect(nowhere).toBeCloseTo(0.6, 12);
    // listed today: 1, long ago: 1 / (1 + φ)
    const fresh = weights({ localityWeight: 0, freshness: 0.5 });
    expect(fresh?.[2]).toBe(1);
    expect(fresh?.[0]).toBeCloseTo(1 / 1.5, 6);
  });
});
