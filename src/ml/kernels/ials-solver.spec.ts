import { describe, expect, it } from '@jest/globals';

import { IalsOracle } from '../../../test/support/ials-oracle.js';
import { mulberry32, tasteInteractions } from '../../../test/support/random.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { distinctInteractions, type DistinctInteractions } from '../core/interactions.js';
import { paddedWidth } from './ials-plan.js';
import { IalsScorer } from './ials-scorer.js';
import { IalsSolver } from './ials-solver.js';

const kernels = new WasmKernelRuntime();
const objective = { unobservedWeight: 0.3, regularization: 0.05, regularizationExponent: 0.8 };

function drawUsers(userCount: number, factors: number): Float32Array {
  const random = mulberry32(3);
  const width = paddedWidth(factors);
  return new Float32Array(userCount * width).map((_, i) => (i % width < factors ? random() - 0.5 : 0));
}

/** Rows without what pads them. */
function rowsOf(flat: Float32Array, factors: number): number[][] {
  const width = paddedWidth(factors);
  return Array.from({ length: flat.length / width }, (_, row) => [
    ...flat.subarray(row * width, row * width + factors),
  ]);
}

async function createSolver(positives: DistinctInteractions, factors: number, threads = 1) {
  const users = drawUsers(positives.userCount, factors);
  return IalsSolver.create(kernels, { ...objective, factors, positives, users, threads });
}

/** Largest difference between two matrices, relative to the largest entry of the second. */
function relativeError(received: readonly number[][], expected: readonly number[][]): number {
  const flat = expected.flat();
  const largest = Math.max(...flat.map(Math.abs));
  return Math.max(...received.flat().map((value, i) => Math.abs(value - flat[i]!))) / largest;
}

describe('IalsSolver', () => {
  it.each([
    { factors: 4, itemCount: 60, userCount: 40 },
    { factors: 12, itemCount: 61, userCount: 150 },
    { factors: 16, itemCount: 7, userCount: 300 },
    { factors: 40, itemCount: 70, userCount: 20 },
  ])('solves as the definition does ($factors factors)', async ({ factors, itemCount, userCount }) => {
    const positives = await distinctInteractions(tasteInteractions({ itemCount, userCount }));
    const solver = await createSolver(positives, factors);
    const oracle = new IalsOracle(objective, positives);
    let expected = { users: rowsOf(drawUsers(userCount, factors), factors), items: [] as number[][] };
    for (let epoch = 0; epoch < 3; epoch += 1) {
      const loss = await solver.runEpoch();
      expected = { ...expected, ...oracle.runEpoch(expected) } as typeof expected;
      expect(loss / oracle.loss(expected)).toBeCloseTo(1, 5);
    }
    // measured below 1e-5, and 5e-5 where 7 items leave most of 16 factors to the regularization
    expect(relativeError(rowsOf(solver.users(), factors), expected.users)).toBeLessThan(1e-4);
    expect(relativeError(rowsOf(solver.items(), factors), expected.items)).toBeLessThan(1e-4);
  });

  it('solves one user and one item by hand', async () => {
    const positives = await distinctInteractions({
      userCount: 1,
      itemCount: 1,
      users: Int32Array.of(0),
      items: Int32Array.of(0),
      timestamps: Float64Array.of(0),
    });
    const users = new Float32Array(8);
    users[0] = 2;
    const plain = { unobservedWeight: 0.5, regularization: 1, regularizationExponent: 1 };
    const solver = await IalsSolver.create(kernels, { ...plain, factors: 4, positives, users, threads: 1 });
    const loss = await solver.runEpoch();
    // penalty 1·(1 + 0.5·1) = 1.5; h = 2 / (1.5·2² + 1.5) = 4/15, then w = h / (1.5·h² + 1.5)
    const h = 4 / 15;
    const w = h / (1.5 * h ** 2 + 1.5);
    expect(solver.items()[0]).toBeCloseTo(h, 6);
    expect(solver.users()[0]).toBeCloseTo(w, 6);
    expect(solver.users().subarray(1)).toEqual(new Float32Array(7));
    expect(loss).toBeCloseTo((1 - w * h) ** 2 + 0.5 * (w * h) ** 2 + 1.5 * (w ** 2 + h ** 2), 6);
  });

  it('lowers the loss in every epoch', async () => {
    const positives = await distinctInteractions(tasteInteractions({ userCount: 200, rowsPerUser: 20 }));
    const solver = await createSolver(positives, 8);
    const losses: number[] = [];
    for (let epoch = 0; epoch < 10; epoch += 1) losses.push(await solver.runEpoch());
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(losses[9]).toBeLessThan(losses[0]! * 0.99);
  });

  it('gives the same bits on one, two and three threads', async () => {
    const rows = tasteInteractions({ userCount: 1000, itemCount: 200, rowsPerUser: 40 });
    const positives = await distinctInteractions(rows);
    const fits = [];
    for (const threads of [1, 2, 3]) {
      const solver = await createSolver(positives, 48, threads);
      await solver.runEpoch();
      fits.push({ loss: await solver.runEpoch(), users: solver.users(), items: solver.items() });
      await solver.close();
    }
    expect(fits[1]).toEqual(fits[0]);
    expect(fits[2]).toEqual(fits[0]);
  });

  it('stops between slices of an epoch', async () => {
    const rows = tasteInteractions({ userCount: 3000, itemCount: 400, rowsPerUser: 40 });
    const positives = await distinctInteractions(rows);
    for (const threads of [1, 2]) {
      const solver = await createSolver(positives, 64, threads);
      const abort = new AbortController();
      const running = solver.runEpoch(abort.signal);
      setImmediate(() => abort.abort('cancel'));
      await expect(running).rejects.toBe('cancel');
      await solver.close();
    }
  });
});

describe('IalsScorer', () => {
  it('folds a user in as the solver solved for them, to the last bit', async () => {
    const positives = await distinctInteractions(tasteInteractions({ itemCount: 61 }));
    const solver = await createSolver(positives, 12);
    await solver.runEpoch();
    const scorer = new IalsScorer(kernels, objective, solver.items(), paddedWidth(12));
    const users = solver.users();
    for (let user = 0; user < positives.userCount; user += 1) {
      const items = positives.items.subarray(positives.offsets[user], positives.offsets[user + 1]);
      expect(scorer.solve(items)).toEqual(users.slice(user * 16, (user + 1) * 16));
    }
  });

  it('scores every item by its dot product', () => {
    const random = mulberry32(9);
    const items = new Float32Array(7 * 8).map(() => random() - 0.5);
    const user = new Float32Array(8).map(() => random() - 0.5);
    const scorer = new IalsScorer(kernels, objective, items, 8);
    const scores = scorer.scoreAll(user, new Float32Array(7));
    scores.forEach((score, item) => {
      const expected = user.reduce((sum, value, k) => sum + value * items[item * 8 + k]!, 0);
      expect(score).toBeCloseTo(expected, 6);
    });
  });
});
