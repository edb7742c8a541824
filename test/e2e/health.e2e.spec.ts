import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ReadinessProbe, ReadinessRegistry, type ReadinessState } from '../../src/ports/readiness.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

class SwitchedProbe extends ReadinessProbe {
  readonly name = 'switched';
  state: ReadinessState | Error = { status: 'up', detail: 'on' };

  async check(): Promise<ReadinessState> {
    if (this.state instanceof Error) throw this.state;
    return this.state;
  }
}

describe('health', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(async () => app.close());

  it.each(['/health', '/health/live', '/health/ready', '/health/startup'])(
    'answers %s to everybody when all is up',
    async (path) => {
      const { status, body, headers } = await app.get(path);
      expect(status).toBe(200);
      expect(body).toMatchObject({ success: true, data: { status: 'up' } });
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('ratelimit-limit')).toBeNull();
    },
  );

  it('names the state of database and disk', async () => {
    const { body } = await app.get('/health/ready');
    expect(body.data).toMatchObject({
      checks: {
        database: { status: 'up' },
        disk: { status: 'up', detail: expect.stringMatching(/^\d+ MB free$/) },
      },
    });
  });
});

describe('health while something is down', () => {
  it.each<[string, ReadinessState | Error, ReadinessState]>([
    ['says so', { status: 'down', detail: 'off' }, { status: 'down', detail: 'off' }],
    [
      'gives the code of what a probe throws',
      Object.assign(new Error('secret.host refused'), { code: 'ECONNREFUSED' }),
      { status: 'down', detail: 'ECONNREFUSED' },
    ],
    ['hides messages', new Error('secret.host refused'), { status: 'down', detail: 'failed' }],
  ])('%s', async (_, state, shown) => {
    const app = await startTestApp();
    try {
      const probe = new SwitchedProbe();
      probe.state = state;
      app.app.get(ReadinessRegistry).register(probe);
      for (const path of ['/health/ready', '/health']) {
        const { status, body, headers, text } = await app.get(path);
        expect(status).toBe(503);
        expect(headers.get('content-type')).toContain('application/problem+json');
        expect(headers.get('retry-after')).toBe('1');
        expect(body).toMatchObject({
          type: '/problems/not-ready',
          checks: { switched: shown, database: { status: 'up' } },
        });
        expect(text).not.toContain('secret.host');
      }
      expect((await app.get('/health/live')).status).toBe(200);
      expect((await app.get('/health/startup')).status).toBe(200);
    } finally {
      await app.close();
    }
  });

  it('sees a database that is gone', async () => {
    const app = await startTestApp();
    try {
      await app.database.pool.end();
      const { status, body } = await app.get('/health/ready');
      expect(status).toBe(503);
      expect(body).toMatchObject({ checks: { database: { status: 'down' } } });
    } finally {
      await app.close().catch(() => undefined); // its pool was ended here
    }
  });
});
