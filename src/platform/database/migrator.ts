import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

import { OperatorError } from '../../common/operator-error.js';

/** 'almanac' in ASCII, as a 64-bit lock number. */
const MIGRATION_LOCK = '27412921094693219';

/** The table as `prisma migrate` makes it, so that both can work on one database. */
const LEDGER = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** A migration cannot be applied, or what was applied is not what the code carries. */
export class MigrationError extends OperatorError {
  override readonly name = 'MigrationError';
}

/** The database cannot be reached, or does not let us in. */
export class DatabaseUnreachableError extends OperatorError {
  override readonly name = 'DatabaseUnreachableError';

  constructor(url: string, cause: unknown) {
    const { host, pathname } = new URL(url); // never the password
    super(
      `The database at ${host}${pathname} cannot be used: ${(cause as Error).message}. See DATABASE_URL.`,
      {
        cause,
      },
    );
  }
}

/**
 * Applies the migrations of prisma/migrations that the database at `url` lacks, in name order.
 *
 * Each migration and its ledger row commit together, under an advisory lock that makes other replicas
 * wait. `prisma migrate deploy` sees the same ledger.
 *
 * @returns Names of the migrations applied now.
 * @throws DatabaseUnreachableError; MigrationError when an applied migration was altered or one failed; later ones are not tried.
 */
export async function migrate(url: string, directory = migrationsDirectory()): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
  } catch (error) {
    throw new DatabaseUnreachableError(url, error);
  }
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(LEDGER);
    const applied = await readApplied(client);
    const pending = (await readMigrations(directory)).filter((migration) => !isApplied(migration, applied));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end(); // also gives the advisory lock back
  }
}

/** The nearest prisma/migrations at or above this file: the same for src, dist and the image. */
function migrationsDirectory(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'prisma', 'migrations');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw new MigrationError('The folder prisma/migrations is missing.');
  }
}

async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function readApplied(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  const unfinished = rows.find(({ finished_at }) => finished_at === null);
  if (unfinished) {
    throw new MigrationError(
      `Migration ${unfinished.migration_name} was begun elsewhere and did not finish; resolve it with \`prisma migrate resolve\`.`,
    );
  }
  return new Map(rows.map(({ migration_name, checksum }) => [migration_name, checksum]));
}

function isApplied({ name, checksum }: Migration, applied: ReadonlyMap<string, string>): boolean {
  const known = applied.get(name);
  if (known !== undefined && known !== checksum) {
    throw new MigrationError(`Migration ${name} was altered after it had been applied.`);
  }
  return known !== undefined;
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES ($1, $2, now(), $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new MigrationError(`Migration ${name} failed and was rolled back: ${String(error)}`, {
      cause: error,
    });
  }
}
