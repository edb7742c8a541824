import { describe, expect, it } from '@jest/globals';

import { catalogProduct } from '../../../test/support/catalog.js';
import { seasonMask } from '../../ml/agriculture/season.js';
import { CatalogIndex, type CatalogProduct } from './catalog-index.js';
import { FALLBACK_DEFAULTS, toContext } from './request-context.js';
import { completeInput } from './requested-recommendation.js';
import { Reasons } from './reasons.js';
import type { RecommendationReason } from './reason.types.js';
import { NO_COUNTS, ShopStatistics, type ShopCounts } from './shop-statistics.js';
import type { ActivityRow } from './user-activity.types.js';

const NOW = new Date('2026-06-15T10:00:00Z');
const HOME = { latitude: 42, longitude: -73 };
const day = (text: string): number => Date.parse(`${text}T12:00:00Z`);
const bought = (productId: string, text: string): ActivityRow => ({
  productId,
  source: 'order',
  at: day(text),
});

const kale = catalogProduct('kale', { name: 'Curly kale' });
const plums = catalogProduct('plums', { name: 'Plums', category: 'FRUITS' });
const counts: ShopCounts = {
  ...NO_COUNTS,
  pairs: new Map([
    [
      'pears',
      new Map([
        ['plums', { both: 300, withProduct: 2000, withPartner: 1000, orders: 10_000 }],
        ['kale', { both: 210, withProduct: 2000, withPartner: 1000, orders: 10_000 }], // lift 1.05: chance
      ]),
    ],
  ]),
};

/** Reasons of one product for a user who bought kale thrice and plums once. */
function reasonsOf(
  product: CatalogProduct,
  { deliveryDate = '2026-06-15', others = [] as readonly CatalogProduct[], location = HOME } = {},
): readonly RecommendationReason[] {
  const rows = [
    bought('kale', '2026-05-01'),
    bought('kale', '2026-05-08'),
    bought('plums', '2026-05-10'),
    bought('kale', '2026-05-22'),
  ];
  const statistics = new ShopStatistics(counts);
  const catalog = new CatalogIndex(
    [kale, plums, product, ...others].filter((one, i, all) => all.indexOf(one) === i),
  );
  const input = completeInput({ userId: 'u', deliveryDate, location }, '2026-06-15');
  const activity = { place: undefined, rows, cursor: 1 };
  return new Reasons(toContext(input, FALLBACK_DEFAULTS, { now: NOW, catalog, statistics, activity })).of(
    product,
  );
}
const reason = (code: string, reasons: readonly RecommendationReason[]): RecommendationReason | undefined =>
  reasons.find((one) => one.code === code);

describe('Reasons', () => {
  it('says nothing where nothing is known', () => {
    expect(reasonsOf(catalogProduct('x', { name: 'Honey', category: 'HONEY' }))).toEqual([]);
  });

  it('buy again: days, the last one and the median between them', () => {
    expect(reasonsOf(kale)[0]).toEqual({
      code: 'buy-again',
      text: 'You bought it on 3 days, last on 2026-05-22, usually every 10.5 days.',
      lastBought: '2026-05-22',
      purchases: 3,
      usualIntervalDays: 10.5,
    });
    expect(reason('buy-again', reasonsOf(plums))).toBeUndefined();
  });

  it('bought together: the best pair above chance, with share and lift', () => {
    const pears = catalogProduct('pears', { name: 'Pears', category: 'FRUITS' });
    expect(reason('bought-together', reasonsOf(pears))).toEqual({
      code: 'bought-together',
      text: '30 % of the orders with Plums, which you bought, hold it too: 1.5 times the usual share.',
      withProductId: 'plums',
      withName: 'Plums',
      share: 0.3,
      lift: 1.5,
    });
  });

  it('like your last orders: the nearest of what was bought, never the product itself', () => {
    const red = catalogProduct('red', { name: 'Red kale' });
    // .4/3 + .25 + .15 + .05 + .05 = .633
    expect(reason('like-your-last-orders', reasonsOf(red))).toMatchObject({
      likeProductId: 'kale',
      similarity: 0.633,
      text: 'Much like Curly kale, which you bought.',
    });
    expect(reason('like-your-last-orders', reasonsOf(kale))).toBeUndefined();
  });

  it.each([
    [[6, 7, 8], 'Peak from June to August in Hudson.'],
    [[6], 'Peak in June in Hudson.'],
    [[11, 12, 1], undefined],
    [[4, 6, 9], undefined], // three times of sale have no peak to name
    [[], undefined],
  ])('in season: months %j say %s', (months, text) => {
    const product = catalogProduct('x', { season: seasonMask(months), region: 'Hudson', category: 'X' });
    expect(reason('in-season', reasonsOf(product))?.text).toBe(text);
  });

  it('in season: looks at the delivery day, not at today', () => {
    const winter = catalogProduct('x', { season: seasonMask([11, 12, 1]), category: 'X' });
    expect(reason('in-season', reasonsOf(winter, { deliveryDate: '2026-12-24' }))).toMatchObject({
      peakFromMonth: 11,
      peakToMonth: 1,
      text: 'Peak from November to January.',
    });
  });

  it('near: great-circle kilometres, up to 50', () => {
    const at = (latitude: number): CatalogProduct =>
      catalogProduct('x', { farmId: 'f', place: { latitude, longitude: -73 }, category: 'X' });
    // a tenth of a degree of latitude is 11.1 km
    expect(reason('near', reasonsOf(at(42.1)))).toEqual({
      code: 'near',
      text: 'From a farm 11.1 km away.',
      km: 11.1,
    });
    expect(reason('near', reasonsOf(at(42.5)))).toBeUndefined();
    expect(reason('near', reasonsOf(catalogProduct('x', { category: 'X' })))).toBeUndefined();
  });

  it('certified: who says so and until when, on the delivery day', () => {
    const certifications = [
      { kind: 'organic', body: 'Hudson Organic', number: 'ORG-1', validUntil: '2026-06-30' },
      { kind: 'Biodynamic', validUntil: '2026-06-01' },
    ];
    const product = catalogProduct('x', { certifications, category: 'X' });
    expect(reasonsOf(product)).toEqual([
      {
        code: 'organic-certified',
        text: 'Certified organic by Hudson Organic (ORG-1), valid until 2026-06-30.',
        body: 'Hudson Organic',
        number: 'ORG-1',
        validUntil: '2026-06-30',
      },
    ]);
    expect(reasonsOf(product, { deliveryDate: '2026-07-01' })).toEqual([]);
  });

  it('new in the shop: up to 30 days', () => {
    const listed = (text: string): CatalogProduct =>
      catalogProduct('x', { listedAt: day(text), category: 'X' });
    expect(reasonsOf(listed('2026-06-14'))).toEqual([
      {
        code: 'new-in-shop',
        text: 'New in the shop since 2026-06-14, 1 day ago.',
        listedOn: '2026-06-14',
        daysAgo: 1,
      },
    ]);
    expect(reasonsOf(listed('2026-05-16'))).toHaveLength(1);
    expect(reasonsOf(listed('2026-05-15'))).toHaveLength(0);
  });

  it('popular in season: among the 20 most bought in the month and the two beside it', () => {
    const months = (may: number, june: number, january: number): number[] =>
      Array.from({ length: 12 }, (_, i) => ({ 0: january, 4: may, 5: june })[i] ?? 0);
    const others = Array.from({ length: 20 }, (_, i) =>
      catalogProduct(`o${i}`, { purchasesByMonth: months(0, 10 + i, 0) }),
    );
    const at = (purchases: number, january = 0): readonly RecommendationReason[] =>
      reasonsOf(catalogProduct('x', { category: 'X', purchasesByMonth: months(purchases, 1, january) }), {
        others,
      });
    expect(at(11)).toEqual([
      {
        code: 'popular-in-season',
        text: 'Among the most bought at this time of the year: 12 purchases.',
        purchases: 12,
      },
    ]);
    expect(at(8, 99)).toEqual([]);
  });

  it('keeps to four', () => {
    const product = catalogProduct('x', {
      name: 'Curly kale',
      farmId: 'f',
      place: HOME,
      season: seasonMask([6]),
      certifications: [{ kind: 'organic' }, { kind: 'biodynamic' }],
      listedAt: day('2026-06-10'),
    });
    expect(reasonsOf(product).map(({ code }) => code)).toEqual([
      'like-your-last-orders',
      'in-season',
      'near',
      'organic-certified',
    ]);
  });
});
