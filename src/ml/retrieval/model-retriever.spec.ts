import { beforeAll, describe, expect, it } from '@jest/globals';

import { tasteInteractions } from '../../../test/support/random.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { createRandom, deriveSeed } from '../core/random.js';
import { topK } from '../math/top-k.js';
import { NeuMF } from '../recommenders/neumf.js';
import { Popularity } from '../recommenders/popularity.js';
import type { RecommenderModel } from '../recommenders/recommender-model.js';
import { fitDotProductProxy, proxyVector } from './dot-product-proxy.js';
import { ModelRetriever, planRetrieval, RecallTooLowError } from './model-retriever.js';

const kernels = new WasmKernelRuntime();
const ITEMS = 3000;
const places = Int32Array.from({ length: ITEMS }, (_, i) => i);

describe('ModelRetriever', () => {
  let network: RecommenderModel;

  const open = async (model: RecommenderModel): Promise<ModelRetriever> => {
    const plan = await planRetrieval(model, { kernels, seed: 1 });
    const retriever = await ModelRetriever.open(kernels, model, plan, ITEMS);
    retriever.setPlaces(places);
    return retriever;
  };

  beforeAll(async () => {
    const rows = tasteInteractions({ userCount: 300, itemCount: ITEMS, rowsPerUser: 40 });
    network = await new NeuMF({ epochs: 4, factors: 8 }).fit(rows, { kernels, seed: 1 });
  });

  it('finds what a network scores highest, with the scores of the network, and honours the mask', async () => {
    const retriever = await open(network);
    const mask = Uint8Array.from(places, (item) => (item % 3 === 1 ? 1 : 0));
    let found = 0;
    for (let user = 1; user < 300; user += 7) {
      const scores = network.scoreAll(user);
      const best = retriever.search({ user, count: 100, mask });
      const expected = new Set(topK(scores, 100, mask).indices);
      found += best.indices.filter((item) => expected.has(item)).length / 100;
      // pairs are scored in another order of operations than all items
      const off = best.indices.findIndex((item, i) => Math.abs(scores[item]! - best.scores[i]!) > 1e-4);
      if (off >= 0 || best.indices.some((item) => mask[item] === 1)) {
        throw new Error(`Result ${off} of user ${user} is wrong.`);
      }
    }
    expect(found / Math.ceil(299 / 7)).toBeGreaterThan(0.95);
  });

  it('refuses a model of which it would not find enough: no user tells anything of another', async () => {
    const hash = (user: number, item: number): number => createRandom(deriveSeed(1, user, item))();
    const noise: RecommenderModel = {
      kind: 'noise/1',
      userCount: 300,
      itemCount: ITEMS,
      scoreAll: (user, out = new Float32Array(ITEMS)) => {
        places.forEach((item) => (out[item] = hash(user, item)));
        return out;
      },
      scorePairs: (users, items) => Float32Array.from(users, (user, i) => hash(user, items[i]!)),
      scoreHistory: () => new Float32Array(ITEMS),
      predict: (query) => network.predict(query),
      evaluate: (rows) => network.evaluate(rows),
      save: () => network.save(),
    };
    await expect(planRetrieval(noise, { kernels, seed: 1 })).rejects.toThrow(RecallTooLowError);
  });

  it('finds the most popular items, the same for everybody', async () => {
    const model = await new Popularity().fit(tasteInteractions({ itemCount: ITEMS, rowsPerUser: 200 }), {
      kernels,
      seed: 1,
    });
    const { indices } = (await open(model)).search({ user: 0, count: 20, mask: new Uint8Array(ITEMS) });
    const scores = model.scoreAll(0);
    expect([...indices].map((item) => scores[item])).toEqual([...topK(scores, 20).scores]);
  });
});

describe('fitDotProductProxy', () => {
  it('is exact, up to a constant a user, for scores that are products', async () => {
    const dimensions = [3, 1, 0.5];
    const userOf = (user: number, k: number): number => Math.sin(7 * user + k);
    const itemOf = (item: number, k: number): number => Math.cos(3 * item * (k + 1)) * dimensions[k]!;
    const score = (user: number, item: number): number =>
      dimensions.reduce((sum, _, k) => sum + userOf(user, k) * itemOf(item, k), user);
    const model = {
      userCount: 50,
      itemCount: 400,
      scoreAll: (user: number, out = new Float32Array(400)): Float32Array =>
        out.map((_, item) => score(user, item)),
    };
    const proxy = await fitDotProductProxy({
      ...model,
      scoreAll: (user, out = new Float32Array(400)) => {
        out.set(model.scoreAll(user));
        return out;
      },
    });
    const vector = proxyVector(
      proxy,
      Float32Array.from(proxy.anchors, (item) => score(70, item)),
    );
    const errors = Array.from({ length: 400 }, (_, item) => {
      const product = vector.reduce(
        (sum, value, k) => sum + value * proxy.itemFactors[item * proxy.width + k]!,
        0,
      );
      return score(70, item) - product;
    });
    expect(Math.max(...errors) - Math.min(...errors)).toBeLessThan(0.05);
  });
});
