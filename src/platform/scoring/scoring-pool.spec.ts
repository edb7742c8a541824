import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';

import { describeScoringPool } from '../../../test/contracts/scoring-pool.contract.js';
import { tasteInteractions } from '../../../test/support/random.js';
import { topK } from '../../ml/math/top-k.js';
import { Popularity } from '../../ml/recommenders/popularity.js';
import { WasmKernelRuntime } from '../wasm/wasm-kernel-runtime.js';
import { InProcessScoringPool } from './in-process-scoring-pool.js';
import { WorkerScoringPool } from './worker-scoring-pool.js';

const kernels = new WasmKernelRuntime();

describe('InProcessScoringPool', () => {
  describeScoringPool(() => new InProcessScoringPool(kernels));
});

describe('WorkerScoringPool', () => {
  describeScoringPool(() => new WorkerScoringPool(2));

  it('scores a history where one is given', async () => {
    const model = await new Popularity().fit(tasteInteractions(), { kernels, seed: 1 });
    const history = { items: Int32Array.of(3, 4), timestamps: Float64Array.of(1, 2) };
    const pool = new WorkerScoringPool(1);
    const [ranked] = await pool.rank({ id: 'p', type: 'POPULARITY', state: model.save() }, [
      { user: -1, history, count: 5, excluded: new Uint8Array(60) },
    ]);
    expect(ranked).toEqual(topK(model.scoreHistory(history), 5));
    await pool.close();
  });

  it('starts threads with the first tasks, lets the event loop turn, and ends them when idle', async () => {
    const state = (await new Popularity().fit(tasteInteractions(), { kernels, seed: 1 })).save();
    const pool = new WorkerScoringPool(2, 50);
    expect(pool.runningThreads).toBe(0);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const excluded = new Uint8Array(60);
    const tasks = Array.from({ length: 100 }, () => ({ user: 0, count: 3, excluded }));
    expect(await pool.rank({ id: 'p', type: 'POPULARITY', state }, tasks)).toHaveLength(100);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    expect(pool.runningThreads).toBe(2);
    for (let wait = 0; pool.runningThreads > 0 && wait < 200; wait += 1) await sleep(20);
    expect(pool.runningThreads).toBe(0);
    expect(await pool.rank({ id: 'p', type: 'POPULARITY', state }, tasks.slice(0, 1))).toHaveLength(1);
    await pool.close();
  });
});
