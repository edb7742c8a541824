import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { DemoRepository } from '../../src/modules/demo/demo.repository.js';
import { DemoService } from '../../src/modules/demo/demo.service.js';
import { Database } from '../../src/platform/database/database.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SMALL = { farms: 8, products: 40, customers: 60, orderLines: 1500, years: 0.5, seed: 3 };

describe('DemoService', () => {
  let test: TestDatabase;
  let database: Database;
  let demo: DemoService;

  beforeEach(async () => {
    test = await createTestDatabase();
    database = await Database.open({ databaseUrl: test.url, dataDirectory: '', databasePoolSize: 3 });
    demo = new DemoService(new DemoRepository(database));
  });

  afterEach(async () => {
    await database.close();
    await test.drop();
  });

  const count = async (sql: string): Promise<number> =>
    (await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0]?.n ?? -1;

  it('writes everything it says, and nothing that refers to nowhere', async () => {
    expect(await demo.isMarketplaceEmpty()).toBe(true);
    const steps: number[] = [];
    const summary = await demo.seed(SMALL, ({ done }) => steps.push(done));
    expect(await demo.isMarketplaceEmpty()).toBe(false);

    expect(summary).toMatchObject({ farms: 8, users: 60, products: 40 });
    expect(await count('orders')).toBe(summary.orders);
    expect(await count('order_lines')).toBe(summary.orderLines);
    expect(await count('events')).toBe(summary.events);
    expect(await count('stock_levels')).toBeGreaterThanOrEqual(summary.stockLevels);
    expect(await count('price_changes')).toBeGreaterThanOrEqual(summary.priceChanges);
    expect(await count(`settings WHERE name = 'demo-marketplace'`)).toBe(1);
    expect(steps.at(-1)).toBeGreaterThan(summary.orders);

    const orphans = [
      'products LEFT JOIN farms f ON f.id = farm_id WHERE f.id IS NULL',
      'orders LEFT JOIN users u ON u.id = user_id WHERE u.id IS NULL',
      'order_lines LEFT JOIN orders o ON o.id = order_id WHERE o.id IS NULL',
      'orders LEFT JOIN order_lines l ON l.order_id = orders.id WHERE l.order_id IS NULL',
      'order_lines LEFT JOIN products p ON p.id = product_id WHERE p.id IS NULL',
      'events LEFT JOIN products p ON p.id = product_id LEFT JOIN users u ON u.id = user_id WHERE p.id IS NULL OR u.id IS NULL',
      'stock_levels LEFT JOIN products p ON p.id = product_id WHERE p.id IS NULL',
    ];
    for (const sql of orphans) expect([sql, await count(sql)]).toEqual([sql, 0]);
    expect(await count(`events WHERE (type = 'rating') <> (value IS NOT NULL)`)).toBe(0);
  });

  it('keeps the last price and stock of the history as the present ones', async () => {
    await demo.seed(SMALL);
    const { rows } = await database.pool.query(
      `SELECT p.id FROM products p
       WHERE price_minor <> (SELECT price_minor FROM price_changes c WHERE c.product_id = p.id ORDER BY at DESC LIMIT 1)
          OR stock <> (SELECT quantity FROM stock_levels s WHERE s.product_id = p.id ORDER BY at DESC LIMIT 1)`,
    );
    expect(rows).toEqual([]);
    expect(await count('products WHERE price_minor IS NULL OR stock IS NULL')).toBe(0);
  });

  it('refuses a second time and leaves the first alone', async () => {
    await demo.seed(SMALL);
    const before = await count('order_lines');
    await expect(demo.seed({ ...SMALL, seed: 4 })).rejects.toMatchObject({ code: 'marketplace-not-empty' });
    expect(await count('order_lines')).toBe(before);
  });

  it.each([{ farms: 0 }, { customers: 1.5 }, { years: Number.NaN }, { until: 1 }])(
    'refuses %o',
    async (bad) => {
      await expect(demo.seed({ ...SMALL, ...bad })).rejects.toMatchObject({
        code: 'marketplace-option-invalid',
      });
      expect(await demo.isMarketplaceEmpty()).toBe(true);
    },
  );
});
