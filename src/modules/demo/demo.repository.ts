import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import type { TableRows } from './demo-rows.js';

const ROWS_PER_STATEMENT = 20_000;
/** 'demo' in ASCII: two processes that seed at once wait for each other. */
const SEED_LOCK = '1684368751';

/**
 * Checking a million references that are right by construction takes half of the time. A role that may
 * (the embedded database's does) switches the triggers off for this transaction; any other waits.
 */
const TRUST_REFERENCES = `
  SELECT set_config('session_replication_role', 'replica', true)
  WHERE has_parameter_privilege('session_replication_role', 'SET')`;

/** Writes a whole marketplace at once. */
@Injectable()
export class DemoRepository {
  constructor(private readonly database: Database) {}

  /** Whether `write` has been here. */
  async isDemo(): Promise<boolean> {
    const { rowCount } = await this.database.pool.query(
      "SELECT FROM settings WHERE name = 'demo-marketplace'",
    );
    return rowCount === 1;
  }

  async isMarketplaceEmpty(): Promise<boolean> {
    return isEmpty(this.database.pool);
  }

  /**
   * Writes all rows and the note that they are a demo in one transaction.
   *
   * @returns Whether they were written; false when there were users or products already.
   */
  async write(
    tables: readonly TableRows[],
    note: Readonly<Record<string, unknown>>,
    onWritten: (rows: number) => void,
  ): Promise<boolean> {
    const isWritten = await this.database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [SEED_LOCK]);
      if (!(await isEmpty(client))) return false;
      await client.query(TRUST_REFERENCES);
      for (const { sql, count, parameters } of tables) {
        for (let from = 0; from < count; from += ROWS_PER_STATEMENT) {
          const to = Math.min(from + ROWS_PER_STATEMENT, count);
          await client.query(sql, [...parameters(from, to)]);
          onWritten(to - from);
        }
      }
      await client.query(
        `INSERT INTO settings (name, value) VALUES ('demo-marketplace', $1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = now()`,
        [JSON.stringify(note)],
      );
      await client.query(
        `SELECT pg_notify('almanac', name) FROM unnest(ARRAY['products', 'farms', 'orders', 'events']) AS name`,
      );
      return true;
    });
    // the planner knows nothing of half a million new rows until it is told
    if (isWritten) await this.database.pool.query(`ANALYZE ${tables.map(({ table }) => table).join(', ')}`);
    return isWritten;
  }
}

interface Queryable {
  query(sql: string): Promise<{ rows: unknown[] }>;
}

async function isEmpty(connection: Queryable): Promise<boolean> {
  const { rows } = await connection.query(
    'SELECT NOT EXISTS (SELECT FROM users) AND NOT EXISTS (SELECT FROM products) AS empty',
  );
  return (rows[0] as { empty: boolean }).empty;
}
