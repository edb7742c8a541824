// starts one PostgreSQL for all specs; plain JavaScript because Jest loads this file outside of its ESM support
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

import { loadDatabaseSources } from './database-sources.js';
import { removeCluster } from './jest-global-teardown.js';

const PREFIX = 'almanac-test-';

export default async function globalSetup() {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.env.ALMANAC_TEST_FOLDER = folder;
  const { EmbeddedDatabase, migrate } = await loadDatabaseSources();

  const database = await EmbeddedDatabase.open(join(folder, 'postgresql'));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  // nothing here has to survive a power failure
  await client.query('ALTER SYSTEM SET fsync = off');
  await client.query('ALTER SYSTEM SET full_page_writes = off');
  await client.query('ALTER SYSTEM SET synchronous_commit = off');
  await client.query('SELECT pg_reload_conf()');
  await client.query('CREATE DATABASE almanac_template');
  await client.end();
  const template = new URL(database.url);
  template.pathname = '/almanac_template';
  await migrate(template.href);
  process.env.ALMANAC_TEST_SERVER = database.url;
}

/** Ends what a run of tests left behind that was killed. */
async function removeLeftovers() {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!isAlive(pid)) await removeCluster(join(tmpdir(), name));
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
