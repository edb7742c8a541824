import { Injectable } from '@nestjs/common';
import type pg from 'pg';

import { Database } from '../../platform/database/database.js';
import type { InteractionSnapshot } from '../../ports/snapshot-store.js';
import { GrowingColumn } from './growing-column.js';
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
   * Reads every interaction, repeated ones too, in order of time, and the regions of their users.
   *
   * One transaction that sees one state: what is written meanwhile is in it whole or not at all. Rows come in
   * portions into typed columns: memory holds 16 bytes a row, twice that while a column grows.
   */
  async read(sources: readonly InteractionSource[], signal: AbortSignal): Promise<InteractionSnapshot> {
    const users = new IdIndex();
    const items = new IdIndex();
    const userColumn = new GrowingColumn(Int32Array);
    const itemColumn = new GrowingColumn(Int32Array);
    const timeColumn = new GrowingColumn(Float64Array);
    const regions = await this.database.transaction(async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(`DECLARE interactions NO SCROLL CURSOR FOR ${SELECT_INTERACTIONS}`, [sources]);
      for (;;) {
        signal.throwIfAborted();
        const { rows } = await client.query<InteractionRow>(`FETCH ${ROWS_PER_FETCH} FROM interactions`);
        if (rows.length === 0) return readRegions(client, users.ids, signal);
        for (const { user_id, product_id, at } of rows) {
          userColumn.push(users.indexOf(user_id));
          itemColumn.push(items.indexOf(product_id));
          timeColumn.push(at);
        }
      }
    });
    return {
      userIds: users.ids,
      itemIds: items.ids,
      regionIds: regions.ids,
      interactions: {
        userCount: users.ids.length,
        itemCount: items.ids.length,
        users: userColumn.values(),
        items: itemColumn.values(),
        timestamps: timeColumn.values(),
        userRegions: regions.ofUsers,
      },
    };
  }
}

/** Regions of the users of `userIds`, −1 for those whose region is not known. */
async function readRegions(
  client: pg.PoolClient,
  userIds: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly ofUsers: Int32Array }> {
  const regions = new IdIndex();
  const ofUsers = new Int32Array(userIds.length).fill(-1);
  for (let from = 0; from < userIds.length; from += ROWS_PER_FETCH) {
    signal.throwIfAborted();
    const { rows } = await client.query<{ place: number; region: string }>(SELECT_REGIONS, [
      userIds.slice(from, from + ROWS_PER_FETCH),
    ]);
    for (const { place, region } of rows) ofUsers[from + place] = regions.indexOf(region);
  }
  return { ids: regions.ids, ofUsers };
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
  SELECT user_id, product_id, (extract(epoch FROM at) * 1000)::float8 AS at
  FROM (
    SELECT o.user_id, l.product_id, o.placed_at AS at
    FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE 'order' = ANY($1::text[])
    UNION ALL
    SELECT user_id, product_id, at FROM events WHERE type::text = ANY($1::text[])
  ) AS interaction
  ORDER BY at, user_id, product_id`;

const SELECT_REGIONS = `
  SELECT (asked.place - 1)::int AS place, u.region
  FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, place) JOIN users u ON u.id = asked.id
  WHERE u.region IS NOT NULL
  ORDER BY asked.place`;
