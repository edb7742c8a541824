import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startTestApp, type TestApp } from '../support/test-app.js';
import {
  seedSmallMarketplace,
  startTraining,
  waitForJob,
  waitUntil,
  type JobView,
} from '../support/small-marketplace.js';

const PATH = '/api/ml/training';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
/** Long enough that only a cancel ends it. */
const ENDLESS = { hyperparameters: { epochs: 500, factors: 256, layers: [512, 256] } };
const SHORT = { hyperparameters: { epochs: 2, factors: 8 } };

describe('training', () => {
  let app: TestApp;
  let admin: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.token('admin');
    await seedSmallMarketplace(app);
  });
  afterAll(async () => app.close());

  const cancelAll = async (): Promise<void> => {
    const { body } = await app.get(`${PATH}?limit=200`, { token: admin });
    for (const { id, status } of body.data as JobView[]) {
      if (['COMPLETED', 'FAILED', 'CANCELLED'].includes(status)) continue;
      await app.put(PATH, { jobId: id, action: 'cancel' }, { token: admin });
      await waitForJob(app, id);
    }
  };

  /** A version is deployed by itself only where no other recommender serves. */
  const takeOutOfService = async (): Promise<void> => {
    const serving = async (): Promise<readonly { id: string }[]> =>
      (await app.get('/api/ml/models?status=DEPLOYED', { token: admin })).body.data as { id: string }[];
    // a moment after its job has ended
    await waitUntil(async () => (await serving()).length > 0, 'the version before serves');
    for (const { id } of await serving()) {
      await app.post('/api/ml/models', { action: 'deprecate', modelId: id }, { token: admin });
    }
  };

  it('trains on the orders in the database, measures beside popularity, and registers the version', async () => {
    const response = await app.post(
      PATH,
      {
        modelType: 'NEURAL_COLLABORATIVE_FILTERING',
        config: {
          hyperparameters: { epochs: 8, batchSize: 64 },
          agriculturalContext: { seasonalAware: true, localityWeighting: true },
        },
      },
      { token: admin },
    );
    expect(response.status).toBe(202);
    const started = response.body.data as JobView;
    expect(response.headers.get('location')).toBe(`${PATH}/${started.id}`);
    expect(started).toMatchObject({ status: 'QUEUED', progress: 0, attempt: 1 });

    const job = await waitForJob(app, started.id);
    expect(job).toMatchObject({ status: 'COMPLETED', progress: 100 });
    expect(job.progressDetail).toMatchObject({ epoch: 8, epochs: 8, remainingSeconds: 0 });
    expect(job.metrics?.['hr10']).toBeGreaterThan(job.metrics?.['popularityHr10'] ?? 1);
    expect(job.metrics?.['evaluatedUsers']).toBeGreaterThan(40);
    expect(job.transitions?.map(({ status }) => status)).toEqual([
      ...['QUEUED', 'PREPARING_DATA', 'TRAINING', 'VALIDATING', 'COMPLETED'],
    ]);

    const model = await app.get(`/api/ml/models/${job.modelId}`, { token: admin });
    expect(model.body.data).toMatchObject({ version: 1, metrics: job.metrics });
  });

  it('foresees next baskets better than popularity, overall and in season, and deploys by that', async () => {
    await takeOutOfService();
    const response = await app.post(PATH, { modelType: 'NEXT_BASKET' }, { token: admin });
    expect(response.status).toBe(202);
    const job = await waitForJob(app, (response.body.data as JobView).id);
    expect(job).toMatchObject({ status: 'COMPLETED', config: { hyperparameters: { neighbors: 300 } } });
    const metrics = job.metrics ?? {};
    expect(metrics['evaluatedBaskets']).toBeGreaterThan(100);
    expect(metrics['basketRecall10']).toBeGreaterThan(metrics['popularityBasketRecall10'] ?? 1);
    expect(metrics['basketRecall10']).toBeGreaterThan(metrics['seasonalPopularityBasketRecall10'] ?? 1);
    expect(metrics['basketNdcg10']).toBeGreaterThan(metrics['popularityBasketNdcg10'] ?? 1);
    // lines of orders are read as they are, repeated ones too
    const { rows } = await app.database.pool.query<{ lines: number; pairs: number }>(
      `SELECT count(*)::int AS lines, count(DISTINCT (user_id, product_id))::int AS pairs
       FROM order_lines JOIN orders ON orders.id = order_id`,
    );
    expect(rows[0]?.pairs).toBeLessThan(rows[0]?.lines ?? 0);
    expect(metrics['interactions']).toBeGreaterThanOrEqual(rows[0]?.lines ?? Infinity);

    const isDeployed = async (): Promise<boolean> => {
      const { body } = await app.get(`/api/ml/models/${job.modelId}`, { token: admin });
      return (body.data as { status: string }).status === 'DEPLOYED';
    };
    await waitUntil(isDeployed, 'the version is deployed');
    const change = { action: 'deprecate', modelId: job.modelId };
    await app.post('/api/ml/models', change, { token: admin });
  });

  it('gives the same metrics for the same seed, and others for another', async () => {
    const metricsOf = async (seed: number): Promise<unknown> => {
      const { metrics } = await waitForJob(app, (await startTraining(app, { ...SHORT, seed })).id);
      return [metrics?.['hr10'], metrics?.['ndcg10']];
    };
    const first = await metricsOf(5);
    expect(await metricsOf(5)).toEqual(first);
    expect(await metricsOf(6)).not.toEqual(first);
  });

  it('cancels a running job within a second and trains it again on retry', async () => {
    const { id } = await startTraining(app, ENDLESS);
    await waitForJob(app, id, ({ status }) => status === 'TRAINING');
    const startedAt = performance.now();
    const answer = await app.put(PATH, { jobId: id, action: 'cancel' }, { token: admin });
    expect(answer.body.data).toMatchObject({ id, isCancelRequested: true });
    expect((await waitForJob(app, id)).status).toBe('CANCELLED');
    expect(performance.now() - startedAt).toBeLessThan(5_000);

    const again = await app.put(PATH, { jobId: id, action: 'cancel' }, { token: admin });
    expect(again.body).toMatchObject({
      status: 409,
      type: '/problems/training-job-ended',
      jobStatus: 'CANCELLED',
    });

    const retried = await app.put(PATH, { jobId: id, action: 'retry' }, { token: admin });
    expect(retried.body.data).toMatchObject({ status: 'QUEUED', attempt: 2, isCancelRequested: false });
    await waitForJob(app, id, ({ status }) => status === 'TRAINING');
    await cancelAll();
  });

  it('refuses to cancel or retry what is over', async () => {
    const { id } = await waitForJob(app, (await startTraining(app, SHORT)).id);
    const cancel = await app.put(PATH, { jobId: id, action: 'cancel' }, { token: admin });
    expect(cancel.body).toMatchObject({
      status: 409,
      type: '/problems/training-job-ended',
      jobStatus: 'COMPLETED',
    });
    const retry = await app.put(PATH, { jobId: id, action: 'retry' }, { token: admin });
    expect(retry.body).toMatchObject({ status: 409, type: '/problems/training-job-not-retryable' });
  });

  it('runs 2, lets 10 wait and refuses the next with Retry-After, under 20 requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () =>
        app.post(PATH, { modelType: 'NEURAL_COLLABORATIVE_FILTERING', config: ENDLESS }, { token: admin }),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(12);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(8);
    expect(refused[0]?.body).toMatchObject({
      type: '/problems/training-queue-full',
      waiting: 10,
      queueSize: 10,
    });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);

    const ids = answers.filter(({ status }) => status === 202).map(({ body }) => (body.data as JobView).id);
    await Promise.race(ids.map(async (id) => waitForJob(app, id, ({ status }) => status === 'TRAINING')));
    const { body } = await app.get(`${PATH}?status=QUEUED&limit=200`, { token: admin });
    const waiting = body.data as JobView[];
    expect(body.meta).toMatchObject({ waiting: waiting.length, running: 12 - waiting.length });
    expect(12 - waiting.length).toBeLessThanOrEqual(2);
    const last = await app.get(`${PATH}/${waiting[0]?.id}`, { token: admin });
    expect((last.body.data as JobView).position).toBe(waiting.length);

    // a waiting job is cancelled at once
    const cancelled = await app.put(PATH, { jobId: waiting[0]?.id, action: 'cancel' }, { token: admin });
    expect(cancelled.body.data).toMatchObject({ status: 'CANCELLED' });
    await cancelAll();
  });

  it('tells progress as server-sent events until the end', async () => {
    const { id } = await startTraining(app, { hyperparameters: { epochs: 30, factors: 8 } });
    const stream = await app.get(`${PATH}/${id}/events`, { token: admin });
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const jobs = [...stream.text.matchAll(/^data: (.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '') as JobView,
    );
    expect(jobs.length).toBeGreaterThan(2);
    expect(jobs.every((job) => job.id === id)).toBe(true);
    expect(jobs.at(-1)).toMatchObject({ status: 'COMPLETED', progress: 100 });
  });

  it('pages through the jobs without losing or repeating one', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await app.get(`${PATH}?limit=3${query}`, { token: admin });
      seen.push(...(body.data as JobView[]).map(({ id }) => id));
      cursor = (body.meta as { nextCursor: string | null }).nextCursor;
    } while (cursor !== null);
    const { rows } = await app.database.pool.query(
      'SELECT id FROM ml_training_jobs ORDER BY created_at DESC, id DESC',
    );
    expect(seen).toEqual(rows.map(({ id }: { id: string }) => id));
  });

  it('repeats the first answer to the same Idempotency-Key and starts nothing', async () => {
    const body = { modelType: 'NEURAL_COLLABORATIVE_FILTERING', config: SHORT };
    const headers = { 'idempotency-key': 'train-once' };
    const first = await app.post(PATH, body, { token: admin, headers });
    const second = await app.post(PATH, body, { token: admin, headers });
    expect(second.status).toBe(202);
    expect((second.body.data as JobView).id).toBe((first.body.data as JobView).id);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    await waitForJob(app, (first.body.data as JobView).id);
  });

  describe('bad input', () => {
    const valid = { modelType: 'NEURAL_COLLABORATIVE_FILTERING' };

    it.each([
      ['an unknown type', { modelType: 'RANDOM_FOREST' }, '/modelType'],
      ['a missing type', {}, '/modelType'],
      ['an extra field', { ...valid, priority: 1 }, '/priority'],
      ['an extra field in the config', { ...valid, config: { speed: 9 } }, '/config/speed'],
      [
        'a text for a truth value',
        { ...valid, config: { agriculturalContext: { seasonalAware: 'yes' } } },
        '/config/agriculturalContext/seasonalAware',
      ],
      ['an unknown source', { ...valid, config: { sources: ['wish'] } }, '/config/sources'],
      ['a fractional seed', { ...valid, config: { seed: 1.5 } }, '/config/seed'],
      ['a config that is no object', { ...valid, config: 7 }, '/config'],
    ])('refuses %s', async (_, body, pointer) => {
      const response = await app.post(PATH, body, { token: admin });
      expect(response.body).toMatchObject({ status: 400, type: '/problems/validation-failed' });
      const errors = response.body['errors'] as { pointer: string; expected: string; received: string }[];
      expect(errors.map((error) => error.pointer).some((found) => found.startsWith(pointer))).toBe(true);
    });

    it.each([
      ['epochs', 0, 'an integer from 1 to 500'],
      ['epochs', '50', 'an integer from 1 to 500'],
      ['batchSize', 1e9, 'an integer from 16 to 65536'],
      ['learningRate', 0, 'in (0, 1]'],
      ['factors', 7, 'a multiple of 4 from 4 to 256'],
      ['momentum', 0.9, 'absent'],
    ])('refuses the hyperparameter %s = %s', async (parameter, received, expected) => {
      const body = { ...valid, config: { hyperparameters: { [parameter]: received } } };
      const response = await app.post(PATH, body, { token: admin });
      expect(response.body).toMatchObject({ status: 400, type: '/problems/invalid-parameter', parameter });
      expect(response.body['expected']).toContain(expected);
      expect(response.body['received']).toBe(JSON.stringify(received));
    });

    it('refuses NaN, which is no JSON', async () => {
      const raw = '{"modelType":"NEURAL_COLLABORATIVE_FILTERING","config":{"seed":NaN}}';
      const headers = { 'content-type': 'application/json' };
      const response = await app.request('POST', PATH, { token: admin, raw, headers });
      expect(response.body).toMatchObject({ status: 400, type: '/problems/malformed-json' });
    });

    it('knows no job by an unknown id, and no id that is no UUID', async () => {
      for (const action of ['cancel', 'retry']) {
        const response = await app.put(PATH, { jobId: UNKNOWN, action }, { token: admin });
        expect(response.body).toMatchObject({ status: 404, type: '/problems/training-job-not-found' });
      }
      const response = await app.get(`${PATH}/${UNKNOWN}`, { token: admin });
      expect(response.body).toMatchObject({ status: 404, type: '/problems/training-job-not-found' });
      expect((await app.get(`${PATH}/seven`, { token: admin })).status).toBe(400);
      expect((await app.put(PATH, { jobId: 'seven', action: 'cancel' }, { token: admin })).status).toBe(400);
    });

    it('leaves nothing half-written behind', async () => {
      const count = async (): Promise<unknown> =>
        (
          await app.database.pool.query(
            'SELECT (SELECT count(*) FROM ml_training_jobs) AS jobs, (SELECT count(*) FROM ml_models) AS models',
          )
        ).rows;
      const before = await count();
      await app.post(PATH, { ...valid, config: { hyperparameters: { epochs: 0 } } }, { token: admin });
      await app.post(PATH, { modelType: 'X' }, { token: admin });
      expect(await count()).toEqual(before);
    });
  });

  it.each(['service', 'user'] as const)('is not for the role %s', async (role) => {
    const token = await app.token(role);
    for (const [method, path] of [
      ['GET', PATH],
      ['POST', PATH],
      ['PUT', PATH],
      ['GET', `${PATH}/${UNKNOWN}`],
      ['GET', `${PATH}/${UNKNOWN}/events`],
    ] as const) {
      const response = await app.request(method, path, { token, ...(method === 'GET' ? {} : { body: {} }) });
      expect([method, path, response.body.type]).toEqual([method, path, '/problems/forbidden']);
    }
    expect((await app.get(PATH)).status).toBe(401);
  });
});

describe('training on an empty database', () => {
  it('is refused in words, and nothing is queued', async () => {
    const app = await startTestApp();
    try {
      const token = await app.token('admin');
      const response = await app.post(PATH, { modelType: 'NEURAL_COLLABORATIVE_FILTERING' }, { token });
      expect(response.body).toMatchObject({ status: 409, type: '/problems/no-training-data' });
      expect(response.body.detail).toContain('received none');
      expect((await app.get(PATH, { token })).body.data).toEqual([]);
    } finally {
      await app.close();
    }
  });
});
