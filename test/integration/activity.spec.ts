import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { ShopStatisticsRepository } from '../../src/modules/inference/shop-statistics.repository.js';
import { UserActivityRepository } from '../../src/modules/inference/user-activity.repository.js';
import { ActivityRepository } from '../../src/modules/events/activity.repository.js';
import { weekOf } from '../../src/ml/agriculture/season-curve.js';
import { Database } from '../../src/platform/database/database.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const AT = '2026-03-01T10:00:00.000Z';

describe('what users did', () => {
  let test: TestDatabase;
  let database: Database;
  let activity: UserActivityRepository;
  let shop: ActivityRepository;

  beforeEach(async () => {
    test = await createTestDatabase();
    database = await Database.open({ databaseUrl: test.url, dataDirectory: '', databasePoolSize: 3 });
    activity = new UserActivityRepository(database);
    shop = new ActivityRepository(database);
    await run(`INSERT INTO users (id, latitude, longitude) VALUES ('u', 42.5, -73.5), ('v', NULL, NULL)`);
    await run(
      `INSERT INTO products (id, name, category) VALUES ('p', 'Kale', 'VEGETABLES'), ('q', 'Leek', 'VEGETABLES')`,
    );
  });

  afterEach(async () => {
    await database.close();
    await test.drop();
  });

  const run = async (sql: string): Promise<pg.QueryResult> => database.pool.query(sql);
  const order = async (
    id: string,
    userId: string,
    products: readonly string[],
    placedAt = AT,
  ): Promise<void> => {
    const lines = products.map((productId) => ({ productId, quantity: 1 }));
    await shop.saveOrders([{ id, userId, placedAt, lines }]);
  };
  /** Who has changed since a cursor, sorted. */
  const changedSince = async (cursor: number): Promise<string[]> => {
    const { users } = await activity.readChanges(cursor, 100);
    return [...(users?.keys() ?? [])].sort();
  };

  it('has a user’s place and rows, oldest first', async () => {
    await order('o', 'u', ['p', 'q']);
    await shop.saveEvents([
      { id: 'e', type: 'click', at: '2026-01-01T00:00:00Z', userId: 'u', productId: 'q' },
    ]);
    const { place, rows } = await activity.read('u');
    expect(place).toEqual({ latitude: 42.5, longitude: -73.5 });
    expect(rows[0]).toEqual({ productId: 'q', source: 'click', at: Date.parse('2026-01-01T00:00:00Z') });
    expect(rows.slice(1).map(({ productId, source, at }) => [productId, source, at])).toEqual([
      ['p', 'order', Date.parse(AT)],
      ['q', 'order', Date.parse(AT)],
    ]);
    expect(await activity.read('v')).toMatchObject({ place: undefined, rows: [] });
    expect(await activity.read('nobody')).toMatchObject({ place: undefined, rows: [] });
  });

  it('keeps the purchases of a user who looks at much', async () => {
    await order('o', 'u', ['p']);
    await run(`INSERT INTO events (id, type, at, user_id, product_id)
      SELECT 'view-' || n, 'view', now() + n * interval '1 minute', 'u', 'q' FROM generate_series(1, 500) AS n`);
    const { rows } = await activity.read('u');
    expect(rows.filter(({ source }) => source === 'order')).toHaveLength(1);
    expect(rows.filter(({ source }) => source === 'view')).toHaveLength(100);
    // and of the views the latest
    expect(rows.at(-1)?.at).toBe(Math.max(...rows.map(({ at }) => at)));
  });

  it.each<[string, () => Promise<unknown>, string[]]>([
    ['an order', async () => order('n', 'v', ['p']), ['v']],
    [
      'an event',
      async () => shop.saveEvents([{ id: 'n', type: 'view', at: AT, userId: 'v', productId: 'p' }]),
      ['v'],
    ],
    ['a line more', async () => order('o', 'u', ['p', 'q']), ['u']],
    ['another product in a line', async () => order('o', 'u', ['q']), ['u']],
    ['a line less', async () => order('two', 'u', ['p']), ['u']],
    ['an order that goes to another user', async () => order('o', 'v', ['p']), ['v']],
    ['an order that is gone', async () => run(`DELETE FROM orders WHERE id = 'o'`), ['u']],
    ['an event that is gone', async () => run(`DELETE FROM events WHERE id = 'e'`), ['u']],
    [
      'a user who has moved',
      async () => run(`UPDATE users SET latitude = 1, longitude = 1 WHERE id = 'v'`),
      ['v'],
    ],
    ['nothing: the same order again', async () => order('o', 'u', ['p']), []],
  ])('tells who is concerned by %s', async (_, change, expected) => {
    await order('o', 'u', ['p']);
    await order('two', 'u', ['p', 'q']);
    await shop.saveEvents([{ id: 'e', type: 'click', at: AT, userId: 'u', productId: 'q' }]);
    const cursor = await activity.cursor();
    await change();
    expect(await changedSince(cursor)).toEqual(expected);
  });

  it('misses no transaction, however late it commits', async () => {
    const late = new pg.Client({ connectionString: test.url });
    await late.connect();
    try {
      let cursor = await activity.cursor();
      await late.query('BEGIN');
      await shop.saveEvents([{ id: 'e', type: 'view', at: AT, userId: 'u', productId: 'p' }], late);
      // others commit meanwhile, and are read
      await order('o', 'v', ['p']);
      let changes = await activity.readChanges(cursor, 100);
      expect([...(changes.users?.keys() ?? [])]).toEqual(['v']);
      ({ cursor } = changes);
      await order('two', 'v', ['q']);
      changes = await activity.readChanges(cursor, 100);
      ({ cursor } = changes);
      await late.query('COMMIT');
      expect(await changedSince(cursor)).toContain('u');
    } finally {
      await late.end();
    }
  });

  it('says that a reading is outdated exactly when it lacks a change', async () => {
    const late = new pg.Client({ connectionString: test.url });
    await late.connect();
    try {
      const cursor = await activity.cursor();
      await late.query('BEGIN');
      await shop.saveEvents([{ id: 'e', type: 'view', at: AT, userId: 'u', productId: 'p' }], late);
      const before = await activity.read('u');
      await late.query('COMMIT');
      const after = await activity.read('u');
      const changedBy = (await activity.readChanges(cursor, 100)).users?.get('u') ?? Number.NaN;
      expect([before.rows.length, before.cursor > changedBy]).toEqual([0, false]);
      expect([after.rows.length, after.cursor > changedBy]).toEqual([1, true]);
    } finally {
      await late.end();
    }
  });

  it('takes rows of a restored dump, whose transactions this server has not had, for nothing new', async () => {
    const cursor = await activity.cursor();
    await run(`ALTER TABLE events DISABLE TRIGGER USER`);
    await run(`INSERT INTO events (id, type, at, user_id, product_id, arrival)
      VALUES ('e', 'view', now(), 'u', 'p', '9000000000000')`);
    expect(await changedSince(cursor)).toEqual([]);
    expect((await activity.read('u')).rows).toHaveLength(1);
  });

  it('says that there are more than asked for', async () => {
    const cursor = await activity.cursor();
    await order('o', 'u', ['p']);
    await order('n', 'v', ['p']);
    expect((await activity.readChanges(cursor, 2)).users?.size).toBe(2);
    expect((await activity.readChanges(cursor, 1)).users).toBeUndefined();
  });

  it('finds changes by an index, not by reading all rows', async () => {
    await run(`INSERT INTO events (id, type, at, user_id, product_id)
      SELECT 'view-' || n, 'view', now(), 'u', 'q' FROM generate_series(1, 5000) AS n`);
    await run('ANALYZE events');
    // not the oldest open transaction, which may be another database's on the server of the tests, and before the rows
    const { rows } = await run(
      `EXPLAIN SELECT user_id FROM events WHERE arrival >= pg_snapshot_xmax(pg_current_snapshot()) AND arrival < pg_snapshot_xmax(pg_current_snapshot())`,
    );
    expect(JSON.stringify(rows)).toContain('events_arrival_idx');
  });

  describe('over all orders', () => {
    it('counts sales by week as weekOf does, pairs and repeats', async () => {
      const days = ['2024-02-28', '2024-02-29', '2024-03-01', '2024-12-31', '2025-03-01', '2025-12-31'];
      for (const day of days) await order(`on-${day}`, 'u', ['p', 'q'], `${day}T12:00:00Z`);
      await order('alone', 'v', ['p'], '2025-07-01T12:00:00Z');
      const { weeklySales, weeklyOrders, pairs, repeats } = await new ShopStatisticsRepository(
        database,
      ).count();
      const expected = new Float64Array(52);
      for (const day of [...days, '2025-07-01']) expected[weekOf(day)]! += 1;
      expect(weeklySales.get('p')).toEqual(expected);
      expect(weeklyOrders).toEqual(expected);
      // 6 orders with both, 7 with p, 6 with q, 7 in all
      expect(pairs.get('p')?.get('q')).toEqual({ both: 6, withProduct: 7, withPartner: 6, orders: 7 });
      expect(pairs.get('q')?.get('p')).toEqual({ both: 6, withProduct: 6, withPartner: 7, orders: 7 });
      // (u, p) and (u, q) again, (v, p) once
      expect(repeats.get('VEGETABLES')).toEqual({ bought: 3, boughtAgain: 2 });
    });

    it('counts nothing in an empty shop', async () => {
      const { weeklySales, weeklyOrders, pairs, repeats } = await new ShopStatisticsRepository(
        database,
      ).count();
      expect([weeklySales.size, pairs.size, repeats.size]).toEqual([0, 0, 0]);
      expect(Array.from(weeklyOrders).every((count) => count === 0)).toBe(true);
    });
  });
});
