import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';

import { createLearner } from '../../src/ml/learners.js';
import { planRetrieval, ModelRetriever } from '../../src/ml/retrieval/model-retriever.js';
import { NeuMF } from '../../src/ml/recommenders/neumf.js';
import { WorkerScoringPool } from '../../src/platform/scoring/worker-scoring-pool.js';
import { WasmKernelRuntime } from '../../src/platform/wasm/wasm-kernel-runtime.js';
import { shareTensors } from '../../src/ports/scoring-pool.js';
import { tasteInteractions } from '../support/random.js';

const TYPE = 'NEURAL_COLLABORATIVE_FILTERING';
const ITEMS = 4000;
const MB = 2 ** 20;

setFlagsFromString('--expose-gc');
// the new context's global is the only way to the collector without a flag on the command line
const collect = runInNewContext('gc') as () => void;

/** Resident memory once everything that nobody refers to is gone, MB. */
async function settledMb(): Promise<number> {
  for (let turn = 0; turn < 8; turn += 1) {
    collect();
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  return process.memoryUsage.rss() / MB;
}

describe('the memory of models', () => {
  const kernels = new WasmKernelRuntime();
  const rows = tasteInteractions({ userCount: 50, itemCount: ITEMS });
  const fit = async () =>
    shareTensors((await new NeuMF({ epochs: 1 }).fit(rows, { kernels, seed: 1 })).save());

  it('does not grow over 1,000 loads, each of 4 MB', async () => {
    const state = await fit();
    const load = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += 1) {
        const model = createLearner(TYPE).load(state, { kernels });
        model.scoreAll(i % 50);
        // the memory of a kernel weighs nothing to the collector; a service loads hours apart
        if (i % 50 === 49) await settledMb();
      }
    };
    await load(100);
    const before = await settledMb();
    await load(1000);
    // 4 MB each would be 4,000
    expect((await settledMb()) - before).toBeLessThan(60);
  }, 240_000);

  it('does not grow over 50 indexes', async () => {
    const model = createLearner(TYPE).load(await fit(), { kernels });
    const plan = await planRetrieval(model, { kernels, seed: 1 });
    const open = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += 1) {
        const retriever = await ModelRetriever.open(kernels, model, plan, 8 * MB);
        retriever.search({ user: 0, count: 10, mask: new Uint8Array(ITEMS) });
        if (i % 10 === 9) await settledMb();
      }
    };
    await open(10);
    const before = await settledMb();
    await open(50);
    // 8 MB of mask each would be 400
    expect((await settledMb()) - before).toBeLessThan(60);
  }, 120_000);

  it('does not grow in threads over 40 versions', async () => {
    const state = await fit();
    const pool = new WorkerScoringPool(2);
    const excluded = new Uint8Array(ITEMS);
    const rank = async (first: number, times: number): Promise<void> => {
      for (let i = first; i < first + times; i += 1) {
        await pool.rank(
          { id: `version-${i}`, type: TYPE, state },
          Array.from({ length: 16 }, (_, user) => ({ user, count: 5, excluded })),
        );
      }
    };
    try {
      await rank(0, 20);
      const before = await settledMb();
      await rank(20, 40);
      // 40 versions of 4 MB in two threads would be 320
      expect((await settledMb()) - before).toBeLessThan(80);
    } finally {
      await pool.close();
    }
  }, 120_000);
});
