import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import jwt, { type SignOptions } from 'jsonwebtoken';

import { TokensIssuedElsewhereError } from '../../src/modules/auth/auth.errors.js';
import { assertActsFor } from '../../src/modules/auth/auth.service.js';
import { ROLES, type Caller } from '../../src/modules/auth/auth.types.js';
import { CurrentCaller } from '../../src/modules/auth/current-caller.decorator.js';
import { Public } from '../../src/modules/auth/public.decorator.js';
import { Roles } from '../../src/modules/auth/roles.decorator.js';
import { routeAccess } from '../../src/modules/auth/route-access.js';
import { openTokenSecret, TokenSecretError } from '../../src/modules/auth/token-secret.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

@Controller('test-auth')
class GuardedController {
  @Roles('admin')
  @Get('admin')
  admin(@CurrentCaller() caller: Caller): Caller {
    return caller;
  }

  @Roles('user', 'service')
  @Post('own')
  own(@CurrentCaller() caller: Caller, @Body() { userId }: { userId: string }): Caller {
    assertActsFor(caller, userId);
    return caller;
  }

  @Public()
  @Get('public')
  open(): string {
    return 'open';
  }

  // forgotten on purpose: neither @Roles nor @Public
  @Get('forgotten')
  forgotten(): string {
    return 'open by mistake';
  }
}

@Module({ imports: [DiscoveryModule], controllers: [GuardedController] })
class GuardedModule {}

const SECRET = 'a secret of at least thirty-two bytes, for tests';

function sign(claims: object, options: SignOptions = {}, key: KeyObject | string = SECRET): string {
  const defaults = { issuer: 'almanac', audience: 'almanac', subject: 'ada', expiresIn: 60 } as const;
  return jwt.sign(claims, key, { ...defaults, ...options });
}

/** A token in which one part was replaced after it had been signed. */
function forge(token: string, part: 0 | 1 | 2, text: string): string {
  const parts = token.split('.');
  parts[part] = text;
  return parts.join('.');
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('authentication with a shared secret', () => {
  let app: TestApp;
  const call = async (authorization: string | undefined): ReturnType<TestApp['get']> =>
    app.get('/test-auth/admin', authorization === undefined ? {} : { headers: { authorization } });

  beforeAll(async () => {
    app = await startTestApp({ ALMANAC_JWT_SECRET: SECRET }, [GuardedModule]);
  });
  afterAll(async () => app.close());

  it('lets a valid token pass and gives the handler its caller', async () => {
    const { status, body } = await call(`Bearer ${sign({ role: 'admin' })}`);
    expect(status).toBe(200);
    expect(body).toEqual({ subject: 'ada', role: 'admin' });
  });

  it('takes the first role it knows from a list of roles', async () => {
    const { body } = await call(`Bearer ${sign({ roles: ['editor', 'admin', 'user'] })}`);
    expect(body).toEqual({ subject: 'ada', role: 'admin' });
  });

  it('asks for a token where there is none, with the bare challenge', async () => {
    const { status, headers, body } = await call(undefined);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="almanac"');
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(body).toMatchObject({
      type: '/problems/unauthenticated',
      status: 401,
      instance: '/test-auth/admin',
    });
  });

  const valid = sign({ role: 'admin' });
  it.each([
    ['of another scheme', 'Basic YWRhOnB3', undefined],
    ['that is no token', 'Bearer abc', 'jwt malformed'],
    [
      'with an altered payload',
      `Bearer ${forge(valid, 1, encode({ sub: 'eve', role: 'admin' }))}`,
      'invalid signature',
    ],
    ['with an altered signature', `Bearer ${valid.slice(0, -6)}AAAAAA`, 'invalid signature'],
    ['of another secret', `Bearer ${sign({ role: 'admin' }, {}, 'x'.repeat(40))}`, 'invalid signature'],
    [
      'without algorithm',
      `Bearer ${jwt.sign({ role: 'admin' }, null as never, { algorithm: 'none' })}`,
      'jwt signature is required',
    ],
    [
      'of another algorithm',
      `Bearer ${sign({ role: 'admin' }, { algorithm: 'HS512' })}`,
      'invalid algorithm',
    ],
    ['of another issuer', `Bearer ${sign({ role: 'admin' }, { issuer: 'elsewhere' })}`, 'jwt issuer invalid'],
    [
      'for another audience',
      `Bearer ${sign({ role: 'admin' }, { audience: 'elsewhere' })}`,
      'jwt audience invalid',
    ],
    ['that is not valid yet', `Bearer ${sign({ role: 'admin' }, { notBefore: 60 })}`, 'jwt not active'],
    ['without a role', `Bearer ${sign({})}`, 'the claim role must be admin, service or user'],
    ['with an unknown role', `Bearer ${sign({ role: 'root' })}`, 'the claim role must be'],
    [
      'without a subject',
      `Bearer ${jwt.sign({ role: 'admin' }, SECRET, { issuer: 'almanac', audience: 'almanac', expiresIn: 60 })}`,
      'the claim sub must be',
    ],
    [
      'without an expiry',
      `Bearer ${jwt.sign({ role: 'admin' }, SECRET, { issuer: 'almanac', audience: 'almanac', subject: 'ada' })}`,
      'the claim exp is missing',
    ],
  ])('refuses a token %s', async (_, authorization, reason) => {
    const { status, body, headers } = await call(authorization);
    expect(status).toBe(401);
    expect(body.type).toBe('/problems/unauthenticated');
    if (reason === undefined) return;
    expect(body.detail).toContain(reason);
    expect(headers.get('www-authenticate')).toMatch(
      /^Bearer realm="almanac", error="invalid_token", error_description="/,
    );
    expect(JSON.stringify(body)).not.toContain(authorization.slice(7));
  });

  it('says when a token has expired', async () => {
    const { status, body, headers } = await call(`Bearer ${sign({ role: 'admin' }, { expiresIn: -30 })}`);
    expect(status).toBe(401);
    expect(body).toMatchObject({ type: '/problems/token-expired', expiredAt: expect.stringMatching(/Z$/) });
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('tolerates five seconds between clocks', async () => {
    expect((await call(`Bearer ${sign({ role: 'admin' }, { expiresIn: -2 })}`)).status).toBe(200);
  });

  it.each(['service', 'user'] as const)('refuses the role %s where only admins may', async (role) => {
    const { status, body } = await call(`Bearer ${await app.token(role)}`);
    expect(status).toBe(403);
    expect(body).toMatchObject({ type: '/problems/forbidden', expected: ['admin'], received: role });
  });

  it.each(['user', 'service'] as const)('lets each of several roles pass: %s', async (role) => {
    const token = await app.token(role, 'u1');
    expect((await app.post('/test-auth/own', { userId: 'u1' }, { token })).status).toBe(201);
  });

  it('lets a user act for itself only, a service for everybody', async () => {
    const user = await app.token('user', 'u1');
    const other = await app.post('/test-auth/own', { userId: 'u2' }, { token: user });
    expect(other.status).toBe(403);
    expect(other.body).toMatchObject({ type: '/problems/other-user', expected: 'u1', received: 'u2' });

    const service = await app.token('service', 'shop');
    expect((await app.post('/test-auth/own', { userId: 'u2' }, { token: service })).status).toBe(201);
  });

  it('opens public routes to everybody, even with a bad token', async () => {
    expect((await app.get('/test-auth/public')).text).toBe('open');
    expect((await app.get('/test-auth/public', { token: 'bad' })).status).toBe(200);
  });

  it('closes a route that says neither who may call it nor that it is public', async () => {
    expect((await app.get('/test-auth/forgotten')).status).toBe(401);
    const { status, body } = await app.get('/test-auth/forgotten', { token: await app.token('admin') });
    expect(status).toBe(403);
    expect(body.detail).toContain('names no role');
  });

  it('finds no route of the application that names neither roles nor @Public', () => {
    expect(undeclaredRoutes(app)).toEqual(['GuardedController.forgotten']);
  });
});

function undeclaredRoutes({ app }: TestApp): readonly string[] {
  const reflector = app.get(Reflector);
  const found: string[] = [];
  for (const { metatype, instance } of app.get(DiscoveryService).getControllers()) {
    if (!metatype || !instance) continue;
    const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
    for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
      const handler = prototype[name];
      if (handler === undefined || reflector.get('path', handler) === undefined) continue;
      const access = routeAccess({ getHandler: () => handler, getClass: () => metatype as never });
      if (access === 'undeclared') found.push(`${metatype.name}.${name}`);
      else if (access !== 'public') expect(ROLES).toEqual(expect.arrayContaining([...access]));
    }
  }
  return found;
}

describe('authentication with the keys of an identity provider', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let provider: Server;
  let app: TestApp;
  let asked = 0;

  beforeAll(async () => {
    const keys = [
      { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig', alg: 'RS256' },
      { ...elliptic.publicKey.export({ format: 'jwk' }), kid: 'ec', use: 'sig', alg: 'ES256' },
    ];
    provider = createServer((_, response) => {
      asked += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
    });
    await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
    const { port } = provider.address() as { port: number };
    app = await startTestApp({ ALMANAC_JWKS_URL: `http://127.0.0.1:${port}/jwks.json` }, [GuardedModule]);
  });
  afterAll(async () => {
    await app.close();
    provider.close();
  });

  const call = async (token: string): ReturnType<TestApp['get']> => app.get('/test-auth/admin', { token });

  it.each([
    ['RS256', 'rsa', rsa.privateKey],
    ['ES256', 'ec', elliptic.privateKey],
  ] as const)('verifies %s and asks the provider once', async (algorithm, keyid, key) => {
    const before = asked;
    for (let i = 0; i < 3; i += 1) {
      const { body } = await call(sign({ role: 'admin', i }, { algorithm, keyid }, key));
      expect(body).toEqual({ subject: 'ada', role: 'admin' });
    }
    expect(asked - before).toBeLessThanOrEqual(1);
  });

  it('refuses a token signed by somebody else', async () => {
    const token = sign({ role: 'admin' }, { algorithm: 'RS256', keyid: 'rsa' }, stranger.privateKey);
    expect((await call(token)).body.type).toBe('/problems/unauthenticated');
  });

  it('refuses the public key used as the secret of HS256', async () => {
    const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const header = { alg: 'HS256', kid: 'rsa' };
    const token = sign({ role: 'admin' }, { algorithm: 'HS256', header }, pem);
    const { status, body } = await call(token);
    expect(status).toBe(401);
    expect(body.type).toBe('/problems/unauthenticated');
  });

  it('refuses an unknown key id', async () => {
    const token = sign({ role: 'admin' }, { algorithm: 'RS256', keyid: 'other' }, rsa.privateKey);
    expect((await call(token)).status).toBe(401);
  });

  it('issues no tokens itself, and says where to get one', async () => {
    await expect(app.token('admin')).rejects.toThrow(TokensIssuedElsewhereError);
  });
});

describe('authentication while the identity provider is away', () => {
  it('answers 503 and does not let anybody in', async () => {
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const app = await startTestApp({ ALMANAC_JWKS_URL: 'http://127.0.0.1:9/jwks.json' }, [GuardedModule]);
    try {
      const token = sign({ role: 'admin' }, { algorithm: 'RS256', keyid: 'rsa' }, key);
      const { status, body, headers } = await app.get('/test-auth/admin', { token });
      expect(status).toBe(503);
      expect(body.type).toBe('/problems/keys-unavailable');
      expect(headers.get('retry-after')).toBe('5');
    } finally {
      await app.close();
    }
  });
});

describe('the secret that is made at the first start', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-secret-'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  const open = async (name: string): Promise<Buffer> =>
    (await openTokenSecret({ secret: undefined, dataDirectory: join(folder, name) })).export();

  it('is the same for everybody who opens it at once, and for its owner only', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, async () => open('together')));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
    expect((await stat(join(folder, 'together', 'jwt-secret'))).mode & 0o777).toBe(0o600);
    expect(await open('together')).toEqual(keys[0]);
  });

  it('differs from folder to folder', async () => {
    expect(await open('one')).not.toEqual(await open('two'));
  });

  it('is never replaced when the file is damaged', async () => {
    await open('damaged');
    const path = join(folder, 'damaged', 'jwt-secret');
    await writeFile(path, 'short');
    await expect(open('damaged')).rejects.toThrow(TokenSecretError);
    expect(await readFile(path, 'utf8')).toBe('short');
  });
});
