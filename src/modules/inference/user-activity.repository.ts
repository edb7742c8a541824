import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import type { ActivityChanges, ActivityRow, ActivitySource, UserActivity } from './user-activity.types.js';

interface UserRow {
  readonly cursor: string;
  readonly place: readonly [latitude: number, longitude: number] | null;
  readonly rows: readonly (readonly [productId: string, source: ActivitySource, at: number])[] | null;
}

interface ChangesRow {
  readonly cursor: string;
  readonly users: readonly (readonly [userId: string, changedBy: number])[] | null;
}

/** Rows read of each kind: what says that a user wants a product, and what says that it was looked at. */
const PURCHASE_ROWS = 1_000;
const INTEREST_ROWS = 100;

/** Reads what users did, one user at a time, and who did something new. */
@Injectable()
export class UserActivityRepository {
  constructor(private readonly database: Database) {}

  /** One statement, so that rows and cursor are of one moment. Unknown users have no rows. */
  async read(userId: string): Promise<UserActivity> {
    const { rows } = await this.database.pool.query<UserRow>({
      name: 'read-user-activity',
      text: SELECT_USER,
      values: [userId],
    });
    const [row] = rows;
    if (row === undefined) throw new Error('A statement of one row answered none.');
    return {
      cursor: Number(row.cursor),
      place: row.place === null ? undefined : { latitude: row.place[0], longitude: row.place[1] },
      rows: (row.rows ?? []).map(([productId, source, at]): ActivityRow => ({ productId, source, at })),
    };
  }

  /** Where changes are to be read from, from now on. */
  async cursor(): Promise<number> {
    const { rows } = await this.database.pool.query<{ cursor: string }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor',
    );
    return Number(rows[0]?.cursor);
  }

  /**
   * Finds who has changed by transaction `cursor` or a later one. Changes of a transaction that was under way are
   * found again by the next reading, so none is missed however late it commits.
   *
   * @param limit Users asked for, ≥ 1.
   */
  async readChanges(cursor: number, limit: number): Promise<ActivityChanges> {
    const { rows } = await this.database.pool.query<ChangesRow>(SELECT_CHANGES, [String(cursor), limit + 1]);
    const [row] = rows;
    if (row === undefined) throw new Error('A statement of one row answered none.');
    const users = row.users ?? [];
    return { cursor: Number(row.cursor), users: users.length > limit ? undefined : new Map(users) };
  }
}

const EVENTS = `SELECT product_id, type::text AS source, at FROM events WHERE user_id = $1`;

const SELECT_USER = `
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor,
    (SELECT json_build_array(latitude, longitude) FROM users
     WHERE id = $1 AND latitude IS NOT NULL AND longitude IS NOT NULL) AS place,
    (SELECT json_agg(json_build_array(product_id, source, (extract(epoch FROM at) * 1000)::float8) ORDER BY at)
     FROM (
       (SELECT l.product_id, 'order' AS source, o.placed_at AS at
        FROM orders o JOIN order_lines l ON l.order_id = o.id
        WHERE o.user_id = $1 ORDER BY o.placed_at DESC LIMIT ${PURCHASE_ROWS})
       UNION ALL
       (${EVENTS} AND type IN ('purchase', 'rating') ORDER BY at DESC LIMIT ${PURCHASE_ROWS})
       UNION ALL
       (${EVENTS} AND type NOT IN ('purchase', 'rating') ORDER BY at DESC LIMIT ${INTEREST_ROWS})
     ) AS activity) AS rows`;

/** Transactions that this server has not had yet can only come from a dump of another one: they change nothing now. */
const SINCE = `arrival >= $1::xid8 AND arrival < pg_snapshot_xmax(pg_current_snapshot())`;

const SELECT_CHANGES = `
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS cursor,
    (SELECT json_agg(json_build_array(user_id, changed_by)) FROM (
       SELECT user_id, max(arrival::text::bigint) AS changed_by FROM (
         SELECT user_id, arrival FROM orders WHERE ${SINCE}
         UNION ALL
         SELECT o.user_id, l.arrival
         FROM (SELECT order_id, arrival FROM order_lines WHERE ${SINCE}) AS l JOIN orders o ON o.id = l.order_id
         UNION ALL
         SELECT user_id, arrival FROM events WHERE ${SINCE}
         UNION ALL
         SELECT id, arrival FROM users WHERE ${SINCE}
       ) AS change
       GROUP BY user_id LIMIT $2
     ) AS changed) AS users`;
