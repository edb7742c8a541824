import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { seedSmallMarketplace, waitForJob, waitUntil, type JobView } from '../support/small-marketplace.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

interface AnswerView {
  readonly personalized: boolean;
  readonly model?: { readonly id: string };
  readonly result: { readonly recommendations: readonly { readonly productId: string }[] };
}

describe('recommenders beside the network', () => {
  let app: TestApp;
  let admin: string;
  let service: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.token('admin');
    service = await app.token('service');
    await seedSmallMarketplace(app);
  });
  afterAll(async () => app.close());

  // from the last to the first to be asked, so that each one takes over from the one before
  it.each([
    { modelType: 'ITEM_KNN', hyperparameters: { neighbors: 20 } },
    { modelType: 'EASE', hyperparameters: { regularization: 50 } },
    { modelType: 'IMPLICIT_ALS', hyperparameters: { factors: 8, epochs: 5 } },
  ])('trains, deploys and serves $modelType', async ({ modelType, hyperparameters }) => {
    const started = await app.post(
      '/api/ml/training',
      { modelType, config: { hyperparameters, deployment: 'never' } },
      { token: admin },
    );
    expect(started.status).toBe(202);
    const job = await waitForJob(app, (started.body.data as JobView).id);
    expect(job).toMatchObject({ status: 'COMPLETED', progress: 100 });
    expect(job.config.hyperparameters).toMatchObject(hyperparameters);
    expect(job.metrics?.['hr10']).toBeGreaterThan(0);

    const deployed = await app.post(
      '/api/ml/models',
      { action: 'deploy', modelId: job.modelId },
      { token: admin },
    );
    expect(deployed.status).toBe(200);
    const ask = async (): Promise<AnswerView> => {
      const input = { userId: 'user-1', limit: 5 };
      const answer = await app.post(
        '/api/ml/predictions',
        { type: 'recommendation', input },
        { token: service },
      );
      return answer.body.data as AnswerView;
    };
    await waitUntil(async () => (await ask()).model?.id === job.modelId, `${modelType} serves`);
    const { personalized, result } = await ask();
    expect(personalized).toBe(true);
    expect(result.recommendations).toHaveLength(5);
  });

  it('refuses a hyperparameter out of its range, naming it', async () => {
    const config = { hyperparameters: { factors: 6 } };
    const answer = await app.post(
      '/api/ml/training',
      { modelType: 'IMPLICIT_ALS', config },
      { token: admin },
    );
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('`factors` must be a multiple of 4 from 4 to 512');
  });
});
