import { request as httpRequest } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, HttpCode, Module, Post, Query } from '@nestjs/common';
import { IsInt, IsString, Max, Min } from 'class-validator';

import {
  PageQuery,
  toPage,
  toPageRequest,
  type PageMeta,
  type PagePosition,
} from '../../src/common/cursor-page.js';
import { ok, type Envelope } from '../../src/common/envelope.js';
import { IdempotencyModule } from '../../src/common/idempotency/idempotency.module.js';
import { Idempotent } from '../../src/common/idempotency/idempotent.decorator.js';
import { WithEtag } from '../../src/common/with-etag.decorator.js';
import { Public } from '../../src/modules/auth/public.decorator.js';
import { Roles } from '../../src/modules/auth/roles.decorator.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

class MakeRequest {
  @IsString()
  readonly name!: string;

  @IsInt()
  @Min(0)
  @Max(10)
  readonly count!: number;
}

/** Lets a spec hold a request until it says so. */
class Gate {
  arrived = 0;
  private release: () => void = () => undefined;
  opened = Promise.resolve();

  close(): void {
    this.opened = new Promise((resolve) => (this.release = resolve));
  }

  open(): void {
    this.release();
  }
}

const gate = new Gate();
let made = 0;
const ROWS: readonly PagePosition[] = Array.from({ length: 7 }, (_, i) => ({
  createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(i / 2))),
  id: `row-${i}`,
}));

@Controller('test-http')
class HttpController {
  @Roles('admin', 'user')
  @Idempotent()
  @Post('things')
  async make(@Body() { name, count }: MakeRequest): Promise<Envelope<{ name: string; number: number }>> {
    gate.arrived += 1;
    await gate.opened;
    if (count === 10) throw new Error('secret detail of the failure');
    made += 1;
    return ok({ name, number: made });
  }

  @Public()
  @WithEtag()
  @Get('thing')
  thing(): Envelope<{ name: string }> {
    return ok({ name: 'kale' });
  }

  @Public()
  @Get('rows')
  rows(@Query() query: PageQuery): Envelope<readonly string[], PageMeta> {
    const page = toPageRequest(query);
    const after = page.after === undefined ? 0 : ROWS.findIndex(({ id }) => id === page.after?.id) + 1;
    const { items, meta } = toPage(ROWS.slice(after, after + page.limit + 1), page);
    return ok(
      items.map(({ id }) => id),
      meta,
    );
  }

  @Public()
  @HttpCode(200)
  @Post('slow')
  async slow(): Promise<Envelope<string>> {
    gate.arrived += 1;
    await gate.opened;
    return ok('late but complete');
  }
}

@Module({ imports: [IdempotencyModule], controllers: [HttpController] })
class HttpModule {}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((turn) => setImmediate(turn));
}

describe('HTTP', () => {
  let app: TestApp;
  let token: string;

  beforeAll(async () => {
    app = await startTestApp({}, [HttpModule]);
    token = await app.token('admin');
  });
  afterAll(async () => app.close());

  const make = async (key: string | undefined, body: unknown, as = token): ReturnType<TestApp['post']> =>
    app.post('/test-http/things', body, {
      token: as,
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });

  it('gives back a request id that is safe, and makes one otherwise', async () => {
    const id = async (given: string): Promise<string | null> =>
      (await app.get('/health/live', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
    expect(await id('shop-42:7')).toBe('shop-42:7');
    const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
    expect(await id('has a space')).toMatch(uuid);
    expect(await id('x'.repeat(129))).toMatch(uuid);
    expect((await app.get('/health/live')).headers.get('x-request-id')).toMatch(uuid);
  });

  it('sends security headers with answers and problems', async () => {
    for (const path of ['/health/live', '/nowhere']) {
      const { headers } = await app.get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('repeats the first answer to the same key and body', async () => {
    const first = await make('key-1', { name: 'kale', count: 1 });
    const second = await make('key-1', { name: 'kale', count: 1 });
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.status).toBe(201);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    expect((await make(undefined, { name: 'kale', count: 1 })).body).not.toEqual(first.body);
  });

  it('keeps the keys of callers apart', async () => {
    const mine = await make('key-2', { name: 'kale', count: 1 });
    const theirs = await make('key-2', { name: 'kale', count: 1 }, await app.token('user', 'u1'));
    expect(theirs.headers.get('idempotency-replayed')).toBeNull();
    expect(theirs.body).not.toEqual(mine.body);
  });

  it('refuses a key that was used for another body', async () => {
    await make('key-3', { name: 'kale', count: 1 });
    const { status, body } = await make('key-3', { name: 'kale', count: 2 });
    expect(status).toBe(422);
    expect(body.type).toBe('/problems/idempotency-key-reused');
  });

  it('refuses the same request while the first one runs, then repeats its answer', async () => {
    gate.close();
    gate.arrived = 0;
    const first = make('key-4', { name: 'kale', count: 1 });
    await until(() => gate.arrived === 1);
    const second = await make('key-4', { name: 'kale', count: 1 });
    gate.open();
    expect(second.status).toBe(409);
    expect(second.body.type).toBe('/problems/idempotency-key-in-use');
    expect(second.headers.get('retry-after')).toBe('1');
    const { body } = await first;
    expect((await make('key-4', { name: 'kale', count: 1 })).body).toEqual(body);
    expect(gate.arrived).toBe(1);
  });

  it.each([
    ['a refused body', { name: 'kale' }, 400],
    ['a failure', { name: 'kale', count: 10 }, 500],
  ])('lets a request be tried again after %s', async (name, bad, status) => {
    expect((await make(`retry-${status}`, bad)).status).toBe(status);
    const { rows } = await app.database.pool.query(
      'SELECT count(*)::int AS held FROM idempotency_records WHERE key = $1',
      [`retry-${status}`],
    );
    expect(rows).toEqual([{ held: 0 }]);
    expect((await make(`retry-${status}`, { name, count: 1 })).status).toBe(201);
  });

  it('carries a request out again when its key is a day old', async () => {
    const first = await make('key-5', { name: 'kale', count: 1 });
    await app.database.pool.query(
      "UPDATE idempotency_records SET created_at = now() - interval '25 hours' WHERE key = 'key-5'",
    );
    const second = await make('key-5', { name: 'kale', count: 2 });
    expect(second.status).toBe(201);
    expect(second.body).not.toEqual(first.body);
  });

  it.each(['', 'x'.repeat(256), 'käse', 'two words'])('refuses the key %j', async (key) => {
    const { status, body } = await make(Buffer.from(key).toString('latin1'), { name: 'kale', count: 1 });
    expect(status).toBe(400);
    expect(body.type).toBe('/problems/invalid-idempotency-key');
  });

  it('answers 304 to the ETag it sent, and only to that', async () => {
    const first = await app.get('/test-http/thing');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(first.body).toEqual({ success: true, data: { name: 'kale' } });
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, text, headers } = await app.get('/test-http/thing', {
        headers: { 'if-none-match': known },
      });
      expect({ status, text, etag: headers.get('etag') }).toEqual({ status: 304, text: '', etag });
    }
    expect((await app.get('/test-http/thing', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('walks through all pages and ends with a null cursor', async () => {
    const seen: unknown[] = [];
    let cursor: string | null = '';
    do {
      const { body } = await app.get(`/test-http/rows?limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...(body.data as string[]));
      cursor = (body.meta as PageMeta).nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(ROWS.map(({ id }) => id));
  });

  it.each(['abc', 'MTIz', '%20', Buffer.from('12.a\0b').toString('base64url')])(
    'refuses the cursor %s',
    async (cursor) => {
      const { status, body } = await app.get(`/test-http/rows?cursor=${cursor}`);
      expect(status).toBe(400);
      expect(body.type).toBe('/problems/invalid-cursor');
    },
  );

  it.each(['0', '201', '1.5', 'many'])('refuses the limit %s', async (limit) => {
    const { status, body } = await app.get(`/test-http/rows?limit=${limit}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      type: '/problems/validation-failed',
      errors: [{ in: 'query', pointer: '/limit' }],
    });
  });

  it('counts requests and their times by route pattern, not by address', async () => {
    await app.get('/problems/not-found');
    await app.get('/nowhere/at/all');
    const { text, headers } = await app.get('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(
      /almanac_http_requests_total\{method="GET",route="\/problems\/:code",status="200"\} 1/,
    );
    expect(text).toMatch(/almanac_http_requests_total\{method="GET",route="none",status="404"\} \d/);
    expect(text).toMatch(
      /almanac_http_request_seconds_bucket\{le="0\.25",method="GET",route="\/problems\/:code"\} 1/,
    );
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).not.toContain('nowhere');
  });
});

describe('the rate limit', () => {
  it('counts by caller, answers 429 with Retry-After, and spares health and metrics', async () => {
    const app = await startTestApp({ ALMANAC_RATE_LIMIT: '3' }, [HttpModule]);
    try {
      const left: (string | null)[] = [];
      for (let i = 0; i < 3; i += 1) {
        left.push((await app.get('/test-http/thing')).headers.get('ratelimit-remaining'));
      }
      expect(left).toEqual(['2', '1', '0']);
      const { status, body, headers } = await app.get('/test-http/thing');
      expect(status).toBe(429);
      expect(body).toMatchObject({ type: '/problems/rate-limited', limitPerMinute: 3 });
      expect(headers.get('ratelimit-limit')).toBe('3');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(headers.get('retry-after')).toBe(headers.get('ratelimit-reset'));
      expect((await app.get('/health/live')).status).toBe(200);
      expect((await app.get('/metrics')).status).toBe(200);
    } finally {
      await app.close();
    }
  });

  it('gives a verified caller a window of its own', async () => {
    const app = await startTestApp({ ALMANAC_RATE_LIMIT: '3' }, [HttpModule]);
    try {
      const token = await app.token('admin');
      const things = async (): Promise<number> =>
        (await app.post('/test-http/things', { name: 'a', count: 1 }, { token })).status;
      const statuses: number[] = [];
      // the first request verifies the token and still counts for the address
      for (let i = 0; i < 5; i += 1) statuses.push(await things());
      expect(statuses).toEqual([201, 201, 201, 201, 429]);
      expect((await app.get('/test-http/thing')).headers.get('ratelimit-remaining')).toBe('1');
    } finally {
      await app.close();
    }
  });

  it('is off at 0', async () => {
    const app = await startTestApp({ ALMANAC_RATE_LIMIT: '0' }, [HttpModule]);
    try {
      expect((await app.get('/test-http/thing')).headers.get('ratelimit-limit')).toBeNull();
    } finally {
      await app.close();
    }
  });
});

describe('a stop', () => {
  it('turns readiness off at once and still completes what runs', async () => {
    const app = await startTestApp({}, [HttpModule]);
    gate.close();
    gate.arrived = 0;
    const running = app.post('/test-http/slow');
    await until(() => gate.arrived === 1);
    // a connection that is open already is served while the server stops
    const probe = await keepOpen(app.url);
    const closing = app.close();
    const ready = await probe('/health/ready');
    gate.open();
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toMatchObject({
      type: '/problems/not-ready',
      checks: { shutdown: { status: 'down' } },
    });
    expect((await running).body).toEqual({ success: true, data: 'late but complete' });
    await closing;
    await expect(fetch(`${app.url}/health/live`)).rejects.toThrow('fetch failed');
  });

  it('cuts off what runs longer than the grace period', async () => {
    const app = await startTestApp({ ALMANAC_SHUTDOWN_SECONDS: '1' }, [HttpModule]);
    gate.close();
    gate.arrived = 0;
    const running = app.post('/test-http/slow').then(
      () => 'answered',
      () => 'cut off',
    );
    await until(() => gate.arrived === 1);
    await app.close();
    gate.open();
    expect(await running).toBe('cut off');
  });
});

/** Opens a connection with a first request, whose next one is sent before the server can close it. */
async function keepOpen(url: string): Promise<(path: string) => Promise<{ status: number; text: string }>> {
  const { Agent } = await import('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (path: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      httpRequest(url + path, { agent }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      })
        .on('error', reject)
        .end();
    });
  await ask('/health/live');
  return ask;
}
