import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startTestApp, type TestApp, type TestResponse } from '../support/test-app.js';
import { seedSmallMarketplace, startTraining, waitForJob, waitUntil } from '../support/small-marketplace.js';

const PATH = '/api/ml/predictions';

interface Item {
  readonly rank: number;
  readonly productId: string;
  readonly category: string;
  readonly organic: boolean;
  readonly score: number;
  readonly price?: string;
}

interface AnswerView {
  readonly predictionId: string;
  readonly result: { readonly recommendations: readonly Item[] };
  readonly personalized: boolean;
  readonly source: string;
  readonly fallbackReason?: string;
  readonly confidence?: number;
  readonly model?: { readonly id: string; readonly version: number };
}

describe('predictions', () => {
  let app: TestApp;
  let service: string;
  let modelId: string;

  const ask = async (input: object, token = service): Promise<TestResponse> =>
    app.post(PATH, { type: 'recommendation', input }, { token });
  const answerOf = (response: TestResponse): AnswerView => response.body.data as AnswerView;
  const items = async (input: object): Promise<readonly Item[]> =>
    answerOf(await ask(input)).result.recommendations;
  const query = async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await app.database.pool.query<T>(sql, values)).rows;

  beforeAll(async () => {
    app = await startTestApp();
    service = await app.token('service');
    await seedSmallMarketplace(app);
  });
  afterAll(async () => app.close());

  it('answers with what is popular in season, marked as such, while no model is deployed', async () => {
    await waitUntil(
      async () => (await items({ userId: 'nobody' }))[0]?.score === 1,
      'the purchases are counted',
    );
    const answer = answerOf(await ask({ userId: 'nobody', limit: 5 }));
    expect(answer).toMatchObject({
      personalized: false,
      source: 'popularity-in-season',
      fallbackReason: 'no-model-deployed',
    });
    const month = new Date().getUTCMonth() + 1;
    const near = [((month + 10) % 12) + 1, month, (month % 12) + 1];
    const [best] = await query<{ product_id: string }>(
      `SELECT l.product_id, count(*) FILTER (WHERE extract(month FROM o.placed_at AT TIME ZONE 'UTC') = ANY($1))
         + (SELECT count(*) FROM events e WHERE e.product_id = l.product_id AND e.type IN ('purchase', 'rating')
            AND extract(month FROM e.at AT TIME ZONE 'UTC') = ANY($1)) AS bought
       FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN products p ON p.id = l.product_id
       WHERE p.active AND coalesce(p.stock > 0, true) AND (p.season_months = '{}' OR $2 = ANY(p.season_months))
       GROUP BY l.product_id ORDER BY bought DESC LIMIT 1`,
      [near, month],
    );
    expect(answer.result.recommendations[0]).toMatchObject({
      rank: 1,
      score: 1,
      productId: best?.product_id,
    });
  });

  describe('with a deployed model', () => {
    beforeAll(async () => {
      const config = { hyperparameters: { epochs: 10, factors: 8, batchSize: 64 } };
      ({ modelId } = await waitForJob(app, (await startTraining(app, config)).id));
      await waitUntil(async () => answerOf(await ask({ userId: 'user-1' })).personalized, 'the model serves');
    });

    it('answers personally, best first, with the version that answered', async () => {
      const one = answerOf(await ask({ userId: 'user-1' }));
      const other = answerOf(await ask({ userId: 'user-2' }));
      expect(one).toMatchObject({ personalized: true, source: 'model', model: { id: modelId, version: 1 } });
      expect(one.result.recommendations).toHaveLength(10);
      const scores = one.result.recommendations.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      expect(one.confidence).toBe(scores[0]);
      const ids = (answer: AnswerView): string[] =>
        answer.result.recommendations.map(({ productId }) => productId);
      expect(new Set(ids(one)).size).toBe(10);
      expect(ids(one)).not.toEqual(ids(other));
    });

    it('recommends only what can be bought now: in stock, sold, in season', async () => {
      const month = new Date().getUTCMonth() + 1;
      const all = await items({ userId: 'user-3', limit: 100 });
      const buyable = await query<{ id: string }>(
        `SELECT p.id FROM products p WHERE active AND coalesce(stock > 0, true)
           AND (season_months = '{}' OR $1 = ANY(season_months))
           AND EXISTS (SELECT 1 FROM order_lines l WHERE l.product_id = p.id)`,
        [month],
      );
      expect(all.map(({ productId }) => productId).sort()).toEqual(buyable.map(({ id }) => id).sort());
      expect(all.length).toBeLessThan(60);
    });

    it('keeps to the wishes of the request', async () => {
      const [{ category } = { category: '' }] = await items({ userId: 'user-4' });
      const wished = await items({
        userId: 'user-4',
        limit: 100,
        preferences: { categories: [category.toLowerCase()] },
      });
      expect(wished.length).toBeGreaterThan(0);
      expect(new Set(wished.map((item) => item.category))).toEqual(new Set([category]));

      const organic = await items({ userId: 'user-4', limit: 100, preferences: { organicOnly: true } });
      expect(organic.length).toBeGreaterThan(0);
      const today = new Date().toISOString().slice(0, 10);
      const certified = await query<{ id: string }>(
        `SELECT DISTINCT p.id FROM products p LEFT JOIN farms f ON f.id = p.farm_id,
           jsonb_array_elements(p.certifications || coalesce(f.certifications, '[]')) AS c
         WHERE lower(c ->> 'kind') = 'organic' AND coalesce(left(c ->> 'validFrom', 10) <= $1, true)
           AND coalesce(left(c ->> 'validUntil', 10) >= $1, true)`,
        [today],
      );
      const isCertified = new Set(certified.map(({ id }) => id));
      expect(organic.every(({ productId, organic: says }) => says && isCertified.has(productId))).toBe(true);

      const first = organic[0]?.productId;
      const without = await items({
        userId: 'user-4',
        limit: 100,
        preferences: { organicOnly: true, excludeProductIds: [first] },
      });
      expect(without.map(({ productId }) => productId)).toEqual(
        organic.slice(1).map(({ productId }) => productId),
      );

      const fresh = await items({ userId: 'user-4', limit: 100, preferences: { excludePurchased: true } });
      const bought = await query<{ product_id: string }>(
        "SELECT DISTINCT product_id FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE user_id = 'user-4'",
      );
      const isBought = new Set(bought.map(({ product_id }) => product_id));
      expect(fresh.some(({ productId }) => isBought.has(productId))).toBe(false);
    });

    it('takes the season of the delivery day', async () => {
      const inMonth = async (month: number): Promise<string[]> => {
        const deliveryDate = `2026-${String(month).padStart(2, '0')}-15`;
        return (await items({ userId: 'user-5', limit: 100, deliveryDate })).map(
          ({ productId }) => productId,
        );
      };
      const winter = await inMonth(1);
      const summer = await inMonth(7);
      const [odd] = await query<{ id: string }>(
        'SELECT id FROM products WHERE 7 = ANY(season_months) AND NOT 1 = ANY(season_months) AND id = ANY($1)',
        [summer],
      );
      expect(odd).toBeDefined();
      expect(winter).not.toContain(odd?.id);
    });

    it('caches an answer, and forgets it when one of its products changes', async () => {
      const input = { userId: 'user-6', limit: 5 };
      const first = await ask(input);
      const second = await ask(input);
      expect([first.body.meta, second.body.meta]).toMatchObject([{ cached: false }, { cached: true }]);
      expect(answerOf(second).result).toEqual(answerOf(first).result);
      expect(answerOf(second).predictionId).not.toBe(answerOf(first).predictionId);

      const gone = answerOf(first).result.recommendations[0]?.productId;
      await query('UPDATE products SET stock = 0, updated_at = now() WHERE id = $1', [gone]);
      await waitUntil(
        async () => !(await items(input)).some(({ productId }) => productId === gone),
        'the product that is out of stock has left the answer',
      );
      expect(await items(input)).toHaveLength(5);
    });

    it('shows a new price at once', async () => {
      const input = { userId: 'user-7', limit: 3 };
      const [first] = await items(input);
      await query('UPDATE products SET price_minor = 12345, updated_at = now() WHERE id = $1', [
        first?.productId,
      ]);
      await waitUntil(async () => (await items(input))[0]?.price === '123.45', 'the new price is shown');
    });

    it('gives an unknown user what is popular in season, marked as such', async () => {
      const answer = answerOf(await ask({ userId: 'nobody-knows-me' }));
      expect(answer).toMatchObject({ personalized: false, fallbackReason: 'user-unknown-to-model' });
      expect(answer.result.recommendations).toHaveLength(10);
      expect(answer.model).toBeUndefined();
    });

    it('answers a batch in the order of its requests', async () => {
      const users = ['user-8', 'nobody', 'user-9'];
      const requests = users.map((userId) => ({ type: 'recommendation', input: { userId, limit: 3 } }));
      const response = await app.post(`${PATH}/batch`, { requests }, { token: service });
      const answers = response.body.data as (AnswerView & { userId: string })[];
      expect(answers.map(({ userId }) => userId)).toEqual(users);
      expect(answers.map(({ personalized }) => personalized)).toEqual([true, false, true]);
      expect(response.body.meta).toMatchObject({ count: 3 });
    });

    it('prefers near farms where the training was told to', async () => {
      const config = {
        hyperparameters: { epochs: 10, factors: 8, batchSize: 64 },
        agriculturalContext: { localityWeighting: true },
      };
      const job = await waitForJob(app, (await startTraining(app, config)).id);
      const distances = async (): Promise<number> => {
        const [row] = await query<{ km: number }>(
          `SELECT avg(111.2 * sqrt((u.latitude - f.latitude) ^ 2 + ((u.longitude - f.longitude) * 0.73) ^ 2)) AS km
           FROM ml_predictions m CROSS JOIN jsonb_array_elements(m.output -> 'result' -> 'recommendations') AS item
           JOIN users u ON u.id = m.user_id JOIN products p ON p.id = item ->> 'productId' JOIN farms f ON f.id = p.farm_id
           WHERE m.input ->> 'limit' = '11' AND m.model_id = (SELECT id FROM ml_models WHERE status = 'DEPLOYED')`,
        );
        return Number(row?.km);
      };
      const askAll = async (): Promise<number> => {
        for (let user = 10; user < 60; user += 1) await ask({ userId: `user-${user}`, limit: 11 });
        await app.get(`${PATH}?limit=1`, { token: service }); // flushes the log
        return distances();
      };
      const anywhere = await askAll();
      const admin = await app.token('admin');
      await app.post('/api/ml/models', { action: 'deploy', modelId: job.modelId }, { token: admin });
      await waitUntil(
        async () => answerOf(await ask({ userId: 'user-1' })).model?.id === job.modelId,
        'it serves',
      );
      expect(await askAll()).toBeLessThan(anywhere);
      await app.post('/api/ml/models', { action: 'rollback', modelId: job.modelId }, { token: admin });
      await waitUntil(
        async () => answerOf(await ask({ userId: 'user-1' })).model?.id === modelId,
        'it is back',
      );
    });
  });

  describe('batches', () => {
    /** Different for each call, and of no effect: so that no answer comes out of the cache. */
    const uncached = (limit: number): object => ({
      limit,
      preferences: { excludeProductIds: [`nothing-${(unique += 1)}`] },
    });
    let unique = 0;
    it('says what single requests say, while versions are deployed one after the other', async () => {
      const admin = await app.token('admin');
      const customers = await query<{ user_id: string }>(
        'SELECT DISTINCT user_id FROM orders ORDER BY user_id LIMIT 40',
      );
      const users = customers.map(({ user_id }) => user_id);
      const versions = await query<{ id: string }>('SELECT id FROM ml_models ORDER BY version');
      expect(versions).toHaveLength(2);
      const deploy = async (id: string): Promise<void> => {
        await app.post('/api/ml/models', { action: 'deploy', modelId: id }, { token: admin });
        await waitUntil(async () => answerOf(await ask({ userId: 'user-1' })).model?.id === id, 'it serves');
      };
      const lists = new Map<string, string>();
      const listOf = ({ result }: AnswerView): string =>
        result.recommendations.map(({ productId, score }) => `${productId} ${score}`).join();
      for (const { id } of versions) {
        await deploy(id);
        for (const userId of users) {
          lists.set(`${id} ${userId}`, listOf(answerOf(await ask({ userId, ...uncached(9) }))));
        }
      }
      const deploying = { isOver: false };
      const answers: (AnswerView & { readonly userId: string })[] = [];
      const askBatches = async (): Promise<void> => {
        while (!deploying.isOver) {
          const requests = users.map((userId) => ({
            type: 'recommendation',
            input: { userId, ...uncached(9) },
          }));
          const { body } = await app.post(`${PATH}/batch`, { requests }, { token: service });
          answers.push(...(body.data as typeof answers));
        }
      };
      const asking = Promise.all([askBatches(), askBatches()]);
      for (let round = 0; round < 3; round += 1) for (const { id } of versions) await deploy(id);
      deploying.isOver = true;
      await asking;
      const wrong = answers.filter(
        (answer) => listOf(answer) !== lists.get(`${answer.model?.id} ${answer.userId}`),
      );
      expect(wrong).toEqual([]);
      expect(new Set(answers.map(({ model }) => model?.id)).size).toBe(2);
      await deploy(modelId);
    });
  });

  describe('history', () => {
    it('shows every answer with filters and cursor pages', async () => {
      const given = [await ask({ userId: 'user-11' }), await ask({ userId: 'user-11' })].map(
        (response) => answerOf(response).predictionId,
      );
      const { body } = await app.get(`${PATH}?userId=user-11&limit=2`, { token: service });
      const records = body.data as {
        id: string;
        cached: boolean;
        inferenceTime: number;
        output: AnswerView;
      }[];
      expect(records.map(({ id }) => id).sort()).toEqual([...given].sort());
      expect(records.every(({ inferenceTime }) => inferenceTime > 0)).toBe(true);
      expect(records[0]?.output.result.recommendations.length).toBe(10);

      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: TestResponse = await app.get(
          `${PATH}?userId=user-11&limit=1${cursor && `&cursor=${cursor}`}`,
          { token: service },
        );
        seen.push(...(page.body.data as { id: string }[]).map(({ id }) => id));
        cursor = (page.body.meta as { nextCursor: string | null }).nextCursor;
      }
      const stored = await query<{ id: string }>("SELECT id FROM ml_predictions WHERE user_id = 'user-11'");
      expect([...seen].sort()).toEqual(stored.map(({ id }) => id).sort());

      const old = await app.get(`${PATH}?to=2020-01-01T00:00:00Z`, { token: service });
      expect(old.body.data).toEqual([]);
    });

    it('is a user’s own only', async () => {
      const user = await app.token('user', 'user-12');
      await ask({ userId: 'user-12' }, user);
      const { body } = await app.get(PATH, { token: user });
      const owners = (body.data as { userId: string }[]).map(({ userId }) => userId);
      expect(new Set(owners)).toEqual(new Set(['user-12']));
      const other = await app.get(`${PATH}?userId=user-11`, { token: user });
      expect(other.body).toMatchObject({ status: 403, type: '/problems/other-user' });
    });
  });

  it('lets a user ask for itself only, alone and in a batch', async () => {
    const user = await app.token('user', 'user-12');
    expect((await ask({ userId: 'user-12' }, user)).status).toBe(200);
    expect((await ask({ userId: 'user-13' }, user)).body).toMatchObject({
      status: 403,
      type: '/problems/other-user',
    });
    const requests = ['user-12', 'user-13'].map((userId) => ({ type: 'recommendation', input: { userId } }));
    const batch = await app.post(`${PATH}/batch`, { requests }, { token: user });
    expect(batch.body).toMatchObject({ status: 403, type: '/problems/other-user' });
    expect((await ask({ userId: 'user-13' }, await app.token('admin'))).status).toBe(200);
    expect((await app.post(PATH, {})).status).toBe(401);
  });

  it.each([
    ['an unknown type', { type: 'horoscope', input: { userId: 'u' } }, '/type'],
    ['a missing type', { input: { userId: 'u' } }, '/type'],
    ['a missing input', { type: 'recommendation' }, '/input'],
    ['a missing user', { type: 'recommendation', input: {} }, '/input/userId'],
    ['a number for a user', { type: 'recommendation', input: { userId: 7 } }, '/input/userId'],
    ['an extra field', { type: 'recommendation', input: { userId: 'u', mood: 'good' } }, '/input/mood'],
    ['a list of 0', { type: 'recommendation', input: { userId: 'u', limit: 0 } }, '/input/limit'],
    ['a list of 101', { type: 'recommendation', input: { userId: 'u', limit: 101 } }, '/input/limit'],
    ['a text for a number', { type: 'recommendation', input: { userId: 'u', limit: 'ten' } }, '/input/limit'],
    [
      'a day that is none',
      { type: 'recommendation', input: { userId: 'u', deliveryDate: '2026-02-30' } },
      '/input/deliveryDate',
    ],
    [
      'categories that are no list',
      { type: 'recommendation', input: { userId: 'u', preferences: { categories: 'FRUITS' } } },
      '/input/preferences/categories',
    ],
    [
      'a text for a truth value',
      { type: 'recommendation', input: { userId: 'u', preferences: { organicOnly: 'yes' } } },
      '/input/preferences/organicOnly',
    ],
  ])('refuses %s', async (_, body, pointer) => {
    const response = await app.post(PATH, body, { token: service });
    expect(response.body).toMatchObject({ status: 400, type: '/problems/validation-failed' });
    const errors = response.body['errors'] as { pointer: string; expected: string; received: string }[];
    expect(errors.map((error) => error.pointer)).toContain(pointer);
    expect(errors.every(({ expected, received }) => expected !== '' && received !== '')).toBe(true);
  });

  it.each([0, 101])('refuses a batch of %d', async (count) => {
    const requests = Array.from({ length: count }, () => ({
      type: 'recommendation',
      input: { userId: 'u' },
    }));
    expect((await app.post(`${PATH}/batch`, { requests }, { token: service })).status).toBe(400);
  });
});
