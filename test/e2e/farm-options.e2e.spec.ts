import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { isCertified, seasonCurve } from '../../src/modules/demo/simulator/laws.js';
import type { World } from '../../src/modules/demo/simulator/marketplace.types.js';
import { computeAtOnce } from '../../src/modules/demo/simulator/steps.js';
import { createWorld } from '../../src/modules/demo/simulator/world.js';
import { ShopStatisticsService } from '../../src/modules/inference/shop-statistics.service.js';
import { startTestApp, type TestApp, type TestResponse } from '../support/test-app.js';
import { mulberry32 } from '../support/random.js';
import { seedSmallMarketplace, startTraining, waitForJob, waitUntil } from '../support/small-marketplace.js';

interface Reason {
  readonly code: string;
  readonly text: string;
  readonly [figure: string]: unknown;
}

interface Item {
  readonly productId: string;
  readonly farmId: string;
  readonly category: string;
  readonly organic: boolean;
  readonly score: number;
  readonly reasons: readonly Reason[];
}

interface Order {
  readonly user_id: string;
  readonly at: Date;
  readonly products: readonly string[];
}

const PREDICTIONS = '/api/ml/predictions';
const SEED = { farms: 8, products: 60, customers: 120, orderLines: 4000, years: 1, seed: 7 };
const DAY_MS = 86_400_000;
const WISHES = 150;

describe('the farm in an answer', () => {
  let app: TestApp;
  let service: string;
  let world: World;
  let orders: readonly Order[];
  let today: string;

  const query = async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await app.database.pool.query<T>(sql, values)).rows;
  const ask = async (input: object, token = service): Promise<TestResponse> =>
    app.post(PREDICTIONS, { type: 'recommendation', input }, { token });
  const itemsOf = ({ body }: TestResponse): readonly Item[] =>
    (body.data as { result: { recommendations: readonly Item[] } }).result.recommendations;
  const indexOf = (id: string): number => Number(id.slice(id.indexOf('-') + 1)) - 1;
  const productOf = (id: string): World['products'][number] => {
    const product = world.products[indexOf(id)];
    if (product === undefined) throw new Error(`No product ${id}.`);
    return product;
  };
  const farmOf = (id: string): World['farms'][number] => {
    const farm = world.farms[productOf(id).farm];
    if (farm === undefined) throw new Error(`No farm of ${id}.`);
    return farm;
  };

  beforeAll(async () => {
    app = await startTestApp();
    service = await app.token('service');
    const until = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    today = new Date().toISOString().slice(0, 10);
    await seedSmallMarketplace(app);
    world = computeAtOnce(createWorld({ ...SEED, until }));
    await query("UPDATE farms SET certifications = certifications || $1::jsonb WHERE id = 'farm-1'", [
      JSON.stringify([{ kind: 'biodynamic', body: 'Expired', validUntil: '2020-12-31' }]),
    ]);
    const { modelId } = await waitForJob(
      app,
      (await startTraining(app, { hyperparameters: { epochs: 5, factors: 8, batchSize: 64 } })).id,
    );
    await app.post('/api/ml/models', { action: 'deploy', modelId }, { token: await app.token('admin') });
    await waitUntil(
      async () => (await ask({ userId: 'user-1' })).text.includes('"personalized":true'),
      'the model serves',
    );
    await app.app.get(ShopStatisticsService, { strict: false }).refresh();
    orders = await query<Order>(
      `SELECT o.user_id, o.placed_at AS at, array_agg(DISTINCT l.product_id) AS products
       FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY o.id ORDER BY o.placed_at`,
    );
  });
  afterAll(async () => app.close());

  /** On the sphere, by the law of cosines: not the formula of the service. */
  const kilometres = (a: { latitude: number; longitude: number }, b: typeof a): number => {
    const [x, y, dl] = [a.latitude, b.latitude, a.longitude - b.longitude].map(
      (v) => (v * Math.PI) / 180,
    ) as [number, number, number];
    return (
      6371.0088 * Math.acos(Math.min(1, Math.sin(x) * Math.sin(y) + Math.cos(x) * Math.cos(y) * Math.cos(dl)))
    );
  };
  const certified = (id: string, kind: string, day: string): boolean =>
    farmOf(id).certifications.some((one) => one.kind === kind) &&
    isCertified(
      { ...farmOf(id), certifications: farmOf(id).certifications.filter((one) => one.kind === kind) },
      Date.parse(day),
    );

  /** Holds what a reason states against the simulator and the orders. */
  function expectTrue(
    reason: Reason,
    item: Item,
    { userId, day, home }: { userId: string; day: string; home: { latitude: number; longitude: number } },
  ): void {
    const month = Number(day.slice(5, 7));
    const own = orders.filter(({ user_id }) => user_id === userId);
    const monthsOf = ({ at }: Order): number => at.getUTCMonth() + 1;
    switch (reason.code) {
      case 'near':
        expect(reason['km']).toBeCloseTo(kilometres(home, farmOf(item.productId)), 0);
        expect(reason['km']).toBeLessThanOrEqual(50);
        break;
      case 'in-season': {
        const { seasonMonths } = productOf(item.productId);
        const [from, to] = [Number(reason['peakFromMonth']), Number(reason['peakToMonth'])];
        const isInside = (at: number): boolean =>
          from <= to ? at >= from && at <= to : at >= from || at <= to;
        expect(seasonMonths.length === 0 || seasonMonths.includes(month)).toBe(true);
        expect(isInside(month)).toBe(true);
        expect(reason['region']).toBe(farmOf(item.productId).region);
        // the months named hold more of the sales than their part of the year
        const sold = orders.filter(({ products }) => products.includes(item.productId));
        const months = Array.from({ length: 12 }, (_, i) => i + 1).filter(isInside);
        const inside = sold.filter((order) => months.includes(monthsOf(order))).length;
        if (sold.length >= 20) expect(inside / sold.length).toBeGreaterThan(months.length / 12);
        break;
      }
      case 'organic-certified':
      case 'biodynamic-certified': {
        const kind = reason.code.slice(0, -'-certified'.length);
        expect(certified(item.productId, kind, day)).toBe(true);
        const facts = farmOf(item.productId).certifications.find((one) => one.kind === kind);
        expect(reason).toMatchObject({
          body: facts?.body,
          number: facts?.number,
          validUntil: facts?.validUntil,
        });
        expect(String(reason['validUntil']) >= day).toBe(true);
        break;
      }
      case 'buy-again': {
        const days = [
          ...new Set(
            own
              .filter(({ products }) => products.includes(item.productId))
              .map(({ at }) => at.toISOString().slice(0, 10)),
          ),
        ];
        expect(reason).toMatchObject({ purchases: days.length, lastBought: days.at(-1) });
        expect(days.length).toBeGreaterThan(1);
        break;
      }
      case 'bought-together': {
        const partner = String(reason['withProductId']);
        const withPartner = orders.filter(({ products }) => products.includes(partner));
        const both = withPartner.filter(({ products }) => products.includes(item.productId));
        const withProduct = orders.filter(({ products }) => products.includes(item.productId));
        const share = both.length / withPartner.length;
        expect(own.some(({ products }) => products.includes(partner))).toBe(true);
        expect(reason['share']).toBeCloseTo(share, 2);
        expect(reason['lift']).toBeCloseTo(share / (withProduct.length / orders.length), 1);
        expect(Number(reason['lift'])).toBeGreaterThanOrEqual(1.19);
        break;
      }
      case 'like-your-last-orders': {
        const like = String(reason['likeProductId']);
        expect(own.some(({ products }) => products.includes(like))).toBe(true);
        expect(own.some(({ products }) => products.includes(item.productId))).toBe(false);
        expect(productOf(like).category).toBe(item.category);
        break;
      }
      case 'popular-in-season': {
        const near = [((month + 10) % 12) + 1, month, (month % 12) + 1];
        const bought = orders.filter(
          (order) => near.includes(monthsOf(order)) && order.products.includes(item.productId),
        ).length;
        // ratings count as purchases of the season too
        expect(Number(reason['purchases'])).toBeGreaterThanOrEqual(bought);
        break;
      }
      case 'new-in-shop':
        expect(Number(reason['daysAgo'])).toBeLessThanOrEqual(30);
        break;
      default:
        throw new Error(`Nobody has checked ${reason.code}.`);
    }
    expect(reason.text).not.toMatch(/undefined|NaN|null/);
  }

  it(`lets nothing out that ${WISHES} random wishes forbid, and says only what is true`, async () => {
    const random = mulberry32(17);
    const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!; // in range
    const seen = new Map<string, number>();
    let itemCount = 0;
    for (let wish = 0; wish < WISHES; wish += 1) {
      const customer = Math.floor(random() * SEED.customers);
      const userId = `user-${customer + 1}`;
      const stored = world.customers[customer]!; // in range
      const location = random() < 0.5 ? undefined : { latitude: 42 + random(), longitude: -74 + random() };
      const home = location ?? { latitude: stored.latitude, longitude: stored.longitude };
      const day = new Date(Date.now() + Math.floor(random() * 365) * DAY_MS).toISOString().slice(0, 10);
      const deliveryDate = random() < 0.3 ? today : day;
      const preferences = {
        inSeasonOnly: true,
        organicOnly: random() < 0.25,
        biodynamicOnly: random() < 0.1,
        mustLast: random() < 0.3,
        maxDistanceKm: one([undefined, 20, 60, 120]),
        maxPerFarm: one([undefined, 1, 2]),
        diversity: one([0, 0.3, 1]),
        freshness: one([0, 1]),
        localityWeight: one([0, 0.5, 1]),
        seasonWeight: one([0, 0.5, 1]),
      };
      const response = await ask({ userId, limit: one([1, 10, 40]), deliveryDate, location, preferences });
      expect([response.status, response.text.slice(0, 200)]).toEqual([200, expect.anything()]);
      const items = itemsOf(response);
      const ofFarm = new Map<string, number>();
      for (const item of items) {
        const product = productOf(item.productId);
        expect(seasonCurve(product.seasonMonths, Date.parse(deliveryDate))).toBeDefined();
        if (preferences.organicOnly) expect(certified(item.productId, 'organic', deliveryDate)).toBe(true);
        if (preferences.biodynamicOnly)
          expect(certified(item.productId, 'biodynamic', deliveryDate)).toBe(true);
        if (preferences.maxDistanceKm !== undefined) {
          expect(kilometres(home, farmOf(item.productId))).toBeLessThanOrEqual(
            preferences.maxDistanceKm + 1e-6,
          );
        }
        if (preferences.mustLast) {
          expect(product.shelfLifeDays).toBeGreaterThanOrEqual(
            (Date.parse(deliveryDate) - Date.parse(today)) / DAY_MS,
          );
        }
        ofFarm.set(item.farmId, (ofFarm.get(item.farmId) ?? 0) + 1);
        for (const reason of item.reasons) {
          expectTrue(reason, item, { userId, day: deliveryDate, home });
          seen.set(reason.code, (seen.get(reason.code) ?? 0) + 1);
        }
      }
      expect(new Set(items.map(({ productId }) => productId)).size).toBe(items.length);
      expect(Math.max(0, ...ofFarm.values())).toBeLessThanOrEqual(preferences.maxPerFarm ?? 100);
      itemCount += items.length;
    }
    expect(itemCount).toBeGreaterThan(WISHES);
    process.stdout.write(`${itemCount} items; reasons ${JSON.stringify(Object.fromEntries(seen))}\n`);
    for (const code of [
      'near',
      'in-season',
      'organic-certified',
      'buy-again',
      'bought-together',
      'popular-in-season',
    ]) {
      expect([code, (seen.get(code) ?? 0) > 0]).toEqual([code, true]);
    }
  }, 120_000);

  it('agrees with the simulator on how far a farm is from where a user lives', async () => {
    const items = itemsOf(await ask({ userId: 'user-7', limit: 60, preferences: { localityWeight: 1 } }));
    const near = items.flatMap(({ productId, reasons }) =>
      reasons.filter(({ code }) => code === 'near').map(({ km }) => ({ productId, km })),
    );
    expect(near.length).toBeGreaterThan(0);
    for (const { productId, km } of near) {
      expect(km).toBeCloseTo(world.distancesKm[6 * SEED.farms + productOf(productId).farm] ?? Number.NaN, 0);
    }
  });

  it('knows everything that is allowed: the whole list is what the rules leave', async () => {
    const deliveryDate = today;
    const month = Number(today.slice(5, 7));
    const preferences = { inSeasonOnly: true, maxDistanceKm: 80, repurchase: 'always' };
    const items = itemsOf(await ask({ userId: 'user-9', limit: 100, deliveryDate, preferences }));
    const customer = world.customers[8]!; // in range
    const buyable = await query<{ id: string }>(
      `SELECT id FROM products WHERE active AND coalesce(stock > 0, true) AND (season_months = '{}' OR $1 = ANY(season_months))`,
      [month],
    );
    const expected = buyable.map(({ id }) => id).filter((id) => kilometres(customer, farmOf(id)) <= 80);
    expect(items.map(({ productId }) => productId).sort()).toEqual(expected.sort());
  });

  it('weighs what it is asked to weigh', async () => {
    const list = async (preferences: object): Promise<readonly Item[]> =>
      itemsOf(await ask({ userId: 'user-11', limit: 10, preferences: { seasonWeight: 0, ...preferences } }));
    const home = world.customers[10]!; // in range
    const meanKm = (items: readonly Item[]): number =>
      items.reduce((sum, { productId }) => sum + kilometres(home, farmOf(productId)), 0) / items.length;
    expect(meanKm(await list({ localityWeight: 1 }))).toBeLessThan(meanKm(await list({ localityWeight: 0 })));

    const kinds = (items: readonly Item[]): number => new Set(items.map(({ category }) => category)).size;
    expect(kinds(await list({ diversity: 0.9 }))).toBeGreaterThan(kinds(await list({ diversity: 0 })));

    const launched = (items: readonly Item[]): number =>
      items.reduce((sum, { productId }) => sum + productOf(productId).launchDay, 0);
    expect(launched(await list({ freshness: 1 }))).toBeGreaterThanOrEqual(launched(await list({})));
  });

  it('takes a place for the popular of a stranger', async () => {
    const location = { latitude: farmOf('product-1').latitude, longitude: farmOf('product-1').longitude };
    const far = await ask({ userId: 'stranger', limit: 5 });
    const near = await ask({ userId: 'stranger', limit: 5, location });
    expect(near.body.data).toMatchObject({ personalized: false, source: 'popularity-in-season' });
    const meanKm = (response: TestResponse): number =>
      itemsOf(response).reduce((sum, { productId }) => sum + kilometres(location, farmOf(productId)), 0);
    expect(meanKm(near)).toBeLessThan(meanKm(far));
    expect(itemsOf(near)[0]?.reasons.some(({ code }) => code === 'near')).toBe(true);
  });

  it('sets defaults by the training, which a request can change', async () => {
    const context = { seasonalAware: false, localityWeighting: true, shelfLifeAware: true };
    const { status, body } = await app.post(
      '/api/ml/training',
      { modelType: 'POPULARITY', config: { agriculturalContext: context } },
      { token: await app.token('admin') },
    );
    expect([status, body.data]).toMatchObject([202, { config: { agriculturalContext: context } }]);
    const bad = await app.post(
      '/api/ml/training',
      { modelType: 'POPULARITY', config: { agriculturalContext: { shelfLifeAware: 'yes' } } },
      { token: await app.token('admin') },
    );
    expect(bad.body).toMatchObject({ status: 400, type: '/problems/validation-failed' });
    await waitForJob(app, (body.data as { id: string }).id);
  });

  it.each(['admin', 'service'] as const)('takes every option of a %s', async (role) => {
    const preferences = {
      categories: ['vegetables'],
      organicOnly: false,
      biodynamicOnly: false,
      inSeasonOnly: false,
      mustLast: true,
      maxDistanceKm: 300,
      repurchase: 'never',
      maxPerFarm: 2,
      diversity: 0.5,
      freshness: 0.5,
      localityWeight: 0.5,
      seasonWeight: 0.5,
    };
    const location = { latitude: 42, longitude: -73.5 };
    const response = await ask({ userId: 'user-1', location, preferences }, await app.token(role));
    expect(response.status).toBe(200);
    expect(itemsOf(response).every(({ category }) => category === 'VEGETABLES')).toBe(true);
  });

  it('lets a user use its own place, and nobody else’s', async () => {
    const token = await app.token('user', 'user-2');
    const preferences = { maxDistanceKm: 500 };
    expect((await ask({ userId: 'user-2', preferences }, token)).status).toBe(200);
    expect((await ask({ userId: 'user-3', preferences }, token)).body).toMatchObject({ status: 403 });
    expect(
      (await app.post(PREDICTIONS, { type: 'recommendation', input: { userId: 'user-2', preferences } }))
        .status,
    ).toBe(401);
  });

  it.each<[string, object, string]>([
    ['a latitude of 91', { location: { latitude: 91, longitude: 0 } }, '/input/location/latitude'],
    ['a longitude of −181', { location: { latitude: 0, longitude: -181 } }, '/input/location/longitude'],
    ['half of a place', { location: { latitude: 1 } }, '/input/location/longitude'],
    ['a place that is a text', { location: 'Hudson' }, '/input/location'],
    [
      'something beside a place',
      { location: { latitude: 1, longitude: 1, height: 3 } },
      '/input/location/height',
    ],
    ['a distance of 0', { preferences: { maxDistanceKm: 0 } }, '/input/preferences/maxDistanceKm'],
    ['a distance as a text', { preferences: { maxDistanceKm: '20' } }, '/input/preferences/maxDistanceKm'],
    [
      'a distance round the Earth',
      { preferences: { maxDistanceKm: 50_000 } },
      '/input/preferences/maxDistanceKm',
    ],
    ['a cap of 0', { preferences: { maxPerFarm: 0 } }, '/input/preferences/maxPerFarm'],
    ['a cap of 1.5', { preferences: { maxPerFarm: 1.5 } }, '/input/preferences/maxPerFarm'],
    ['a diversity of 1.1', { preferences: { diversity: 1.1 } }, '/input/preferences/diversity'],
    ['a diversity of −1', { preferences: { diversity: -1 } }, '/input/preferences/diversity'],
    ['a freshness of 2', { preferences: { freshness: 2 } }, '/input/preferences/freshness'],
    ['a locality of 2', { preferences: { localityWeight: 2 } }, '/input/preferences/localityWeight'],
    ['a season of −0.1', { preferences: { seasonWeight: -0.1 } }, '/input/preferences/seasonWeight'],
    ['a season that is a text', { preferences: { inSeasonOnly: 'yes' } }, '/input/preferences/inSeasonOnly'],
    ['a shelf life that is a number', { preferences: { mustLast: 1 } }, '/input/preferences/mustLast'],
    ['an unknown rule', { preferences: { repurchase: 'sometimes' } }, '/input/preferences/repurchase'],
  ])('refuses %s', async (_, input, pointer) => {
    const { body } = await ask({ userId: 'user-1', ...input });
    expect(body).toMatchObject({ status: 400, type: '/problems/validation-failed' });
    expect((body['errors'] as { pointer: string }[]).map((error) => error.pointer)).toContain(pointer);
  });

  it('refuses a distance from nowhere', async () => {
    const { body } = await ask({ userId: 'stranger', preferences: { maxDistanceKm: 10 } });
    expect(body).toMatchObject({ status: 400, type: '/problems/location-needed', userId: 'stranger' });
  });
});
