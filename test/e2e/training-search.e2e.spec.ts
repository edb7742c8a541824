import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startTestApp, type TestApp } from '../support/test-app.js';
import {
  seedSmallMarketplace,
  startTraining,
  waitForJob,
  type JobView,
} from '../support/small-marketplace.js';

const PATH = '/api/ml/training';
const SPACE = { factors: [8, 16], learningRate: { min: 0.002, max: 0.01, scale: 'log' } };
const SEARCH = {
  hyperparameters: { epochs: 6, batchSize: 64, layers: [16, 8] },
  search: { trials: 5, space: SPACE },
};

describe('a search for hyperparameters', () => {
  let app: TestApp;
  let admin: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.token('admin');
    await seedSmallMarketplace(app);
  });
  afterAll(async () => app.close());

  const chosenOf = ({ trials = [] }: JobView) => trials.filter(({ isChosen }) => isChosen);

  it('shows its trials while it runs, and trains the best of them', async () => {
    const { id } = await startTraining(app, SEARCH);
    const during = await waitForJob(app, id, ({ trials = [] }) => trials.length >= 2);
    expect(during).toMatchObject({
      status: 'TRAINING',
      config: { search: { trials: 5, space: { factors: [8, 16] } } },
    });

    const job = await waitForJob(app, id);
    expect(job).toMatchObject({ status: 'COMPLETED', progress: 100 });
    const { trials = [] } = job;
    expect(trials.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(trials[0]?.hyperparameters).toMatchObject({ epochs: 6, batchSize: 64, learningRate: 0.001 });
    for (const { state, ndcg10 = -1, hr10 = -1, seconds, epochs, curve, hyperparameters } of trials) {
      expect(['completed', 'stopped']).toContain(state);
      expect(curve).toHaveLength(epochs);
      // the model of the best epoch is what counts
      expect(ndcg10).toBeCloseTo(Math.max(...curve), 12);
      expect(hr10).toBeGreaterThanOrEqual(ndcg10);
      expect(seconds).toBeGreaterThan(0);
      expect(hyperparameters['batchSize']).toBe(64);
    }
    expect(chosenOf(job)).toHaveLength(1);
    const [chosen] = chosenOf(job);
    expect(chosen?.ndcg10).toBe(Math.max(...trials.map(({ ndcg10 }) => ndcg10 ?? 0)));

    // the version says what it was fitted with: the chosen, for as many epochs as were best
    const model = await app.get(`/api/ml/models/${job.modelId}`, { token: admin });
    const { curve = [], hyperparameters } = chosen ?? {};
    expect(model.body.data).toMatchObject({
      config: {
        hyperparameters: { ...hyperparameters, patience: 0, epochs: curve.indexOf(Math.max(...curve)) + 1 },
      },
      metrics: job.metrics,
    });
    // and the score is that of a training with these hyperparameters: the test part had no say in the choice
    const { config } = model.body.data as { config: { hyperparameters: object } };
    const twin = await waitForJob(
      app,
      (await startTraining(app, { hyperparameters: config.hyperparameters })).id,
    );
    expect(twin.trials).toBeUndefined();
    expect([twin.metrics?.['hr10'], twin.metrics?.['ndcg10']]).toEqual([
      job.metrics?.['hr10'],
      job.metrics?.['ndcg10'],
    ]);
  }, 120_000);

  it('keeps to its seconds, and is accepted beside the config too', async () => {
    const body = {
      modelType: 'NEURAL_COLLABORATIVE_FILTERING',
      config: { hyperparameters: { epochs: 6, factors: 8, batchSize: 64 } },
      search: { trials: 200, budgetSeconds: 2 },
    };
    const response = await app.post(PATH, body, { token: admin });
    expect(response.status).toBe(202);
    const job = await waitForJob(app, (response.body.data as JobView).id);
    const trials = job.trials ?? [];
    expect(job.status).toBe('COMPLETED');
    expect(trials.length).toBeLessThan(200);
    // the one that was under way is let go at the end of its epoch
    const before = trials.slice(0, -1).reduce((sum, { seconds }) => sum + seconds, 0);
    expect(before).toBeLessThan(trials.length === 1 ? Infinity : 2);
    expect(chosenOf(job)).toHaveLength(1);
  }, 120_000);

  it('is cancelled, and begins anew when retried', async () => {
    const { id } = await startTraining(app, { ...SEARCH, search: { trials: 100, space: SPACE } });
    await waitForJob(app, id, ({ trials = [] }) => trials.some(({ state }) => state !== 'running'));
    await app.put(PATH, { jobId: id, action: 'cancel' }, { token: admin });
    const cancelled = await waitForJob(app, id);
    expect(cancelled.status).toBe('CANCELLED');
    expect(cancelled.trials?.length).toBeGreaterThan(0);
    const retried = await app.put(PATH, { jobId: id, action: 'retry' }, { token: admin });
    expect(retried.body.data).toMatchObject({ status: 'QUEUED', trials: [] });
    await app.put(PATH, { jobId: id, action: 'cancel' }, { token: admin });
    await waitForJob(app, id);
  }, 120_000);

  describe('bad input', () => {
    const ask = async (search: unknown, more: object = {}, modelType = 'NEURAL_COLLABORATIVE_FILTERING') =>
      (await app.post(PATH, { modelType, config: { search }, ...more }, { token: admin })).body;

    it.each<[unknown, string]>([
      [{ trials: 0 }, '/config/search/trials'],
      [{ trials: 201 }, '/config/search/trials'],
      [{ budgetSeconds: 0.5 }, '/config/search/budgetSeconds'],
      [{ budgetSeconds: 86_401 }, '/config/search/budgetSeconds'],
      [{ space: [] }, '/config/search/space'],
      [{ rounds: 3 }, '/config/search/rounds'],
      ['yes', '/config/search'],
    ])('refuses %j', async (search, pointer) => {
      const body = await ask(search);
      expect(body).toMatchObject({ status: 400, type: '/problems/validation-failed' });
      const errors = body['errors'] as readonly { readonly pointer: string }[];
      expect(errors.map((error) => error.pointer)).toContain(pointer);
    });

    it.each<[object, string, string]>([
      [{ factors: [16, 7] }, 'factors', 'a multiple of 4'],
      [{ learningRate: { min: 0.1, max: 2 } }, 'learningRate', 'in (0, 1]'],
      [{ momentum: [0.9] }, 'momentum', 'absent'],
      [{ patience: { min: 0, max: 5 } }, 'patience', 'an integer'],
      [{ factors: { min: 8 } }, 'space.factors.max', 'a number above min'],
      [{}, 'space', 'at least one hyperparameter'],
    ])('refuses the space %j', async (space, parameter, expected) => {
      const body = await ask({ space });
      expect(body).toMatchObject({ status: 400, type: '/problems/invalid-parameter', parameter });
      expect(body['expected']).toContain(expected);
    });

    it('needs a space where the type declares none, and one place for the search', async () => {
      expect(await ask({}, {}, 'POPULARITY')).toMatchObject({ status: 400, parameter: 'space' });
      expect(await ask({}, { search: {} })).toMatchObject({ status: 400, parameter: 'search' });
    });
  });
});
