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
