import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import type { Queryable, SavedCounts } from '../catalog/catalog.types.js';
import type { EventRow, OrderRow, StoredEvent, StoredOrder } from './events.types.js';

const SAVE_EVENTS = `
  WITH written AS (
    INSERT INTO events AS s (id, type, at, user_id, product_id, value, context)
    SELECT id, type, at, "userId", "productId", value, coalesce(context, '{}')
    FROM jsonb_to_recordset($1::jsonb) AS r (id text, type event_type, at timestamptz(3), "userId" text,
      "productId" text, value float8, context jsonb)
    ON CONFLICT (id) DO UPDATE
    SET type = excluded.type, at = excluded.at, user_id = excluded.user_id, product_id = excluded.product_id,
      value = excluded.value, context = excluded.context
    WHERE (s.type, s.at, s.user_id, s.product_id, s.value, s.context)
      IS DISTINCT FROM (excluded.type, excluded.at, excluded.user_id, excluded.product_id, excluded.value,
        excluded.context)
    RETURNING xmax = 0 AS created
  )
  SELECT count(*) FILTER (WHERE created)::int AS created, count(*) FILTER (WHERE NOT created)::int AS updated
  FROM written`;

/** One statement, so that an order is never seen without its lines. Lines are replaced as a whole. */
const SAVE_ORDERS = `
  WITH given AS MATERIALIZED (
    SELECT r.id, r."userId" AS user_id, r."placedAt" AS placed_at, r.lines
    FROM jsonb_to_recordset($1::jsonb) AS r (id text, "userId" text, "placedAt" timestamptz(3), lines jsonb)
  ), saved AS (
    INSERT INTO orders AS s (id, user_id, placed_at)
    SELECT id, user_id, placed_at FROM given
    ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, placed_at = excluded.placed_at
    WHERE (s.user_id, s.placed_at) IS DISTINCT FROM (excluded.user_id, excluded.placed_at)
    RETURNING id, xmax = 0 AS created
  ), saved_lines AS (
    INSERT INTO order_lines AS s (order_id, line_number, product_id, quantity, unit_price_minor)
    SELECT given.id, line.number, line.row->>'productId', (line.row->>'quantity')::numeric(14, 3),
      (line.row->>'unitPriceMinor')::int
    FROM given, jsonb_array_elements(given.lines) WITH ORDINALITY AS line (row, number)
    ON CONFLICT (order_id, line_number) DO UPDATE
    SET product_id = excluded.product_id, quantity = excluded.quantity, unit_price_minor = excluded.unit_price_minor
    WHERE (s.product_id, s.quantity, s.unit_price_minor)
      IS DISTINCT FROM (excluded.product_id, excluded.quantity, excluded.unit_price_minor)
    RETURNING order_id
  ), removed_lines AS (
    DELETE FROM order_lines s USING given
    WHERE s.order_id = given.id AND s.line_number > jsonb_array_length(given.lines)
    RETURNING s.order_id
  ), touched AS (
    SELECT id FROM saved UNION SELECT order_id FROM saved_lines UNION SELECT order_id FROM removed_lines
  )
  SELECT count(*) FILTER (WHERE saved.created)::int AS created,
    count(*) FILTER (WHERE saved.created IS NOT TRUE)::int AS updated
  FROM touched LEFT JOIN saved USING (id)`;

const FIND_EVENT = `
  SELECT id, type, at, user_id AS "userId", product_id AS "productId", value, context FROM events WHERE id = $1`;

const FIND_ORDER = `
  SELECT id, user_id AS "userId", placed_at AS "placedAt", created_at AS "createdAt", (
    SELECT coalesce(jsonb_agg(jsonb_build_object('productId', product_id, 'quantity', quantity,
      'unitPriceMinor', unit_price_minor) ORDER BY line_number), '[]')
    FROM order_lines WHERE order_id = orders.id
  ) AS lines
  FROM orders WHERE id = $1`;

/** Stores and finds orders and events. A batch holds an id at most once. */
@Injectable()
export class ActivityRepository {
  constructor(private readonly database: Database) {}

  async findEvent(id: string): Promise<StoredEvent | undefined> {
    const { rows } = await this.database.pool.query<StoredEvent>(FIND_EVENT, [id]);
    return rows[0];
  }

  async findOrder(id: string): Promise<StoredOrder | undefined> {
    const { rows } = await this.database.pool.query<StoredOrder>(FIND_ORDER, [id]);
    return rows[0];
  }

  async saveEvents(rows: readonly EventRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.save(SAVE_EVENTS, rows, connection);
  }

  async saveOrders(rows: readonly OrderRow[], connection?: Queryable): Promise<SavedCounts> {
    return this.save(SAVE_ORDERS, rows, connection);
  }

  private async save(sql: string, rows: readonly object[], connection?: Queryable): Promise<SavedCounts> {
    const { rows: answers } = await (connection ?? this.database.pool).query(sql, [JSON.stringify(rows)]);
    const { created, updated } = answers[0] as { created: number; updated: number }; // the one row of a count
    return { created, updated, unchanged: rows.length - created - updated };
  }
}
