import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { removeCluster } from '../support/jest-global-teardown.js';
import { runBuilt, type Outcome } from '../support/run-built.js';

describe('a start that fails', () => {
  let folder: string;
  let taken: Server;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-start-'));
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
  });
  afterAll(async () => {
    taken.close();
    await removeCluster(folder);
  });

  const start = async (environment: Record<string, string>): Promise<Outcome> =>
    runBuilt('main.js', [], {
      ALMANAC_DATA: folder,
      ML_MODELS_DIR: folder,
      ALMANAC_DEMO: 'off',
      ...environment,
    });
  const port = (): string => String((taken.address() as AddressInfo).port);

  it('says that the port is taken, and leaves no database running', async () => {
    const { code, stderr } = await start({ PORT: port() });
    expect(code).toBe(1);
    expect(stderr).toMatch(/AddressUnavailableError: Another process listens there; set PORT to a free one/);
    expect(stderr).not.toContain('    at ');
    expect(existsSync(join(folder, 'postgresql', 'cluster', 'PG_VERSION'))).toBe(true);
    expect(existsSync(join(folder, 'postgresql', 'cluster', 'postmaster.pid'))).toBe(false);
  });

  it('says that the database cannot be reached, without its password', async () => {
    const { code, stderr, stdout } = await start({ DATABASE_URL: 'postgresql://a:hunter2@127.0.0.1:1/shop' });
    expect(code).toBe(1);
    expect(stderr).toContain('The database at 127.0.0.1:1/shop cannot be used');
    expect(stderr + stdout).not.toContain('hunter2');
  });

  it('names all wrong variables at once, without their values', async () => {
    const { code, stderr } = await start({ PORT: 'eighty', ML_QUEUE_SIZE: '-7', ALMANAC_DEMO: 'perhaps' });
    expect(code).toBe(1);
    for (const name of ['PORT', 'ML_QUEUE_SIZE', 'ALMANAC_DEMO'])
      expect(stderr).toContain(`- ${name} must be`);
    expect(stderr).not.toMatch(/eighty|-7|perhaps/);
  });

  it('does not start in production without a secret', async () => {
    const { code, stderr } = await start({ NODE_ENV: 'production' });
    expect(code).toBe(1);
    expect(stderr).toContain('ALMANAC_JWT_SECRET must be set in production');
  });
});
