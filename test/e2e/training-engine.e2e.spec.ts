import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startTestApp, type TestApp } from '../support/test-app.js';
import { seedSmallMarketplace, startTraining, waitForJob } from '../support/small-marketplace.js';

const PATH = '/api/ml/training';
const SHORT = { hyperparameters: { epochs: 2, factors: 8, layers: [16, 8], batchSize: 1024 }, seed: 3 };

describe('the engine of a training', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ ML_GPU_ENABLED: 'true' });
    await seedSmallMarketplace(app);
  });
  afterAll(async () => app.close());

  const train = async (config: object) => waitForJob(app, (await startTraining(app, config)).id);

  it('is TensorFlow when the machine says so, and the model is the one that the kernels learn', async () => {
    const job = await train(SHORT);
    expect(job).toMatchObject({
      status: 'COMPLETED',
      config: { engine: 'auto' },
      engine: { name: 'tensorflow', reason: expect.stringContaining('ML_GPU_ENABLED is set.') },
    });
    expect(job.progressDetail).toMatchObject({ engine: job.engine });
    // the first that loads, with a word about each before it
    const names = ['tfjs-node-gpu', 'tfjs-node', 'tfjs-backend-wasm', 'tfjs-backend-cpu'];
    const skipped = job.engine?.skipped ?? [];
    expect(skipped.map(({ name }) => name)).toEqual(names.slice(0, names.indexOf(job.engine?.backend ?? '')));
    expect(skipped.every(({ reason }) => reason.length > 0)).toBe(true);

    const twin = await train({ ...SHORT, engine: 'wasm-kernels' });
    expect(twin.engine).toEqual({ name: 'wasm-kernels', reason: 'The job asks for it.' });
    // same samples, same steps: rounding may move a user or two of 120
    expect(Math.abs((job.metrics?.['hr10'] ?? 0) - (twin.metrics?.['hr10'] ?? 1))).toBeLessThan(0.03);
  }, 120_000);

  it('is TensorFlow when the job says so, and it can be cancelled', async () => {
    const config = { engine: 'tensorflow', hyperparameters: { epochs: 500, factors: 64, batchSize: 65536 } };
    const { id } = await startTraining(app, config);
    await waitForJob(app, id, ({ progressDetail }) => (progressDetail['epoch'] ?? 0) > 0);
    await app.put(PATH, { jobId: id, action: 'cancel' }, { token: await app.token('admin') });
    expect(await waitForJob(app, id)).toMatchObject({ status: 'CANCELLED' });
  }, 120_000);

  it('is not TensorFlow for a model without a network', async () => {
    const token = await app.token('admin');
    const body = { modelType: 'POPULARITY', config: { engine: 'tensorflow' } };
    const refused = await app.post(PATH, body, { token });
    expect(refused.body).toMatchObject({
      status: 400,
      type: '/problems/invalid-parameter',
      parameter: 'engine',
      expected: expect.stringContaining('POPULARITY has no network'),
    });
    const started = await app.post(PATH, { modelType: 'POPULARITY' }, { token });
    const job = await waitForJob(app, (started.body.data as { id: string }).id);
    expect(job.engine).toEqual({ name: 'wasm-kernels', reason: 'POPULARITY has no network.' });
  }, 120_000);

  it('stands in the health check, with what is not installed', async () => {
    const { body } = await app.get('/health');
    expect(body.data).toMatchObject({
      checks: {
        engines: {
          status: 'up',
          detail: expect.stringMatching(
            /^tensorflow on tfjs-.*ML_GPU_ENABLED is set; wasm-kernels on request$/,
          ),
        },
      },
    });
  });

  it('refuses an unknown one', async () => {
    const body = { modelType: 'NEURAL_COLLABORATIVE_FILTERING', config: { engine: 'abacus' } };
    const refused = await app.post(PATH, body, { token: await app.token('admin') });
    expect(refused.body).toMatchObject({ status: 400, type: '/problems/validation-failed' });
  });
});
