import { describe, expect, it } from '@jest/globals';

import { easeOracle } from '../../../test/support/ease-oracle.js';
import { tasteInteractions } from '../../../test/support/random.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { distinctInteractions } from '../core/interactions.js';
import { DenseItemWeights } from './dense-item-weights.js';
import { EaseSolver } from './ease-solver.js';

const kernels = new WasmKernelRuntime();

describe('EaseSolver', () => {
  it.each([
    { itemCount: 1, userCount: 3, regularization: 1 },
    { itemCount: 60, userCount: 40, regularization: 5 },
    { itemCount: 64, userCount: 40, regularization: 0.5 },
    { itemCount: 65, userCount: 200, regularization: 100 },
    { itemCount: 150, userCount: 300, regularization: 20 },
  ])(
    'solves as the definition does ($itemCount items, λ = $regularization)',
    async ({ itemCount, userCount, regularization }) => {
      const positives = await distinctInteractions(tasteInteractions({ itemCount, userCount }));
      const weights = await EaseSolver.solve(kernels, { positives, regularization, threads: 1 });
      const expected = easeOracle(positives, regularization).flat();
      const received = weights.toArray();
      const error = Math.max(...expected.map((value, at) => Math.abs(value - received[at]!)));
      // weights are below 1; measured 1e-8 … 3e-7
      expect(error).toBeLessThan(1e-6);
    },
  );

  it('solves two items by hand', async () => {
    // both items: users 0, 1; only item 0: user 2. XᵀX + I = [[4, 2], [2, 3]], P = [[3, −2], [−2, 4]] / 8
    const positives = await distinctInteractions({
      userCount: 3,
      itemCount: 2,
      users: Int32Array.of(0, 0, 1, 1, 2),
      items: Int32Array.of(0, 1, 0, 1, 0),
      timestamps: new Float64Array(5),
    });
    const losses: number[] = [];
    const weights = await EaseSolver.solve(kernels, {
      positives,
      regularization: 1,
      threads: 1,
      onStep: (_step, _steps, loss) => losses.push(loss),
    });
    // B_01 = −P_01 / P_11 = 2/4 from item 0 to item 1; B_10 = 2/3
    [0, 1 / 2, 2 / 3, 0].forEach((value, at) => expect(weights.toArray()[at]).toBeCloseTo(value, 6));
    // item 0: (1 − 2/3)² · 2 + 1 + (2/3)² = 5/3; item 1: 2 · (1/2)² + (1/2)² + (1/2)² = 1
    expect(losses).toHaveLength(1);
    expect(losses[0]).toBeCloseTo(5 / 3 + 1, 5);
  });

  it('lowers the loss with every block, from as many as there are interactions', async () => {
    const positives = await distinctInteractions(tasteInteractions({ itemCount: 300, userCount: 500 }));
    const steps: string[] = [];
    const losses: number[] = [];
    await EaseSolver.solve(kernels, {
      positives,
      regularization: 5,
      threads: 1,
      onStep: (step, count, loss) => {
        steps.push(`${step}/${count}`);
        losses.push(loss);
      },
    });
    expect(steps).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5']);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(losses[0]).toBeLessThan(positives.users.length);
  });

  it('gives the same bits on one, two and three threads', async () => {
    const rows = tasteInteractions({ userCount: 600, itemCount: 700, rowsPerUser: 40 });
    const positives = await distinctInteractions(rows);
    const fits = [];
    for (const threads of [1, 2, 3]) {
      const weights = await EaseSolver.solve(kernels, { positives, regularization: 50, threads });
      fits.push(Buffer.from(weights.toArray().buffer));
    }
    expect(fits[1]!.equals(fits[0]!)).toBe(true);
    expect(fits[2]!.equals(fits[0]!)).toBe(true);
  });

  it('stops between slices', async () => {
    const rows = tasteInteractions({ userCount: 600, itemCount: 700, rowsPerUser: 40 });
    const positives = await distinctInteractions(rows);
    for (const threads of [1, 2]) {
      const abort = new AbortController();
      const solving = EaseSolver.solve(kernels, {
        positives,
        regularization: 50,
        threads,
        signal: abort.signal,
        onStep: () => abort.abort('cancel'),
      });
      await expect(solving).rejects.toBe('cancel');
    }
  });
});

describe('DenseItemWeights', () => {
  it('keeps weights and adds up their rows', () => {
    const weights = Float32Array.of(0, 1, 2, 3, 0, 5, 6, 7, 0);
    const dense = DenseItemWeights.from(kernels, 3, weights);
    expect(dense.toArray()).toEqual(weights);
    const out = Float32Array.of(100, 0, 0);
    dense.addRows(Int32Array.of(1, 2), Float32Array.of(1, 10), out);
    expect(out).toEqual(Float32Array.of(163, 70, 5));
  });
});
