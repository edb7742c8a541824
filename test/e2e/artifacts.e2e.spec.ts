import { createHash } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';

import { startTestApp, type TestApp } from '../support/test-app.js';
import {
  seedSmallMarketplace,
  startTraining,
  waitForJob,
  waitUntil,
  type JobView,
} from '../support/small-marketplace.js';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const SHORT = { hyperparameters: { epochs: 8, factors: 8, batchSize: 64 } };

/** Fetch whose JSON has the arrays of this realm: Jest's own `fetch` is from outside, and TensorFlow.js asks `instanceof Array`. */
const fetchFunc: typeof fetch = async (address, init) => {
  const response = await fetch(address, init);
  return Object.assign(response, {
    json: async () => JSON.parse(await response.text()) as unknown,
  });
};

interface Listing {
  readonly format: string;
  readonly kind: string;
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly path: string;
  }[];
}

describe('artifacts', () => {
  let app: TestApp;
  let service: string;
  let modelId: string;
  const pathOf = (id: string): string => `/api/ml/models/${id}/artifact`;
  const train = async (modelType: string, config: object): Promise<JobView> => {
    const body = { modelType, config };
    const started = await app.post('/api/ml/training', body, { token: await app.token('admin') });
    return waitForJob(app, (started.body.data as JobView).id);
  };
  const bytesOf = async (path: string): Promise<Buffer> => {
    const headers = { authorization: `Bearer ${service}` };
    return Buffer.from(await (await fetch(app.url + path, { headers })).arrayBuffer());
  };

  beforeAll(async () => {
    tf.enableProdMode(); // or it advertises its other backends
    app = await startTestApp();
    service = await app.token('service');
    await seedSmallMarketplace(app);
    modelId = (await train('NEURAL_COLLABORATIVE_FILTERING', SHORT)).modelId;
    await waitUntil(async () => (await app.get('/health/ready')).text.includes('version 1'), 'it serves');
  });
  afterAll(async () => app.close());

  it('loads from its address as a layers model that scores as the service does', async () => {
    const requestInit = { headers: { authorization: `Bearer ${service}` } };
    const address = `${app.url}${pathOf(modelId)}?format=tfjs`;
    const network = await loadLayersModel(tf.io.http(address, { requestInit, fetchFunc }));
    const ids = async (name: string): Promise<readonly string[]> =>
      (await app.get(`${pathOf(modelId)}/${name}`, { token: service })).body as unknown as string[];
    const [userIds, itemIds] = [await ids('users.json'), await ids('items.json')];
    const column = (values: readonly number[]): tf.Tensor2D => tf.tensor2d([...values], [values.length, 1]);
    const itemColumn = column(itemIds.map((_, item) => item));

    for (const userId of userIds.slice(0, 20)) {
      const input = { userId, limit: 50, preferences: { excludePurchased: false } };
      const { body } = await app.post(
        '/api/ml/predictions',
        { type: 'recommendation', input },
        { token: service },
      );
      const { result } = body.data as {
        result: { recommendations: { productId: string; score: number }[] };
      };
      const served = result.recommendations;
      const probabilities = tf.tidy(() => {
        const userColumn = column(itemIds.map(() => userIds.indexOf(userId)));
        // a network with one output predicts one tensor
        return (network.predict([userColumn, itemColumn]) as tf.Tensor).dataSync();
      });
      expect(served.length).toBeGreaterThan(5);
      for (const { productId, score } of served) {
        expect(Math.abs(probabilities[itemIds.indexOf(productId)]! - score)).toBeLessThan(1e-5);
      }
    }
    network.dispose();
    itemColumn.dispose();
  });

  it('is written once for all who ask at once, and kept', async () => {
    const { modelId: second } = await train('NEURAL_COLLABORATIVE_FILTERING', { ...SHORT, seed: 2 });
    const ask = async () => app.get(`${pathOf(second)}?format=tfjs`, { token: service });
    const answers = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    expect((await ask()).text).toBe(answers[0]?.text);
  });

  it('has the artifact as it is kept, every file with its hash', async () => {
    const { body } = await app.get(pathOf(modelId), { token: service });
    const { format, kind, files } = body.data as Listing;
    expect({ format, kind }).toEqual({
      format: 'almanac-artifact/1',
      kind: 'neural-collaborative-filtering/1',
    });
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['dense.f32', 'fitted.json', 'items.f32', 'users.f32', 'users.json']),
    );
    for (const { bytes, sha256, path } of files) {
      const content = await bytesOf(`/api/ml/models/${modelId}/${path}`);
      expect(content.byteLength).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
  });

  it('may be kept for ever, and is not sent twice', async () => {
    const model = await app.get(`${pathOf(modelId)}?format=tfjs`, { token: service });
    const [shard = ''] = (model.body['weightsManifest'] as { paths: string[] }[])[0]?.paths ?? [];
    for (const path of [
      `${pathOf(modelId)}?format=tfjs`,
      `/api/ml/models/${modelId}/${shard}?format=tfjs`,
      `${pathOf(modelId)}/users.f32`,
    ]) {
      const first = await app.get(path, { token: service });
      expect([path, first.status]).toEqual([path, 200]);
      expect(first.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
      expect(first.headers.get('content-length')).toBe(String((await bytesOf(path)).byteLength));
      const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
      const second = await app.get(path, { token: service, headers });
      expect([second.status, second.text]).toEqual([304, '']);
    }
  });

  it('has no layers model of a version without a network, but its files', async () => {
    const popular = (await train('POPULARITY', {})).modelId;
    for (const path of [pathOf(popular), `${pathOf(popular)}/model.json`]) {
      const refused = await app.get(`${path}?format=tfjs`, { token: service });
      expect(refused.body).toMatchObject({
        status: 409,
        type: '/problems/model-without-network',
        modelType: 'POPULARITY',
      });
    }
    expect((await app.get(pathOf(popular), { token: service })).status).toBe(200);
  });

  it('has nothing of a version that is not trained', async () => {
    const job = await startTraining(app, {
      hyperparameters: { epochs: 500, factors: 256, layers: [512, 256] },
    });
    for (const format of ['almanac', 'tfjs']) {
      const refused = await app.get(`${pathOf(job.modelId)}?format=${format}`, { token: service });
      expect(refused.body).toMatchObject({ status: 409, type: '/problems/model-without-artifact' });
    }
    const admin = await app.token('admin');
    await app.put('/api/ml/training', { jobId: job.id, action: 'cancel' }, { token: admin });
    await waitForJob(app, job.id);
  });

  it('refuses what it does not have', async () => {
    const get = async (path: string) => (await app.get(path, { token: service })).body;
    expect(await get(pathOf(UNKNOWN))).toMatchObject({ status: 404, type: '/problems/model-not-found' });
    expect(await get(pathOf('seven'))).toMatchObject({ status: 400 });
    expect(await get(`${pathOf(modelId)}?format=onnx`)).toMatchObject({
      status: 400,
      type: '/problems/validation-failed',
    });
    for (const name of ['manifest.json', '..%2F..%2Fjwt-secret', 'group1-shard1of1.bin']) {
      expect(await get(`${pathOf(modelId)}/${name}`)).toMatchObject({
        status: 404,
        type: '/problems/artifact-file-not-found',
        expected: expect.arrayContaining(['users.f32']),
      });
    }
  });

  it('says when the files were altered, and does not let that be cached', async () => {
    const { modelId: spoilt } = await train('NEURAL_COLLABORATIVE_FILTERING', { ...SHORT, seed: 3 });
    const folder = join(app.config.modelsDirectory, spoilt);
    await appendFile(join(folder, 'users.f32'), 'x');
    const file = await app.get(`${pathOf(spoilt)}/users.f32`, { token: service });
    expect(file.body).toMatchObject({ status: 409, type: '/problems/model-artifact-unusable' });
    expect(file.headers.get('cache-control') ?? '').not.toContain('immutable');
    expect(file.headers.get('etag')).toBeNull();
    const model = await app.get(`${pathOf(spoilt)}?format=tfjs`, { token: service });
    expect(model.body).toMatchObject({ status: 409, type: '/problems/model-artifact-unusable' });
    await writeFile(join(folder, 'manifest.json'), '{}');
    expect((await app.get(pathOf(spoilt), { token: service })).body).toMatchObject({ status: 409 });
  });

  it('is for admins and services', async () => {
    for (const path of [pathOf(modelId), `${pathOf(modelId)}/users.f32`]) {
      expect((await app.get(path)).status).toBe(401);
      expect((await app.get(path, { token: await app.token('user') })).status).toBe(403);
      expect((await app.get(path, { token: await app.token('admin') })).status).toBe(200);
    }
  });
});
