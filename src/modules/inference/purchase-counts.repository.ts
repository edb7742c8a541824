import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import { freeze, LOG_BEGIN, readLog, type LogPosition } from './change-log.js';

/** Purchases of a product in a month, 1 … 12; below 0 where some were taken back. */
export interface PurchaseChange {
  readonly productId: string;
  readonly month: number;
  readonly count: number;
}

/** Deals with a part of the changes before the next part is read. */
export type OnChanges = (changes: readonly PurchaseChange[]) => Promise<void>;

interface CountRow {
  readonly product_id: string;
  readonly month: number;
  readonly count: number;
}

const ROWS_PER_FETCH = 2000;
/** 'counts' in ASCII: one folds, the others leave it alone. */
const FOLD_LOCK = '109359846421619';
const LOG = 'purchase_count_changes';

const ALL = `
  SELECT product_id, month, sum(count)::int AS count FROM (
    SELECT product_id, month, count FROM purchase_counts
    UNION ALL
    SELECT u.product_id, u.month, u.count
    FROM ${LOG} c, unnest(c.product_ids, c.months, c.counts) AS u (product_id, month, count)
  ) AS counted GROUP BY product_id, month HAVING sum(count) <> 0`;

const CHANGES = `
  SELECT u.product_id, u.month, sum(u.count)::int AS count
  FROM ${LOG} c, unnest(c.product_ids, c.months, c.counts) AS u (product_id, month, count)
  WHERE c.id = ANY($1) GROUP BY u.product_id, u.month`;

/** Reads how often products were bought: once in full, then each change once. */
@Injectable()
export class PurchaseCountsRepository {
  constructor(private readonly database: Database) {}

  /** Reads all counts. @returns Where to go on from. */
  async readAll(onChanges: OnChanges): Promise<LogPosition> {
    return this.stream(LOG_BEGIN, ALL, () => [], onChanges);
  }

  /** Reads what has changed since. @returns Where to go on from. */
  async readSince(since: LogPosition, onChanges: OnChanges): Promise<LogPosition> {
    return this.stream(since, CHANGES, (ids) => [ids], onChanges);
  }

  /** Adds changes that are older to the counts, so that the log stays short. */
  async fold(minutes: number): Promise<void> {
    await this.database.transaction(async (client) => {
      const { rows } = await client.query<{ is_mine: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1) AS is_mine',
        [FOLD_LOCK],
      );
      if (rows[0]?.is_mine !== true) return;
      await client.query(
        `WITH folded AS (
           DELETE FROM ${LOG} WHERE at < now() - make_interval(mins => $1)
           RETURNING product_ids, months, counts
         )
         INSERT INTO purchase_counts AS p (product_id, month, count)
         SELECT u.product_id, u.month, sum(u.count)
         FROM folded f, unnest(f.product_ids, f.months, f.counts) AS u (product_id, month, count)
         GROUP BY u.product_id, u.month
         ON CONFLICT (product_id, month) DO UPDATE SET count = p.count + excluded.count`,
        [minutes],
      );
    });
  }

  private async stream(
    since: LogPosition,
    sql: string,
    valuesOf: (ids: readonly string[]) => unknown[],
    onChanges: OnChanges,
  ): Promise<LogPosition> {
    return this.database.transaction(async (client) => {
      await freeze(client);
      const { ids, position } = await readLog(client, LOG, since);
      if (since !== LOG_BEGIN && ids.length === 0) return position;
      await client.query(`DECLARE read NO SCROLL CURSOR FOR ${sql}`, valuesOf(ids));
      for (;;) {
        const { rows } = await client.query<CountRow>(`FETCH ${ROWS_PER_FETCH} FROM read`);
        if (rows.length === 0) return position;
        await onChanges(
          rows.map(({ product_id, month, count }) => ({ productId: product_id, month, count })),
        );
      }
    });
  }
}
