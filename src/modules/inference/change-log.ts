import type { PoolClient } from 'pg';

/**
 * Where a reader of a log of changes stands: it has read all that transactions before `transaction` wrote, and of
 * the later ones the entries `ids`.
 *
 * Neither times nor sequences tell what is new: a transaction that began long ago may commit after all others. But
 * those before the oldest one that is still running have ended, and what they wrote is visible.
 */
export interface LogPosition {
  /** A transaction number of PostgreSQL, 64 bits, as text. */
  readonly transaction: string;
  readonly ids: ReadonlySet<string>;
}

/** Entries that a reader has not read yet, and where it stands when it has. */
export interface UnreadEntries {
  readonly ids: readonly string[];
  readonly position: LogPosition;
}

/** Before everything. */
export const LOG_BEGIN: LogPosition = { transaction: '0', ids: new Set() };

/** Makes all that `client` reads in its transaction be of one moment. */
export async function freeze(client: PoolClient): Promise<void> {
  await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
}

/** Finds the entries of `table` since a position, in a transaction that is frozen. */
export async function readLog(client: PoolClient, table: string, since: LogPosition): Promise<UnreadEntries> {
  const { rows } = await client.query<{ horizon: string; ids: string[]; settled: string[] }>(
    `WITH now AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon)
     SELECT horizon::text, coalesce(array_agg(l.id::text) FILTER (WHERE l.id IS NOT NULL), '{}') AS ids,
       coalesce(array_agg(l.id::text) FILTER (WHERE l.transaction < horizon), '{}') AS settled
     FROM now LEFT JOIN ${table} l ON l.transaction >= $1 GROUP BY horizon`,
    [since.transaction],
  );
  const { horizon, ids, settled } = rows[0]!; // there is always one horizon
  const isSettled = new Set(settled);
  return {
    ids: ids.filter((id) => !since.ids.has(id)),
    position: { transaction: horizon, ids: new Set(ids.filter((id) => !isSettled.has(id))) },
  };
}
