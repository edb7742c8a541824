import { isDeepStrictEqual } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { isRedisInstalled, startRedis, type RedisServer } from '../support/redis-server.js';
import { seedSmallMarketplace, startTraining, waitForJob, waitUntil } from '../support/small-marketplace.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const describeWithRedis = isRedisInstalled ? describe : describe.skip;

describeWithRedis(
  `queue and cache on Redis${isRedisInstalled ? '' : ' (skipped: redis-server is not installed)'}`,
  () => {
    let redis: RedisServer;
    let first: TestApp;
    let second: TestApp;

    beforeAll(async () => {
      redis = await startRedis();
      const environment = { REDIS_URL: redis.url };
      first = await startTestApp(environment);
      second = await startTestApp({
        ...environment,
        ALMANAC_ROLE: 'api',
        DATABASE_URL: first.config.databaseUrl ?? '',
        ML_MODELS_DIR: first.config.modelsDirectory,
      });
      await seedSmallMarketplace(first);
    });
    afterAll(async () => {
      await second?.close();
      await first?.close();
      await redis.stop();
    });

    it('trains a job that another replica was asked for, and shares answers between replicas', async () => {
      const job = await waitForJob(
        second,
        (await startTraining(second, { hyperparameters: { epochs: 8, factors: 8, batchSize: 64 } })).id,
      );
      expect(job.status).toBe('COMPLETED');

      const ask = async (app: TestApp) => {
        const body = { type: 'recommendation', input: { userId: 'user-1' } };
        return (await app.post('/api/ml/predictions', body, { token: await app.token('service') })).body;
      };
      const isPersonal = async (app: TestApp): Promise<boolean> =>
        ((await ask(app)).data as { personalized: boolean }).personalized;
      await waitUntil(async () => isPersonal(first), 'the first replica serves the model');
      await waitUntil(async () => isPersonal(second), 'the second replica serves the model');

      const input = { userId: 'user-2', limit: 7 };
      const tokens = [await first.token('service'), await second.token('service')] as const;
      const one = await first.post(
        '/api/ml/predictions',
        { type: 'recommendation', input },
        { token: tokens[0] },
      );
      const other = await second.post(
        '/api/ml/predictions',
        { type: 'recommendation', input },
        { token: tokens[1] },
      );
      expect([one.body.meta, other.body.meta]).toMatchObject([{ cached: false }, { cached: true }]);
      expect((other.body.data as { result: object }).result).toEqual(
        (one.body.data as { result: object }).result,
      );
    });

    it('cancels a waiting and a running job', async () => {
      const token = await second.token('admin');
      const endless = { hyperparameters: { epochs: 500, factors: 256, layers: [512, 256] } };
      const jobs = [
        await startTraining(first, endless),
        await startTraining(first, endless),
        await startTraining(first, endless),
      ];
      await waitForJob(first, jobs[0]?.id ?? '', ({ status }) => status === 'TRAINING');
      for (const { id } of jobs)
        await second.put('/api/ml/training', { jobId: id, action: 'cancel' }, { token });
      for (const { id } of jobs) expect((await waitForJob(first, id)).status).toBe('CANCELLED');
    });

    it('starts, serves and takes trainings while Redis is away, and runs them once it is back', async () => {
      const before = await startRedis();
      const { url } = before;
      await before.stop();
      const app = await startTestApp({ REDIS_URL: url });
      let back: RedisServer | undefined;
      try {
        await seedSmallMarketplace(app);
        expect((await app.get('/health/live')).status).toBe(200);
        const ready = await app.get('/health/ready');
        expect([ready.status, ready.body.detail]).toEqual([503, expect.stringContaining('queue')]);

        const { id, status } = await startTraining(app, {
          hyperparameters: { epochs: 8, factors: 8, batchSize: 64 },
        });
        expect(status).toBe('QUEUED');
        back = await startRedis(url);
        expect((await waitForJob(app, id)).status).toBe('COMPLETED');
        const token = await app.token('service');
        const ask = async (userId: string): Promise<unknown> => {
          const { body } = await app.post(
            '/api/ml/predictions',
            { type: 'recommendation', input: { userId } },
            { token },
          );
          const { personalized } = body.data as { personalized: boolean };
          return { personalized, cached: (body.meta as { cached: boolean }).cached };
        };
        await waitUntil(
          async () => isDeepStrictEqual(await ask('user-1'), { personalized: true, cached: true }),
          'answers are cached',
        );

        await back.stop();
        back = undefined;
        const started = performance.now();
        expect(await ask('user-2')).toEqual({ personalized: true, cached: false });
        expect(await ask('user-2')).toEqual({ personalized: true, cached: true });
        // it would wait for Redis otherwise, for ever
        expect(performance.now() - started).toBeLessThan(2000);

        back = await startRedis(url);
        const again = await startTraining(app, { hyperparameters: { epochs: 1, factors: 8 } });
        expect((await waitForJob(app, again.id)).status).toBe('COMPLETED');
      } finally {
        await app.close();
        await back?.stop();
      }
    });
  },
);
