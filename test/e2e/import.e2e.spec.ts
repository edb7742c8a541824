import { once } from 'node:events';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ImportModule } from '../../src/modules/import/import.module.js';
import type { ImportReport } from '../../src/modules/import/import.types.js';
import { startTestApp, type TestApp, type TestResponse } from '../support/test-app.js';

describe('POST /api/ml/import/:kind', () => {
  let app: TestApp;
  let token: string;

  const send = async (
    path: string,
    raw: string | Buffer,
    type = 'text/csv',
    more = {},
  ): Promise<TestResponse> =>
    app.request('POST', `/api/ml/import/${path}`, { token, raw, headers: { 'content-type': type, ...more } });
  const sendJson = async (path: string, ...lines: readonly unknown[]): Promise<TestResponse> =>
    send(path, lines.map((line) => JSON.stringify(line)).join('\n'), 'application/x-ndjson');
  const reportOf = ({ body, text }: TestResponse): ImportReport => {
    if (body.success !== true) throw new Error(text);
    return body.data as ImportReport;
  };
  const query = async (sql: string): Promise<unknown[]> => (await app.database.pool.query<object>(sql)).rows;

  beforeAll(async () => {
    app = await startTestApp({}, [ImportModule]);
    token = await app.token('service');
    await sendJson('users', { id: 'ada' }, { id: 'ben' });
    await sendJson('farms', { id: 'hill', name: 'Hillcrest Farm' });
    await sendJson(
      'products',
      { id: 'kale', name: 'Kale', category: 'VEGETABLES', unit: 'bunch', farmId: 'hill', price: '3.25' },
      { id: 'milk', name: 'Milk', category: 'DAIRY', currency: 'USD', priceMinor: 450 },
    );
  });

  afterAll(async () => app.close());

  it('refuses callers without a token and with the role user', async () => {
    const path = '/api/ml/import/users';
    const headers = { 'content-type': 'text/csv' };
    expect((await app.request('POST', path, { raw: 'id\n', headers })).status).toBe(401);
    const user = await app.token('user');
    expect((await app.request('POST', path, { token: user, raw: 'id\n', headers })).status).toBe(403);
  });

  it('keeps the good lines around a broken one and says line and reason', async () => {
    const file =
      'orderId,userId,placedAt,productId,quantity\no1,ada,2026-05-01,kale,2\no2,ada,2026-05-02,kale,x\no3,ben,2026-05-03,kale,1\n';
    expect(reportOf(await send('orders', file))).toMatchObject({
      received: 3,
      created: 2,
      updated: 0,
      unchanged: 0,
      refused: 1,
      errors: [
        {
          line: 3,
          field: 'quantity',
          reason: expect.stringMatching(/^quantity must be a number > 0.*received "x"$/),
        },
      ],
    });
    expect(await query(`SELECT id FROM orders WHERE id IN ('o1', 'o2', 'o3') ORDER BY id`)).toEqual([
      { id: 'o1' },
      { id: 'o3' },
    ]);
  });

  it('changes nothing when a file is sent twice', async () => {
    const file = '{"type":"view","at":1777000000,"userId":"ada","productId":"kale"}\n';
    expect(reportOf(await send('events', file, 'application/x-ndjson'))).toMatchObject({ created: 1 });
    expect(reportOf(await send('events', file, 'application/x-ndjson'))).toMatchObject({
      created: 0,
      unchanged: 1,
    });
  });

  it('replaces the lines of an order that is sent again', async () => {
    const lines = [
      { productId: 'kale', quantity: 1, unitPrice: '3.25', unit: 'bunch' },
      { productId: 'milk', quantity: 2, unitPriceMinor: 450, currency: 'USD' },
    ];
    const order = { id: 'o9', userId: 'ada', placedAt: '2026-05-01T10:00:00+02:00', lines };
    expect(reportOf(await sendJson('orders', order))).toMatchObject({ created: 1, refused: 0 });
    expect(reportOf(await sendJson('orders', order))).toMatchObject({ created: 0, updated: 0, unchanged: 1 });
    const shorter = { ...order, lines: [{ productId: 'milk', quantity: 3 }] };
    expect(reportOf(await sendJson('orders', shorter))).toMatchObject({ updated: 1 });
    expect(
      await query(
        `SELECT line_number, product_id, quantity, unit_price_minor FROM order_lines WHERE order_id = 'o9'`,
      ),
    ).toEqual([{ line_number: 1, product_id: 'milk', quantity: '3.000', unit_price_minor: null }]);
  });

  it('refuses an order of which one row is refused, whole', async () => {
    const file =
      'orderId,userId,placedAt,productId,quantity\np1,ada,2026-05-01,kale,2\np1,ada,2026-05-01,kale,-1\np1,ada,2026-05-01,milk,1\np2,ada,2026-05-02,kale,1\n';
    const report = reportOf(await send('orders', file));
    expect(report).toMatchObject({ received: 4, created: 1, refused: 3 });
    expect(report.errors.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(report.errors[0]?.reason).toBe('order p1 has a refused row (line 3)');
  });

  it.each([
    ['an unknown user', { userId: 'nobody' }, 'userId must be the id of a stored user, received "nobody"'],
    [
      'an unknown product',
      { productId: 'nothing' },
      'productId must be the id of a stored product, received "nothing"',
    ],
    [
      'an unknown type',
      { type: 'wish' },
      'type must be one of view, click, cart, purchase, rating, received "wish"',
    ],
    ['an unknown field', { colour: 'red' }, 'colour is not a known field'],
    [
      'a rating that is no number',
      { type: 'rating', value: 'NaN' },
      'value must be a finite number, received "NaN"',
    ],
    [
      'a rating without a value',
      { type: 'rating' },
      'value must be the rating, a finite number, received nothing',
    ],
    ['a time that is none', { at: '2026-02-31' }, 'at must be an ISO 8601 time'],
  ])('refuses an event with %s', async (_, change, reason) => {
    const event = { type: 'view', at: '2026-05-01T00:00:00Z', userId: 'ada', productId: 'kale', ...change };
    expect(reportOf(await sendJson('events', event)).errors[0]?.reason).toContain(reason);
  });

  it.each([
    ['another currency', { currency: 'EUR' }, 'currency must be USD'],
    ['another unit', { unit: 'kg' }, 'unit must be piece'],
    ['an unknown unit', { unit: 'bushel' }, 'unit must be one of piece'],
    [
      'too many decimals',
      { unitPrice: '1.005' },
      'unitPrice must be a decimal with no more places than USD has',
    ],
    [
      'both prices',
      { unitPrice: '1.00', unitPriceMinor: 100 },
      'unitPrice and unitPriceMinor must not both be given',
    ],
  ])('refuses an order line with %s', async (_, change, reason) => {
    const lines = [{ productId: 'milk', quantity: 1, ...change }];
    const report = reportOf(
      await sendJson('orders', { id: 'q', userId: 'ada', placedAt: '2026-05-01', lines }),
    );
    expect(report).toMatchObject({ created: 0, refused: 1 });
    expect(report.errors[0]?.reason).toContain(reason);
  });

  it('refuses a wrong header with what was expected and received, before anything is written', async () => {
    const { status, body } = await send('users', 'id,colour\nzoe,red\n');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      type: '/problems/import-header-invalid',
      received: ['id', 'colour'],
      unknown: ['colour'],
      required: ['id'],
      missing: [],
    });
    expect(await query(`SELECT id FROM users WHERE id = 'zoe'`)).toEqual([]);
    expect(reportOf(await send('users?ignoreUnknown=true', 'id,colour\nzoe,red\n'))).toMatchObject({
      created: 1,
    });
  });

  it.each([{}, { 'content-encoding': 'gzip' }])(
    'answers a wrong header although most of the file is still to come (%o)',
    async (headers) => {
      const file = Buffer.from(`id,colour\n${'zoe,red\n'.repeat(4_000_000)}`);
      const raw = 'content-encoding' in headers ? gzipSync(file, { level: 0 }) : file;
      const { status, body } = await send('users', raw, 'text/csv', headers);
      expect([status, body.type]).toEqual([400, '/problems/import-header-invalid']);
    },
  );

  it('refuses a line that is not UTF-8 and keeps the others', async () => {
    const file = Buffer.concat([
      Buffer.from('id,name\nu1,Zoë\nu2,'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('\nu3,Ünal\n'),
    ]);
    expect(reportOf(await send('users', file))).toMatchObject({
      created: 2,
      refused: 1,
      errors: [{ line: 3, reason: 'the line must be UTF-8' }],
    });
  });

  it('takes nothing in when an atomic import has a refused line', async () => {
    const { status, body } = await send('users?atomic=true', 'id,latitude\na1,10\na2,99\na3,30\n');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      type: '/problems/import-refused',
      report: { received: 3, refused: 1, created: 0, errors: [{ line: 3, field: 'latitude' }] },
    });
    expect(await query(`SELECT id FROM users WHERE id LIKE 'a_'`)).toEqual([]);
    expect(reportOf(await send('users?atomic=true', 'id,latitude\na1,10\na3,30\n'))).toMatchObject({
      created: 2,
    });
  });

  it('reads gzip, tabs, mapped columns with colons and constants', async () => {
    const file =
      'user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t242\t3\t881250949\n2\t242\t5\t881250950\n';
    const map = 'user_id:token:userId,item_id:token:productId,rating:float:value,timestamp:float:at';
    const path = `events?delimiter=tab&map=${encodeURIComponent(map)}&set=type:rating&createMissing=true`;
    const answer = await send(path, gzipSync(file), 'text/csv', { 'content-encoding': 'gzip' });
    expect(reportOf(answer)).toMatchObject({ created: 2, refused: 0 });
    expect(await query(`SELECT name, category FROM products WHERE id = '242'`)).toEqual([
      { name: '242', category: 'OTHER' },
    ]);
    expect(await query(`SELECT value, at FROM events WHERE user_id = '1'`)).toEqual([
      { value: 3, at: new Date('1997-12-04T15:55:49.000Z') },
    ]);
  });

  it('tells a body that is not what its encoding says', async () => {
    const { status, body } = await send('users', 'id\nx\n', 'text/csv', { 'content-encoding': 'gzip' });
    expect([status, body.type]).toEqual([400, '/problems/import-broken-off']);
  });

  it.each(['', '?atomic=true'])(
    'survives a sender that goes away in the middle (users%s)',
    async (options) => {
      const upload = request(`${app.url}/api/ml/import/users${options}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
      });
      const gone = once(upload, 'error');
      upload.write(`id\n${options === '' ? 'gone' : 'atomic'}-1\n${'x'.repeat(200_000)}`);
      setTimeout(() => upload.destroy(new Error('gone')), 100);
      await gone;
      expect(reportOf(await send('users', 'id\nafter\n'))).toMatchObject({ refused: 0 });
      expect(await query(`SELECT id FROM users WHERE id = 'atomic-1'`)).toEqual([]);
    },
  );

  it.each([
    ['JSON', 'users', 'application/json', 415, '/problems/unsupported-media-type'],
    ['an unknown kind', 'weather', 'text/csv', 400, '/problems/validation-failed'],
    ['an unknown option', 'users?colour=red', 'text/csv', 400, '/problems/validation-failed'],
    ['a map to an unknown field', 'users?map=a:colour', 'text/csv', 400, '/problems/import-option-invalid'],
  ])('answers %s with a problem', async (_, path, type, status, problem) => {
    const answer = await send(path, '{}', type);
    expect([answer.status, answer.body.type]).toEqual([status, problem]);
  });

  it('keeps absent fields, clears null ones and leaves an equal row alone', async () => {
    await sendJson('products', { id: 'egg', name: 'Egg', category: 'EGGS', stock: 5, seasonMonths: [3, 1] });
    await sendJson('products', { id: 'egg', name: 'Eggs', category: 'EGGS' });
    const [before] = await query(
      `SELECT name, stock, season_months, updated_at FROM products WHERE id = 'egg'`,
    );
    expect(before).toMatchObject({ name: 'Eggs', stock: '5.000', season_months: [1, 3] });
    const again = await sendJson('products', { id: 'egg', name: 'Eggs', category: 'EGGS', stock: 5 });
    expect(reportOf(again)).toMatchObject({ updated: 0, unchanged: 1 });
    await sendJson('products', { id: 'egg', name: 'Eggs', category: 'EGGS', stock: null });
    expect(await query(`SELECT stock FROM products WHERE id = 'egg'`)).toEqual([{ stock: null }]);
  });
});
