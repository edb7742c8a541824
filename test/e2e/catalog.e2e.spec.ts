import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { CatalogModule } from '../../src/modules/catalog/catalog.module.js';
import { EventsModule } from '../../src/modules/events/events.module.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('the catalogue, orders and events', () => {
  let app: TestApp;
  let token: string;

  beforeAll(async () => {
    app = await startTestApp({}, [CatalogModule, EventsModule]);
    token = await app.token('service');
  });

  afterAll(async () => app.close());

  it('creates, replaces and reads a user', async () => {
    const put = await app.put(
      '/api/ml/users/ada',
      { name: 'Ada', latitude: 44.4, longitude: -73.2 },
      { token },
    );
    expect(put.status).toBe(200);
    expect(put.body.data).toMatchObject({ id: 'ada', name: 'Ada', latitude: 44.4 });
    await app.put('/api/ml/users/ada', { preferences: { organicOnly: true } }, { token });
    const { body } = await app.get('/api/ml/users/ada', { token });
    expect(body.data).toMatchObject({ name: null, latitude: null, preferences: { organicOnly: true } });
  });

  it('creates a farm and a product of it, and keeps the history of its price', async () => {
    const certifications = [
      { kind: 'organic', number: 'O-1', body: 'Hudson Organic', validUntil: '2027-01-31' },
    ];
    const farm = await app.put('/api/ml/farms/hill', { name: 'Hillcrest Farm', certifications }, { token });
    expect(farm.body.data).toMatchObject({ id: 'hill', certifications });
    const kale = {
      name: 'Kale',
      category: 'VEGETABLES',
      farmId: 'hill',
      unit: 'bunch',
      priceMinor: 350,
      seasonMonths: [6, 7],
    };
    expect((await app.put('/api/ml/products/kale', kale, { token })).status).toBe(200);
    await app.put('/api/ml/products/kale', { ...kale, priceMinor: 400 }, { token });
    const { rows } = await app.database.pool.query('SELECT price_minor FROM price_changes ORDER BY at');
    expect(rows).toEqual([{ price_minor: 350 }, { price_minor: 400 }]);
    const { body } = await app.get('/api/ml/products/kale', { token });
    expect(body.data).toMatchObject({ priceMinor: 400, currency: 'EUR', seasonMonths: [6, 7], active: true });
  });

  it('lists products by pages and filters', async () => {
    for (const id of ['a', 'b', 'c']) {
      await app.put(`/api/ml/products/${id}`, { name: id, category: 'BREAD' }, { token });
    }
    const first = await app.get('/api/ml/products?category=BREAD&limit=2', { token });
    const { nextCursor } = first.body.meta as { nextCursor: string };
    const second = await app.get(`/api/ml/products?category=BREAD&limit=2&cursor=${nextCursor}`, { token });
    const idsOf = (data: unknown): string[] => (data as { id: string }[]).map(({ id }) => id);
    expect([...idsOf(first.body.data), ...idsOf(second.body.data)]).toEqual(['c', 'b', 'a']);
    expect(second.body.meta).toEqual({ nextCursor: null });
  });

  it('stores an order once however often it is sent', async () => {
    const order = {
      id: 'o1',
      userId: 'ada',
      placedAt: '2026-05-01T08:00:00Z',
      lines: [{ productId: 'kale', quantity: 2 }],
    };
    const first = await app.post('/api/ml/orders', order, { token });
    expect([first.status, first.body.data]).toEqual([201, { id: 'o1', created: true }]);
    expect((await app.post('/api/ml/orders', order, { token })).body.data).toEqual({
      id: 'o1',
      created: false,
    });
  });

  it('shows an order with its lines, in their order', async () => {
    const lines = ['kale', 'a', 'kale'].map((productId, i) => ({
      productId,
      quantity: i + 0.5,
      unitPriceMinor: 100 * i,
    }));
    const placedAt = '2026-05-02T08:00:00.000Z';
    await app.post('/api/ml/orders', { id: 'o/2', userId: 'ada', placedAt, lines }, { token });
    const { status, body, headers } = await app.get('/api/ml/orders/o%2F2', { token });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ id: 'o/2', userId: 'ada', placedAt, lines });
    const again = { token, headers: { 'if-none-match': headers.get('etag') ?? '' } };
    expect((await app.get('/api/ml/orders/o%2F2', again)).status).toBe(304);
  });

  it('shows an event by the id that storing it answered', async () => {
    const event = {
      type: 'rating',
      at: '2026-05-03T08:00:00.000Z',
      userId: 'ada',
      productId: 'kale',
      value: 4,
    };
    const stored = await app.post('/api/ml/events', { ...event, context: { list: 'home' } }, { token });
    const { id } = stored.body.data as { id: string };
    const { body } = await app.get(`/api/ml/events/${id}`, { token });
    expect(body.data).toEqual({ id, ...event, context: { list: 'home' } });
  });

  it('gives an event without an id the same one each time', async () => {
    const event = { type: 'click', at: '2026-05-01T10:00:00+02:00', userId: 'ada', productId: 'kale' };
    const first = await app.post('/api/ml/events', event, { token });
    expect(first.body.data).toMatchObject({ created: true });
    const again = await app.post('/api/ml/events', { ...event, at: '2026-05-01T08:00:00Z' }, { token });
    expect(again.body.data).toEqual({ ...(first.body.data as object), created: false });
  });

  it.each([
    ['GET', '/api/ml/users/nobody', undefined, 404, '/problems/user-not-found'],
    ['GET', '/api/ml/products/nothing', undefined, 404, '/problems/product-not-found'],
    ['GET', '/api/ml/orders/nothing', undefined, 404, '/problems/order-not-found'],
    ['GET', '/api/ml/events/nothing', undefined, 404, '/problems/event-not-found'],
    ['PUT', '/api/ml/users/x', { latitude: 91 }, 400, '/problems/validation-failed'],
    ['PUT', '/api/ml/users/x', { colour: 'red' }, 400, '/problems/validation-failed'],
    [
      'PUT',
      '/api/ml/products/x',
      { name: 'X', category: 'Y', unit: 'bushel' },
      400,
      '/problems/validation-failed',
    ],
    [
      'PUT',
      '/api/ml/products/x',
      { name: 'X', category: 'Y', farmId: 'none' },
      422,
      '/problems/unknown-reference',
    ],
    [
      'POST',
      '/api/ml/orders',
      { id: 'o', userId: 'ada', placedAt: '2026-05-01T08:00:00Z', lines: [] },
      400,
      '/problems/validation-failed',
    ],
    [
      'POST',
      '/api/ml/events',
      { type: 'rating', at: '2026-05-01T08:00:00Z', userId: 'ada', productId: 'kale' },
      400,
      '/problems/validation-failed',
    ],
    [
      'POST',
      '/api/ml/events',
      { type: 'view', at: '2026-05-01T08:00:00Z', userId: 'no', productId: 'kale' },
      422,
      '/problems/unknown-reference',
    ],
    [
      'POST',
      '/api/ml/events',
      { type: 'view', at: '2026-05-01', userId: 'ada', productId: 'kale' },
      400,
      '/problems/validation-failed',
    ],
  ])('answers %s %s with a problem', async (method, path, body, status, type) => {
    const answer = await app.request(method, path, { token, body });
    expect([answer.status, answer.body.type]).toEqual([status, type]);
  });

  it('is closed to users and to callers without a token', async () => {
    const user = await app.token('user');
    expect((await app.get('/api/ml/products', { token: user })).status).toBe(403);
    expect((await app.put('/api/ml/users/x', {}, {})).status).toBe(401);
  });
});
