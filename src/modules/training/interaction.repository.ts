import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import type { InteractionSnapshot } from '../../ports/snapshot-store.js';
import type { InteractionSource } from './training.types.js';

interface InteractionRow {
  readonly user_id: string;
  readonly product_id: string;
  readonly at: number;
}

const ROWS_PER_FETCH = 20_000;

/** Reads from the marketplace what recommenders learn from. */
@Injectable()
export class InteractionRepository {
  constructor(private readonly database: Database) {}

  async hasAny(sources: readonly InteractionSource[]): Promise<boolean> {
    const { rows } = await this.database.pool.query<{ exists: boolean }>(
      `SELECT ('order' = ANY($1) AND EXISTS (SELECT 1 FROM order_lines))
           OR EXISTS (SELECT 1 FROM events WHERE type::text = ANY($1)) AS exists`,
      [sources],
    );
    return rows[0]?.exists ?? false;
  }

  /**
   * Reads each pair of user and product once, at its latest time, in order of time.
   *
   * One statement in one transaction: what is written meanwhile is in it whole or not at all. Rows
   * come in portions, so memory holds the columns and no more.
   */
  async read(sources: readonly InteractionSource[], signal: AbortSignal): Promise<InteractionSnapshot> {
    const users = new IdIndex();
    const items = new IdIndex();
    const columns = { users: [] as number[], items: [] as number[], timestamps: [] as number[] };
    await this.database.transaction(async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(`DECLARE interactions NO SCROLL CURSOR FOR ${SELECT_INTERACTIONS}`, [sources]);
      for (;;) {
        signal.throwIfAborted();
        const { rows } = await client.query<InteractionRow>(`FETCH ${ROWS_PER_FETCH} FROM interactions`);
        if (rows.length === 0) return;
        for (const { user_id, product_id, at } of rows) {
          columns.users.push(users.indexOf(user_id));
          columns.items.push(items.indexOf(product_id));
          columns.timestamps.push(at);
        }
      }
    });
    return {
      userIds: users.ids,
      itemIds: items.ids,
      interactions: {
        userCount: users.ids.length,
        itemCount: items.ids.length,
        users: Int32Array.from(columns.users),
        items: Int32Array.from(columns.items),
        timestamps: Float64Array.from(columns.timestamps),
      },
    };
  }
}

/** Ids in order of first appearance. */
class IdIndex {
  readonly ids: string[] = [];
  private readonly indices = new Map<string, number>();

  indexOf(id: string): number {
    const known = this.indices.get(id);
    if (known !== undefined) return known;
    this.indices.set(id, this.ids.length);
    return this.ids.push(id) - 1;
  }
}

const SELECT_INTERACTIONS = `
  SELECT user_id, product_id, (extract(epoch FROM max(at)) * 1000)::float8 AS at
  FROM (
    SELECT o.user_id, l.product_id, o.placed_at AS at
    FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE 'order' = ANY($1::text[])
    UNION ALL
    SELECT user_id, product_id, at FROM events WHERE type::text = ANY($1::text[])
  ) AS interaction
  GROUP BY user_id, product_id
  ORDER BY max(at), user_id, product_id`;
