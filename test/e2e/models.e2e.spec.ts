import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startTestApp, type TestApp } from '../support/test-app.js';
import { seedSmallMarketplace, startTraining, waitForJob, waitUntil } from '../support/small-marketplace.js';

const PATH = '/api/ml/models';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

interface ModelView {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly deployments?: readonly {
    readonly action: string;
    readonly reason: string;
    readonly modelId: string;
  }[];
}

describe('models', () => {
  let app: TestApp;
  let admin: string;
  /** Versions 1 to 3: the first is deployed because it was the first, the others wait for an admin. */
  const versions: string[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.token('admin');
    await seedSmallMarketplace(app);
    for (let seed = 1; seed <= 3; seed += 1) {
      const config = { hyperparameters: { epochs: 8, factors: 8, batchSize: 64 }, seed };
      const job = await waitForJob(app, (await startTraining(app, config)).id);
      versions.push(job.modelId);
      // deployment follows the end of the job
      await waitUntil(async () => (await get(job.modelId)).deployments?.length === 1, 'the decision is made');
    }
  });
  afterAll(async () => app.close());

  const get = async (id: string): Promise<ModelView> =>
    (await app.get(`${PATH}/${id}`, { token: admin })).body.data as ModelView;
  const change = async (action: string, modelId: string) =>
    app.post(PATH, { action, modelId }, { token: admin });
  const deployed = async (): Promise<readonly string[]> => {
    const { body } = await app.get(`${PATH}?status=DEPLOYED`, { token: admin });
    return (body.data as ModelView[]).map(({ id }) => id);
  };

  it('deploys the first version that beats popularity, and keeps the reason why later ones wait', async () => {
    expect(await get(versions[0] ?? '')).toMatchObject({ version: 1, status: 'DEPLOYED' });
    const third = await get(versions[2] ?? '');
    expect(third).toMatchObject({ version: 3, status: 'TRAINED' });
    expect(third.deployments?.[0]).toMatchObject({
      action: 'refuse',
      reason: expect.stringContaining('Another version serves'),
    });
  });

  it('never deploys a version that loses to popularity, and says so', async () => {
    await change('deprecate', versions[0] ?? '');
    // a network that has hardly learned: one epoch of tiny steps
    const config = { hyperparameters: { epochs: 1, factors: 4, learningRate: 1e-9, batchSize: 65536 } };
    const job = await waitForJob(app, (await startTraining(app, config)).id);
    expect(job.metrics?.['hr10']).toBeLessThan(job.metrics?.['popularityHr10'] ?? 0);
    await waitUntil(async () => (await get(job.modelId)).deployments?.length === 1, 'the decision is made');
    expect((await get(job.modelId)).deployments?.[0]).toMatchObject({
      action: 'refuse',
      reason: expect.stringContaining('does not beat popularity: HR@10'),
    });
    expect(await deployed()).toEqual([]);
    await app.delete(`${PATH}/${job.modelId}`, { token: admin });
    await change('deploy', versions[0] ?? '');
  });

  it('has exactly one deployed version, also when several are deployed at once', async () => {
    const answers = await Promise.all([...versions, ...versions].map(async (id) => change('deploy', id)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await deployed()).toHaveLength(1);
  });

  it('swaps the version while requests run, without one failing', async () => {
    await change('deploy', versions[0] ?? '');
    await waitUntil(
      async () => (await app.get('/health/ready')).text.includes('version 1'),
      'version 1 is loaded',
    );
    const seen = new Set<number | undefined>();
    const swapping = new AbortController();
    const ask = async (): Promise<void> => {
      for (let turn = 0; !swapping.signal.aborted; turn += 1) {
        const body = { type: 'recommendation', input: { userId: 'user-1', limit: 1 + (turn % 50) } };
        const response = await app.post('/api/ml/predictions', body, { token: admin });
        expect(response.status).toBe(200);
        seen.add((response.body.data as { model?: { version: number } }).model?.version);
      }
    };
    const clients = Promise.all([ask(), ask(), ask()]);
    const served = async (version: number): Promise<void> =>
      waitUntil(async () => seen.has(version), `version ${version} serves`);
    await served(1);
    await change('deploy', versions[1] ?? '');
    await served(2);
    await change('deploy', versions[2] ?? '');
    await served(3);
    swapping.abort();
    await clients;
    // there was no moment without a model
    expect(seen).toEqual(new Set([1, 2, 3]));
  });

  it('deploys a deployed version again without changing anything', async () => {
    const before = await get(versions[2] ?? '');
    const response = await change('deploy', versions[2] ?? '');
    expect(response.body.data).toMatchObject({ id: versions[2], status: 'DEPLOYED' });
    expect((await get(versions[2] ?? '')).deployments).toEqual(before.deployments);
  });

  it('rolls back to the version that served before', async () => {
    await change('deploy', versions[0] ?? '');
    await change('deploy', versions[1] ?? '');
    const response = await change('rollback', versions[1] ?? '');
    expect(response.body.data).toMatchObject({ id: versions[0], status: 'DEPLOYED' });
    expect(await deployed()).toEqual([versions[0]]);
    const refused = await change('rollback', versions[1] ?? '');
    expect(refused.body).toMatchObject({
      status: 409,
      type: '/problems/model-not-deployed',
      modelStatus: 'DEPRECATED',
    });
  });

  it('lists with filters and pages', async () => {
    const all = await app.get(PATH, { token: admin });
    expect((all.body.data as ModelView[]).map(({ version }) => version)).toEqual([3, 2, 1]);
    const first = await app.get(`${PATH}?limit=2&type=NEURAL_COLLABORATIVE_FILTERING`, { token: admin });
    const { nextCursor } = first.body.meta as { nextCursor: string };
    const second = await app.get(`${PATH}?limit=2&cursor=${nextCursor}`, {
      token: await app.token('service'),
    });
    expect([...(first.body.data as ModelView[]), ...(second.body.data as ModelView[])]).toEqual(
      all.body.data,
    );
    expect((await app.get(`${PATH}?type=LSTM_TIME_SERIES`, { token: admin })).body.data).toEqual([]);
  });

  it('answers 304 while a version has not changed', async () => {
    const first = await app.get(`${PATH}/${versions[0]}`, { token: admin });
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await app.get(`${PATH}/${versions[0]}`, { token: admin, headers })).status).toBe(304);
  });

  it('refuses to delete the deployed version, and deletes another with its artifact', async () => {
    await change('deploy', versions[0] ?? '');
    const refused = await app.delete(`${PATH}/${versions[0]}`, { token: admin });
    expect(refused.body).toMatchObject({ status: 409, type: '/problems/model-deployed' });
    const manifest = join(app.config.modelsDirectory, versions[2] ?? '', 'manifest.json');
    expect(JSON.parse(await readFile(manifest, 'utf8'))).toMatchObject({ format: 'almanac-artifact/1' });
    expect((await app.delete(`${PATH}?modelId=${versions[2]}`, { token: admin })).status).toBe(204);
    await expect(readFile(manifest)).rejects.toThrow('ENOENT');
    expect((await app.get(`${PATH}/${versions[2]}`, { token: admin })).body.type).toBe(
      '/problems/model-not-found',
    );
  });

  it('refuses to deploy a version whose artifact was altered, and keeps the one before', async () => {
    const weights = join(app.config.modelsDirectory, versions[1] ?? '', 'users.json');
    await appendFile(weights, ' ');
    const response = await change('deploy', versions[1] ?? '');
    expect(response.body).toMatchObject({ status: 409, type: '/problems/model-artifact-unusable' });
    expect(response.body.detail).toContain('users.json');
    expect(await deployed()).toEqual([versions[0]]);
  });

  it('is down in the health check when the only deployed version cannot be loaded at the start', async () => {
    const manifest = join(app.config.modelsDirectory, versions[0] ?? '', 'manifest.json');
    const original = await readFile(manifest);
    await writeFile(manifest, '{}');
    const environment = {
      DATABASE_URL: app.config.databaseUrl ?? '',
      ML_MODELS_DIR: app.config.modelsDirectory,
    };
    const second = await startTestApp({ ...environment, ALMANAC_ROLE: 'api' });
    try {
      const health = await second.get('/health/ready');
      expect(health.status).toBe(503);
      expect(health.text).toContain('altered');
      // it answers all the same
      const body = { type: 'recommendation', input: { userId: 'user-1' } };
      const answer = await second.post('/api/ml/predictions', body, { token: await second.token('service') });
      expect(answer.body.data).toMatchObject({ personalized: false, fallbackReason: 'no-model-deployed' });
    } finally {
      await second.close();
      await writeFile(manifest, original);
    }
  });

  describe('bad input', () => {
    it.each(['deploy', 'deprecate', 'rollback'])('knows no unknown version to %s', async (action) => {
      const response = await change(action, UNKNOWN);
      expect(response.body).toMatchObject({
        status: 404,
        type: '/problems/model-not-found',
        modelId: UNKNOWN,
      });
    });

    it('knows no unknown version to show or delete', async () => {
      for (const response of [
        await app.get(`${PATH}/${UNKNOWN}`, { token: admin }),
        await app.delete(`${PATH}/${UNKNOWN}`, { token: admin }),
        await app.delete(`${PATH}?modelId=${UNKNOWN}`, { token: admin }),
      ]) {
        expect(response.body).toMatchObject({ status: 404, type: '/problems/model-not-found' });
      }
    });

    it('refuses to deploy an untrained version, and to delete one in training', async () => {
      const job = await startTraining(app, {
        hyperparameters: { epochs: 500, factors: 256, layers: [512, 256] },
      });
      const deploy = await change('deploy', job.modelId);
      expect(deploy.body).toMatchObject({ status: 409, type: '/problems/model-not-deployable' });
      expect(['UNTRAINED', 'TRAINING']).toContain(deploy.body['modelStatus']);
      const remove = await app.delete(`${PATH}/${job.modelId}`, { token: admin });
      expect(remove.body).toMatchObject({ status: 409, type: '/problems/model-in-training' });
      await app.put('/api/ml/training', { jobId: job.id, action: 'cancel' }, { token: admin });
      await waitForJob(app, job.id);
      expect((await change('deploy', job.modelId)).body).toMatchObject({ modelStatus: 'FAILED' });
      await rm(join(app.config.modelsDirectory, job.modelId), { recursive: true, force: true });
    });

    it.each([
      ['an unknown action', { action: 'launch', modelId: UNKNOWN }],
      ['a missing action', { modelId: UNKNOWN }],
      ['an id that is no UUID', { action: 'deploy', modelId: 'seven' }],
      ['an extra field', { action: 'deploy', modelId: UNKNOWN, force: true }],
    ])('refuses %s', async (_, body) => {
      const response = await app.post(PATH, body, { token: admin });
      expect(response.body).toMatchObject({ status: 400, type: '/problems/validation-failed' });
    });

    it.each(['status=GREEN', 'type=X', 'limit=0', 'limit=201', 'cursor=abc', 'colour=red'])(
      'refuses ?%s',
      async (query) => {
        expect((await app.get(`${PATH}?${query}`, { token: admin })).status).toBe(400);
      },
    );
  });

  it('lets services read but not change, and users neither', async () => {
    const service = await app.token('service');
    const user = await app.token('user');
    const body = { action: 'deploy', modelId: versions[0] };
    expect((await app.get(PATH, { token: service })).status).toBe(200);
    expect((await app.post(PATH, body, { token: service })).body.type).toBe('/problems/forbidden');
    expect((await app.delete(`${PATH}/${versions[0]}`, { token: service })).status).toBe(403);
    expect((await app.get(PATH, { token: user })).status).toBe(403);
    expect((await app.post(PATH, body, { token: user })).status).toBe(403);
    expect((await app.get(PATH)).status).toBe(401);
  });
});
