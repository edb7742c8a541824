import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { EmbeddedDatabase } from '../../src/platform/database/embedded-database.js';
import { migrate, MigrationError } from '../../src/platform/database/migrator.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { removeCluster } from '../support/jest-global-teardown.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROCESS = join(ROOT, 'test', 'support', 'database-process.js');

async function query<T extends pg.QueryResultRow>(url: string, text: string): Promise<readonly T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

/** A process that opens the embedded database in `folder`, says so, and lives until it is ended. */
class DatabaseProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(folder: string): Promise<DatabaseProcess> {
    const child = spawn(process.execPath, [PROCESS, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((found, failed) => {
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += String(chunk);
        if (text.includes('\n')) found(text.trim());
      });
      child.once('exit', (code) => failed(new Error(`The process ended with ${code}.`)));
    });
    return new DatabaseProcess(child, url);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill(signal);
    await ended;
  }
}

async function serverPid(folder: string): Promise<number> {
  return Number((await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20);
}

describe('the embedded database', () => {
  let parent: string;
  let folder: string;

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'almanac-embedded-'));
    folder = join(parent, 'postgresql');
  });
  afterAll(async () => removeCluster(parent));

  it('initialises an empty folder, closed to others', async () => {
    const database = await EmbeddedDatabase.open(folder);
    try {
      expect(await query(database.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600);
      expect((await stat(join(folder, 'cluster'))).mode & 0o777).toBe(0o700);
      expect(await query(database.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
      await query(database.url, 'CREATE TABLE kept (value integer)');
    } finally {
      await database.close();
    }
    expect(await readdir(join(folder, 'cluster'))).not.toContain('postmaster.pid');
  });

  it('is one server for several processes, stopped by the last', async () => {
    const [first, second] = await Promise.all([DatabaseProcess.start(folder), DatabaseProcess.start(folder)]);
    const pid = await serverPid(folder);
    expect(second.url).toBe(first.url);
    await query(first.url, 'INSERT INTO kept VALUES (1)');

    await first.end('SIGTERM');
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([{ value: 1 }]);
    await second.end('SIGTERM');
    await untilGone(pid);
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('survives a kill of the service: the next one attaches and finds all that was committed', async () => {
    const killed = await DatabaseProcess.start(folder);
    await query(killed.url, 'INSERT INTO kept VALUES (2)');
    const pid = await serverPid(folder);
    await killed.end('SIGKILL');

    const next = await EmbeddedDatabase.open(folder);
    try {
      expect(await serverPid(folder)).toBe(pid);
      expect(await query(next.url, 'SELECT value FROM kept ORDER BY 1')).toEqual([
        { value: 1 },
        { value: 2 },
      ]);
    } finally {
      await next.close();
    }
    await untilGone(pid);
  });

  it('survives a kill of the server: the next start recovers all that was committed', async () => {
    const before = await DatabaseProcess.start(folder);
    await query(before.url, 'INSERT INTO kept VALUES (3)');
    const pid = await serverPid(folder);
    process.kill(pid, 'SIGKILL');
    await untilGone(pid);
    await before.end('SIGKILL');

    const next = await EmbeddedDatabase.open(folder);
    try {
      const rows = await query(next.url, 'SELECT value FROM kept ORDER BY 1');
      expect(rows).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }]);
    } finally {
      await next.close();
    }
  });
});

describe('the migrations', () => {
  let database: TestDatabase;
  const directory = join(ROOT, 'prisma', 'migrations');

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => database.drop());

  it('are all in the ledger as `prisma migrate deploy` would write it', async () => {
    const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const expected = await Promise.all(
      names.map(async ({ name }) => ({
        migration_name: name,
        checksum: createHash('sha256')
          .update(await readFile(join(directory, name, 'migration.sql')))
          .digest('hex'),
        applied_steps_count: 1,
        finished: true,
      })),
    );
    const rows = await query(
      database.url,
      `SELECT migration_name, checksum, applied_steps_count, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations ORDER BY migration_name`,
    );
    expect(rows).toEqual(expected.sort((a, b) => (a.migration_name < b.migration_name ? -1 : 1)));
    expect(rows.length).toBeGreaterThan(0);
  });

  it('are not applied twice', async () => {
    expect(await migrate(database.url)).toEqual([]);
  });

  it('are refused when one was altered after it had been applied', async () => {
    const altered = await createTestDatabase();
    try {
      await query(altered.url, "UPDATE _prisma_migrations SET checksum = 'other'");
      await expect(migrate(altered.url)).rejects.toThrow(MigrationError);
    } finally {
      await altered.drop();
    }
  });

  it('are applied once by several processes at the same time', async () => {
    const empty = await createTestDatabase({ isEmpty: true });
    try {
      const applied = await Promise.all([1, 2, 3].map(async () => migrate(empty.url)));
      const names = (await readdir(directory, { withFileTypes: true })).filter((entry) =>
        entry.isDirectory(),
      );
      expect(applied.flat().sort()).toEqual(names.map(({ name }) => name).sort());
    } finally {
      await empty.drop();
    }
  });

  it('make the schema that schema.prisma describes', async () => {
    const result = await runSchemaDiff(database.url);
    expect(result).toBe('-- This is an empty migration.');
  });

  it('would be found to differ if they did', async () => {
    const other = await createTestDatabase();
    try {
      await query(other.url, 'ALTER TABLE ml_models DROP COLUMN version');
      expect(await runSchemaDiff(other.url)).toContain('ADD COLUMN');
    } finally {
      await other.drop();
    }
  });
});

/** Asks Prisma's schema engine, in a process of its own, what would have to change. */
async function runSchemaDiff(url: string): Promise<string> {
  const script = join(ROOT, 'test', 'support', 'schema-diff.js');
  const child = spawn(process.execPath, [script, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  await new Promise((done) => child.once('close', done));
  return text.trim();
}
