import { describe, expect, it } from '@jest/globals';

import { groupLoss, penalizedLoss } from '../../../test/support/matrix-oracle.js';
import { mulberry32, tasteInteractions } from '../../../test/support/random.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { distinctInteractions } from '../core/interactions.js';
import { matrixRowWidth, type MatrixWeights } from './mf-matrix.js';
import { MatrixTrainer, type MatrixLoss } from './mf-trainer.js';

const kernels = new WasmKernelRuntime();
const positives = await distinctInteractions(tasteInteractions());
const { userCount, itemCount } = positives;
const losses = ['logistic', 'softmax', 'bpr'] as const;

function randomRows(factors: number): MatrixWeights {
  const random = mulberry32(11);
  const width = factors + 4;
  const rows = (count: number, bias: number, one: number): Float32Array =>
    new Float32Array(count * width).map((_, i) => {
      const column = i % width;
      if (column === one) return 1;
      return column < factors || column === bias ? random() - 0.5 : 0;
    });
  return {
    users: rows(userCount, factors + 1, factors),
    items: rows(itemCount, factors, factors + 1),
  };
}

async function createTrainer(factors: number, loss: MatrixLoss, regularization: number, negatives = 8) {
  const shape = { userCount, itemCount, factors };
  const weights = randomRows(factors);
  const options = { bias: -1.5, loss, negatives, regularization, threads: 1, seed: 5 };
  const trainer = await MatrixTrainer.create(kernels, { ...options, shape, positives, weights });
  return { trainer, weights, width: matrixRowWidth(shape), options };
}

describe('MatrixTrainer', () => {
  it.each(
    losses.flatMap((loss) => [
      { loss, factors: 8, regularization: 0, items: [3, 7, 2, 59, 0, 11, 5, 30, 31] },
      { loss, factors: 64, regularization: 0.01, items: [3, 7, 2, 59, 0, 11] },
      { loss, factors: 4, regularization: 0.01, items: [3] },
    ]),
  )(
    'steps against the derivative of the $loss loss: $factors factors, items $items',
    async ({ loss, factors, regularization, items }) => {
      const { trainer, weights, width, options } = await createTrainer(factors, loss, regularization);
      const rowOf = (rows: Float32Array, index: number): number[] => [
        ...rows.subarray(index * width, (index + 1) * width),
      ];
      const rows = { user: rowOf(weights.users, 6), items: items.map((item) => rowOf(weights.items, item)) };
      const rate = 1e-2;
      const reported = trainer.step(6, Int32Array.from(items), rate);
      const products = rows.items.map((item) => item.reduce((sum, q, k) => sum + q * rows.user[k]!, -1.5));
      expect(reported).toBeCloseTo(groupLoss(loss, products), 4);

      const after = trainer.weights();
      // central differences of the definition, in double precision
      const expectMoved = (row: number[], moved: readonly number[], bias: number): void => {
        row.forEach((value, k) => {
          if (k >= factors && k !== bias) {
            expect(moved[k]).toBe(value);
            return;
          }
          const at = (shift: number): number => {
            row[k] = value + shift;
            const result = penalizedLoss(rows, options);
            row[k] = value;
            return result;
          };
          const derivative = (at(1e-5) - at(-1e-5)) / 2e-5;
          expect((value - moved[k]!) / rate).toBeCloseTo(derivative, 3);
        });
      };
      expectMoved(rows.user, rowOf(after.users, 6), factors + 1);
      items.forEach((item, i) => expectMoved(rows.items[i]!, rowOf(after.items, item), factors));
      // nobody else moved
      expect(rowOf(after.users, 7)).toEqual(rowOf(weights.users, 7));
      expect(rowOf(after.items, 1)).toEqual(rowOf(weights.items, 1));
    },
  );

  it('loses no step of an item that was drawn twice', async () => {
    const step = async (items: readonly number[]): Promise<number> => {
      const { trainer, weights, width } = await createTrainer(8, 'logistic', 0);
      trainer.step(6, Int32Array.from(items), 1e-3);
      return trainer.weights().items[9 * width]! - weights.items[9 * width]!;
    };
    const once = await step([1, 9, 2, 3]);
    expect(Math.abs(once)).toBeGreaterThan(1e-6);
    for (const items of [
      [1, 9, 9, 3],
      [1, 9, 2, 9],
      [1, 2, 9, 4, 9],
    ]) {
      expect((await step(items)) / once).toBeCloseTo(2, 2);
    }
  });

  it.each([1, 3, 12])('visits every positive once an epoch with %i negatives', async (negatives) => {
    const { trainer } = await createTrainer(4, 'logistic', 0, negatives);
    const { samples } = await trainer.trainEpoch(1, 0.01);
    expect(samples).toBe((1 + negatives) * positives.users.length);
  });

  it('lowers the loss from epoch to epoch', async () => {
    for (const loss of losses) {
      const { trainer } = await createTrainer(8, loss, 0);
      const first = await trainer.trainEpoch(1, 0.1);
      await trainer.trainEpoch(2, 0.1);
      const third = await trainer.trainEpoch(3, 0.1);
      expect(third.loss).toBeLessThan(0.9 * first.loss);
    }
  });

  it('survives scores that no exponent holds', async () => {
    for (const loss of losses) {
      const { trainer } = await createTrainer(8, loss, 0);
      for (let i = 0; i < 20; i += 1) trainer.step(6, Int32Array.of(3, 7, 2, 59, 0), 100);
      expect(Number.isFinite(trainer.step(6, Int32Array.of(3, 7, 2, 59, 0), 0))).toBe(true);
    }
  });
});
