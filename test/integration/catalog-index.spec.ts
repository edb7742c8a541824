import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { Notification, NotificationListener } from '../../src/ports/notifications.js';
import { Notifications } from '../../src/ports/notifications.js';
import { CatalogIndexRepository } from '../../src/modules/inference/catalog-index.repository.js';
import { CatalogIndexService } from '../../src/modules/inference/catalog-index.service.js';
import { PurchaseCountsRepository } from '../../src/modules/inference/purchase-counts.repository.js';
import { ActivityRepository } from '../../src/modules/events/activity.repository.js';
import { Database } from '../../src/platform/database/database.js';
import { mulberry32 } from '../support/random.js';
import { waitUntil } from '../support/small-marketplace.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

class DirectNotifications extends Notifications {
  private readonly listeners = new Set<NotificationListener>();

  subscribe(listener: NotificationListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async publish(topic: string): Promise<void> {
    const notification: Notification = { topic };
    for (const listener of this.listeners) listener(notification);
  }
}

const TODAY = '2026-06-15';
const DEFINITION = `
  SELECT product_id, month::int, count(*)::int AS count FROM (
    SELECT l.product_id, extract(month FROM o.placed_at AT TIME ZONE 'UTC') AS month
    FROM order_lines l JOIN orders o ON o.id = l.order_id
    UNION ALL
    SELECT product_id, extract(month FROM at AT TIME ZONE 'UTC') FROM events WHERE type IN ('purchase', 'rating')
  ) AS bought GROUP BY product_id, month`;

describe('the catalogue in memory', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let notifications: DirectNotifications;
  let catalog: CatalogIndexService;

  const query = async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await database.pool.query<T>(sql, values)).rows;
  const start = async (): Promise<CatalogIndexService> => {
    const service = new CatalogIndexService(
      new CatalogIndexRepository(database),
      new PurchaseCountsRepository(database),
      notifications,
    );
    await service.onApplicationBootstrap();
    return service;
  };
  /** By definition, beside what the catalogue in memory counts. */
  const counts = async (): Promise<Record<'defined' | 'counted', string[]>> => {
    const rows = await query<{ product_id: string; month: number; count: number }>(DEFINITION);
    const counted = catalog.current.products.flatMap(({ id, purchasesByMonth }) =>
      purchasesByMonth.flatMap((count, month) => (count === 0 ? [] : [`${id} ${month + 1} ${count}`])),
    );
    return {
      defined: rows.map(({ product_id, month, count }) => `${product_id} ${month} ${count}`).sort(),
      counted: counted.sort(),
    };
  };
  const untilCounted = async (): Promise<void> =>
    waitUntil(async () => {
      await notifications.publish('orders');
      const { defined, counted } = await counts();
      return JSON.stringify(defined) === JSON.stringify(counted);
    }, 'the purchases in memory are those of the database');

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await Database.open({
      databaseUrl: testDatabase.url,
      dataDirectory: '',
      databasePoolSize: 5,
    });
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });
  beforeEach(async () => {
    notifications = new DirectNotifications();
    await query('DELETE FROM events');
    await query('DELETE FROM orders');
    await query('DELETE FROM products');
    await query('DELETE FROM farms');
    await query(
      `INSERT INTO farms (id, name, latitude, longitude, region, certifications)
       VALUES ('hill', 'Hill', 52.5, 13.4, 'north', '[{"kind": "organic", "validUntil": "2026-12-31"}]')`,
    );
    await query(
      `INSERT INTO products (id, name, category, farm_id, price_minor, season_months, shelf_life_days, certifications, stock)
       VALUES ('kale', 'Kale', 'VEGETABLES', 'hill', 250, '{11,12,1}', 7, '[{"kind": "biodynamic"}]', 3),
              ('salt', 'Salt', 'OTHER', NULL, NULL, '{}', NULL, '[]', NULL)`,
    );
    await query("INSERT INTO users (id) VALUES ('u') ON CONFLICT DO NOTHING");
  });

  it('holds what the tables hold', async () => {
    catalog = await start();
    const [kale, salt] = ['kale', 'salt'].map((id) => catalog.current.products[catalog.current.indexOf(id)]);
    expect(kale).toMatchObject({
      id: 'kale',
      name: 'Kale',
      category: 'VEGETABLES',
      farmId: 'hill',
      place: { latitude: 52.5, longitude: 13.4 },
      region: 'north',
      unit: 'piece',
      priceMinor: 250,
      currency: 'EUR',
      season: 0b1100_0000_0001,
      shelfLifeDays: 7,
      certifications: [{ kind: 'biodynamic' }, { kind: 'organic', validUntil: '2026-12-31' }],
      isAvailable: true,
    });
    expect([salt?.farmId, salt?.place, salt?.region, salt?.priceMinor, salt?.shelfLifeDays]).toEqual(
      Array.from({ length: 5 }),
    );
    expect(salt).toMatchObject({ id: 'salt', season: 0, certifications: [], isAvailable: true });
    await catalog.onModuleDestroy();
  });

  it('follows products and farms that are written, come and go, without reading the others', async () => {
    catalog = await start();
    const before = catalog.current.products[catalog.current.indexOf('salt')];
    await query("UPDATE products SET price_minor = 260 WHERE id = 'kale'");
    await query("INSERT INTO products (id, name, category) VALUES ('tea', 'Tea', 'HERBS')");
    await notifications.publish('products');
    const kale = () => catalog.current.products[catalog.current.indexOf('kale')];
    await waitUntil(async () => kale()?.priceMinor === 260, 'the price is new');
    expect(catalog.current.indexOf('tea')).toBe(2);
    expect(catalog.current.products[catalog.current.indexOf('salt')]).toBe(before);

    await query("UPDATE farms SET region = 'south', certifications = '[]'");
    await query("DELETE FROM products WHERE id = 'tea'");
    await notifications.publish('farms');
    await waitUntil(async () => kale()?.region === 'south', 'the farm has moved');
    expect(kale()?.certifications).toEqual([{ kind: 'biodynamic' }]);
    await waitUntil(async () => catalog.current.indexOf('tea') === -1, 'the tea is gone');
    expect(catalog.current.size).toBe(2);
    await catalog.onModuleDestroy();
  });

  it('does not miss what a long transaction commits late', async () => {
    catalog = await start();
    const slow = await database.pool.connect();
    await slow.query('BEGIN');
    await slow.query("UPDATE products SET name = 'Late kale' WHERE id = 'kale'");
    await query("UPDATE products SET name = 'Sea salt' WHERE id = 'salt'");
    await notifications.publish('products');
    const nameOf = (id: string) => catalog.current.products[catalog.current.indexOf(id)]?.name;
    await waitUntil(async () => nameOf('salt') === 'Sea salt', 'the other change is read');
    await slow.query('COMMIT');
    slow.release();
    await notifications.publish('products');
    await waitUntil(async () => nameOf('kale') === 'Late kale', 'the late change is read');
    await catalog.onModuleDestroy();
  });

  it('counts each purchase once, whatever happens to orders and events', async () => {
    catalog = await start();
    const activity = new ActivityRepository(database);
    const random = mulberry32(5);
    const below = (bound: number): number => Math.floor(random() * bound);
    const products = ['kale', 'salt'];
    const orderRow = (id: number) => ({
      id: `order-${id}`,
      userId: 'u',
      placedAt: new Date(Date.UTC(2026, below(12), 1 + below(28))).toISOString(),
      lines: Array.from({ length: 1 + below(4) }, () => ({
        productId: products[below(2)]!,
        quantity: 1,
        unitPriceMinor: undefined,
      })),
    });
    for (let round = 0; round < 12; round += 1) {
      const orders = Array.from({ length: 10 }, (_, i) => orderRow(i + 5 * below(4)));
      await activity.saveOrders(orders.filter(({ id }, i) => orders.findIndex((o) => o.id === id) === i));
      await query(
        `INSERT INTO events (id, type, at, user_id, product_id)
         VALUES ($1, $2, $3, 'u', $4) ON CONFLICT (id) DO UPDATE SET type = excluded.type, at = excluded.at,
           product_id = excluded.product_id`,
        [
          `event-${below(6)}`,
          ['view', 'purchase', 'rating'][below(3)],
          new Date(Date.UTC(2025, below(12), 3)),
          products[below(2)],
        ],
      );
      if (round % 4 === 3) await query('DELETE FROM orders WHERE id = $1', [`order-${below(20)}`]);
      if (round % 5 === 4) await query('DELETE FROM events WHERE id = $1', [`event-${below(6)}`]);
      if (round === 6) await new PurchaseCountsRepository(database).fold(0);
      await notifications.publish('orders');
    }
    await catalog.onModuleDestroy();
    // what was followed change by change, then what is counted anew, before and after all is folded
    catalog = await start();
    await untilCounted();
    expect((await counts()).defined.length).toBeGreaterThan(12);
    await catalog.onModuleDestroy();
    await new PurchaseCountsRepository(database).fold(-1);
    expect(await query('SELECT FROM purchase_count_changes')).toHaveLength(0);
    catalog = await start();
    const { defined, counted } = await counts();
    expect(counted).toEqual(defined);
    await catalog.onModuleDestroy();
  });

  it('follows purchases change by change, those of a transaction that commits late too', async () => {
    catalog = await start();
    const slow = await database.pool.connect();
    await slow.query('BEGIN');
    await slow.query(
      "INSERT INTO events (id, type, at, user_id, product_id) VALUES ('late', 'purchase', '2026-06-01', 'u', 'kale')",
    );
    await query(
      "INSERT INTO events (id, type, at, user_id, product_id) VALUES ('early', 'purchase', '2026-06-01', 'u', 'salt')",
    );
    await notifications.publish('events');
    const bought = (id: string) =>
      Math.floor(catalog.current.popularityInSeason(TODAY)[catalog.current.indexOf(id)]!);
    await waitUntil(async () => bought('salt') === 1, 'the early one is counted');
    expect(bought('kale')).toBe(0);
    await slow.query('COMMIT');
    slow.release();
    await notifications.publish('events');
    await waitUntil(async () => bought('kale') === 1, 'the late one is counted');
    expect(bought('salt')).toBe(1);
    await catalog.onModuleDestroy();
  });
});
