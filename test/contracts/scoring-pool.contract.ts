import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import { topK } from '../../src/ml/math/top-k.js';
import { NeuMF } from '../../src/ml/recommenders/neumf.js';
import { Popularity } from '../../src/ml/recommenders/popularity.js';
import type { RecommenderModel } from '../../src/ml/recommenders/recommender-model.js';
import { WasmKernelRuntime } from '../../src/platform/wasm/wasm-kernel-runtime.js';
import {
  ScoringPoolError,
  shareTensors,
  type ScoringModel,
  type ScoringPool,
  type ScoringTask,
} from '../../src/ports/scoring-pool.js';
import { tasteInteractions } from '../support/random.js';

const kernels = new WasmKernelRuntime();
const rows = tasteInteractions({ userCount: 60, itemCount: 90 });

/** What every pool owes: the answers of the model itself, whatever else is going on. */
export function describeScoringPool(create: () => ScoringPool): void {
  describe('scoring pool contract', () => {
    let pool: ScoringPool;
    let networks: RecommenderModel[];
    let popularity: RecommenderModel;

    const scoringModel = (id: string, type: string, model: RecommenderModel): ScoringModel => ({
      id,
      type,
      state: shareTensors(model.save()),
    });
    const network = (i: number): ScoringModel =>
      scoringModel(`network-${i}`, 'NEURAL_COLLABORATIVE_FILTERING', networks[i]!);
    const tasks = (count: number, from = 0): ScoringTask[] =>
      Array.from({ length: count }, (_, i) => ({
        user: (from + i) % 60,
        count: 1 + (i % 12),
        excluded: Uint8Array.from({ length: 90 }, (_unused, item) => ((item + i) % 4 === 0 ? 1 : 0)),
      }));
    const expected = (model: RecommenderModel, given: readonly ScoringTask[]) =>
      given.map(({ user, count, excluded }) => topK(model.scoreAll(user), count, excluded));

    beforeAll(async () => {
      const fit = async (seed: number): Promise<RecommenderModel> =>
        new NeuMF({ epochs: 2, factors: 4, layers: [16, 8] }).fit(rows, { kernels, seed });
      networks = await Promise.all([1, 2, 3].map(fit));
      popularity = await new Popularity().fit(rows, { kernels, seed: 1 });
    });
    afterEach(async () => pool.close());

    it('answers as the model itself, in the order of the tasks', async () => {
      pool = create();
      const given = tasks(100);
      expect(await pool.rank(network(0), given)).toEqual(expected(networks[0]!, given));
      expect(await pool.rank(scoringModel('p', 'POPULARITY', popularity), given)).toEqual(
        expected(popularity, given),
      );
      expect(await pool.rank(network(0), [])).toEqual([]);
    });

    it('answers each batch with its model while models are swapped', async () => {
      pool = create();
      const batches = Array.from({ length: 30 }, (_, i) => ({ model: i % 3, given: tasks(20, i) }));
      const answers = await Promise.all(
        batches.map(async ({ model, given }) => pool.rank(network(model), given)),
      );
      const wanted = batches.map(({ model, given }) => expected(networks[model]!, given));
      expect(answers).toEqual(wanted);
    });

    it('rejects what a model refuses, and goes on', async () => {
      pool = create();
      const bad = [{ user: 60, count: 3, excluded: new Uint8Array(90) }];
      await expect(pool.rank(network(0), bad)).rejects.toThrow(ScoringPoolError);
      await expect(pool.rank({ ...network(0), id: 'unknown', type: 'HOROSCOPE' }, tasks(1))).rejects.toThrow(
        /HOROSCOPE/,
      );
      const given = tasks(9);
      expect(await pool.rank(network(0), given)).toEqual(expected(networks[0]!, given));
    });

    it('rejects tasks after and while it is closed', async () => {
      pool = create();
      const under = pool.rank(network(1), tasks(500));
      await Promise.all([expect(under).rejects.toThrow(ScoringPoolError), pool.close()]);
      await expect(pool.rank(network(1), tasks(1))).rejects.toThrow('The pool is closed.');
    });
  });
}
