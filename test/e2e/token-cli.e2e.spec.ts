import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt, { type JwtPayload } from 'jsonwebtoken';

import { runBuilt, type Outcome } from '../support/run-built.js';
import { startTestApp } from '../support/test-app.js';

/** Runs the built command, as `npm run -s token --` does. */
const token = async (args: readonly string[], environment: Record<string, string>): Promise<Outcome> =>
  runBuilt('cli/token.js', args, environment);

describe('npm run token', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-token-'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it('prints a token alone, before the first start, that the service then accepts', async () => {
    const { code, stdout, stderr } = await token(['--role', 'admin'], { ALMANAC_DATA: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const app = await startTestApp({ ALMANAC_DATA: folder });
    try {
      expect((await app.get('/api/ml/models', { token: stdout.trim() })).status).toBe(200);
    } finally {
      await app.close();
    }
  });

  it('makes a token for an hour and the role admin unless told otherwise', async () => {
    const read = async (args: readonly string[]): Promise<JwtPayload> =>
      jwt.decode((await token(args, { ALMANAC_DATA: folder })).stdout.trim()) as JwtPayload;
    const plain = await read([]);
    expect(plain).toMatchObject({ role: 'admin', sub: 'cli-admin', iss: 'almanac', aud: 'almanac' });
    expect(Number(plain.exp) - Number(plain.iat)).toBe(3600);
    const other = await read(['--role', 'user', '--subject', 'user-1', '--expires', '2d']);
    expect(other).toMatchObject({ role: 'user', sub: 'user-1' });
    expect(Number(other.exp) - Number(other.iat)).toBe(172_800);
  });

  it.each([
    [['--role', 'root'], '--role must be one of admin, service, user, received root'],
    [['--role', 'user'], '--subject must be the id of the user'],
    [['--subject', ''], '--subject must be 1 to 200 characters long'],
    [['--expires', '31d'], '--expires must be a time from 1s to 30d'],
    [['--expires', '0'], '--expires must be'],
    [['--expires', 'soon'], '--expires must be'],
    [['--who', 'me'], "Unknown option '--who'"],
    [['admin'], 'Unexpected argument'],
  ])('refuses %j with status 2 and the usage', async (args, message) => {
    const { code, stdout, stderr } = await token(args, { ALMANAC_DATA: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('npm run -s token --');
  });

  it('says in words that an identity provider issues the tokens', async () => {
    const { code, stderr } = await token([], { ALMANAC_JWKS_URL: 'https://id.example/jwks.json' });
    expect(code).toBe(1);
    expect(stderr).toContain('issued by the identity provider');
    expect(stderr).not.toContain('    at ');
  });

  it('names what is missing in production', async () => {
    const { code, stderr } = await token([], { NODE_ENV: 'production', ALMANAC_DATA: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('ALMANAC_JWT_SECRET');
  });
});
