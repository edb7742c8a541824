import { describe, expect, it } from '@jest/globals';

import { NeuMFOracle, randomWeights } from '../../../test/support/neumf-oracle.js';
import { mulberry32, tasteInteractions } from '../../../test/support/random.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { distinctInteractions } from '../core/interactions.js';
import { denseParts, rowWidth, type NeuMFShape } from './neumf-network.js';
import { NeuMFScorer } from './neumf-scorer.js';
import { NeuMFTrainer, type LabelledPairs } from './neumf-trainer.js';

const kernels = new WasmKernelRuntime();
const positives = await distinctInteractions(tasteInteractions());
const sizes = { userCount: positives.userCount, itemCount: positives.itemCount };
const defaults = { batchSize: 64, learningRate: 0.01, negatives: 4, regularization: 0, threads: 1, seed: 5 };

async function createTrainer(shape: NeuMFShape, options: Partial<typeof defaults> = {}, rows = positives) {
  const weights = randomWeights(shape, mulberry32(11));
  const trainer = await NeuMFTrainer.create(kernels, {
    ...defaults,
    ...options,
    shape,
    positives: rows,
    weights,
  });
  return { trainer, weights };
}

function drawPairs(count: number, seed = 2): LabelledPairs {
  const random = mulberry32(seed);
  return {
    users: Int32Array.from({ length: count }, () => Math.floor(sizes.userCount * random())),
    items: Int32Array.from({ length: count }, () => Math.floor(sizes.itemCount * random())),
    labels: Float32Array.from({ length: count }, () => (random() < 0.3 ? 1 : 0)),
  };
}

function largestDifference(a: Float32Array, b: Float64Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

describe('NeuMFTrainer', () => {
  it.each([
    { factors: 8, layers: [64, 32, 16, 8], count: 64, regularization: 0 },
    { factors: 4, layers: [16, 8], count: 61, regularization: 0.01 },
    { factors: 12, layers: [8, 24, 40], count: 3, regularization: 0 },
    { factors: 256, layers: [1024, 8], count: 5, regularization: 0 },
    { factors: 8, layers: [], count: 33, regularization: 0.01 },
    { factors: 0, layers: [32, 16, 8], count: 33, regularization: 0.01 },
  ])(
    'differentiates as the definition does: f $factors, layers $layers, $count pairs',
    async ({ count, regularization, ...network }) => {
      const shape = { ...sizes, ...network };
      const { trainer, weights } = await createTrainer(shape, { regularization });
      const pairs = drawPairs(count);
      const expected = new NeuMFOracle(shape, weights, regularization).differentiate(pairs);
      // twice: the first must leave nothing behind
      trainer.differentiate(drawPairs(30, 3));
      const { loss, gradient } = trainer.differentiate(pairs);
      expect(loss).toBeCloseTo(expected.loss, 5);
      for (const part of ['users', 'items', 'dense'] as const) {
        expect(largestDifference(gradient[part], expected.gradient[part])).toBeLessThan(1e-6);
      }
      expect(trainer.weights()).toEqual(weights);
    },
  );

  it('differentiates GMF and MLP apart as the two networks that they are', async () => {
    const shape = { ...sizes, factors: 8, layers: [16, 8] };
    const { trainer, weights } = await createTrainer(shape);
    const pairs = drawPairs(50);
    trainer.setPace({ learningRate: 0.01, embeddingLearningRate: 0, isApart: true });
    const { loss, gradient } = trainer.differentiate(pairs);

    const { output, gmfBias } = denseParts(shape);
    const featureStart = output.kernel.start;
    const columns = (rows: Float32Array, from: number, to: number): Float32Array =>
      rows.filter((_, i) => i % 16 >= from && i % 16 < to);
    const ofGmf = new NeuMFOracle(
      { ...shape, layers: [] },
      {
        users: columns(weights.users, 8, 16),
        items: columns(weights.items, 8, 16),
        // 8 output weights and the bias, 0
        dense: Float32Array.of(...weights.dense.slice(featureStart, featureStart + 8), 0, 0, 0, 0),
      },
    ).differentiate(pairs);
    const ofMlp = new NeuMFOracle(
      { ...shape, factors: 0 },
      {
        users: columns(weights.users, 0, 8),
        items: columns(weights.items, 0, 8),
        dense: weights.dense.filter((_, i) => i < featureStart || i >= featureStart + 8),
      },
    ).differentiate(pairs);
    expect(loss).toBeCloseTo((ofGmf.loss + ofMlp.loss) / 2, 5);
    for (const rows of ['users', 'items'] as const) {
      expect(largestDifference(columns(gradient[rows], 8, 16), ofGmf.gradient[rows])).toBeLessThan(1e-6);
      expect(largestDifference(columns(gradient[rows], 0, 8), ofMlp.gradient[rows])).toBeLessThan(1e-6);
    }
    const { dense } = gradient;
    const gmfWeights = dense.slice(featureStart, featureStart + 8);
    expect(largestDifference(gmfWeights, ofGmf.gradient.dense.slice(0, 8))).toBeLessThan(1e-6);
    expect(dense[gmfBias.start]).toBeCloseTo(ofGmf.gradient.dense[8]!, 6);
    const mlpWeights = dense.filter(
      (_, i) => i < featureStart || (i >= featureStart + 8 && i <= output.bias.start),
    );
    expect(largestDifference(mlpWeights, ofMlp.gradient.dense)).toBeLessThan(1e-6);
  });

  it('moves embeddings by the sum of their derivatives where they have a step size of their own', async () => {
    const shape = { ...sizes, factors: 4, layers: [16, 8] };
    const { trainer, weights } = await createTrainer(shape, { regularization: 0.01 });
    const pairs = drawPairs(20);
    const { gradient } = trainer.differentiate(pairs);
    trainer.setPace({ learningRate: 0, embeddingLearningRate: 0.05, isApart: false });
    trainer.step(pairs);
    const after = trainer.weights();
    for (const rows of ['users', 'items'] as const) {
      const expected = Float64Array.from(weights[rows], (value, i) => value - 0.05 * 20 * gradient[rows][i]!);
      expect(largestDifference(after[rows], expected)).toBeLessThan(1e-6);
    }
    expect(after.dense).toEqual(weights.dense);

    // the output weights of GMF stay, as the factors have them in them
    trainer.setPace({ learningRate: 0.01, embeddingLearningRate: 0.05, isApart: false });
    trainer.step(pairs);
    const { start } = denseParts(shape).output.kernel;
    const moved = trainer.weights().dense;
    expect(moved.subarray(start, start + 4)).toEqual(weights.dense.subarray(start, start + 4));
    expect(moved.subarray(start + 4, start + 12)).not.toEqual(weights.dense.subarray(start + 4, start + 12));
  });

  it('steps as Adam does, on the rows of the batch only', async () => {
    const shape = { ...sizes, factors: 4, layers: [16, 8] };
    const { trainer, weights } = await createTrainer(shape);
    const [first, second] = [drawPairs(20, 1), drawPairs(20, 2)];
    const gradients = [trainer.differentiate(first).gradient];
    trainer.step(first);
    gradients.push(trainer.differentiate(second).gradient);
    trainer.step(second);

    const after = trainer.weights();
    for (const part of ['users', 'items', 'dense'] as const) {
      const expected = new Float64Array(weights[part]);
      expected.forEach((_, i) => {
        let [m, v] = [0, 0];
        gradients.forEach((gradient, index) => {
          const g = gradient[part][i]!;
          // a row outside of the batch has no gradient at all: lazy Adam leaves it and its moments
          if (g === 0 && part !== 'dense') return;
          m = 0.9 * m + 0.1 * g;
          v = 0.999 * v + 0.001 * g * g;
          const t = index + 1;
          const rate = (0.01 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
          expected[i]! -= (rate * m) / (Math.sqrt(v) + 1e-8);
        });
      });
      // a gradient of nearly 0 is divided by itself, so single weights may move visibly: compare in the mean
      const distance = after[part].reduce((sum, value, i) => sum + Math.abs(value - expected[i]!), 0);
      expect(distance / after[part].length).toBeLessThan(1e-5);
    }
    const touched = new Set([...first.users, ...second.users]);
    const width = 12;
    for (let user = 0; user < sizes.userCount; user += 1) {
      const [now, before] = [after.users, weights.users].map((rows) =>
        rows.slice(user * width, (user + 1) * width),
      );
      if (touched.has(user)) expect(now).not.toEqual(before);
      else expect(now).toEqual(before);
    }
  });

  it.each([16, 100, 4096])(
    'visits every positive once an epoch, with its negatives, in batches of %i',
    async (batchSize) => {
      const shape = { ...sizes, factors: 4, layers: [16, 8] };
      const { trainer } = await createTrainer(shape, { batchSize, negatives: 3 });
      const { samples } = await trainer.trainEpoch(1);
      expect(samples).toBe(4 * positives.users.length);
      expect(trainer.adam().steps).toEqual([Math.ceil(samples / batchSize)]);
    },
  );

  it.each([
    { userCount: 4, lookup: 'in the bitmap' },
    { userCount: 20_000, lookup: 'in the sorted positives, for a bitmap above 64 MiB' },
  ])('never takes a positive for a negative, found $lookup', async ({ userCount }) => {
    // user 0 has every item but one: it is all their negatives, and must be the only score that falls
    const [itemCount, free] = [30_000, 7];
    const distinct = await distinctInteractions({
      userCount,
      itemCount,
      users: new Int32Array(itemCount - 1),
      items: Int32Array.from({ length: itemCount - 1 }, (_, i) => (i < free ? i : i + 1)),
      timestamps: new Float64Array(itemCount - 1),
    });
    const shape = { userCount, itemCount, factors: 4, layers: [16, 8] };
    const { trainer, weights } = await createTrainer(shape, { learningRate: 0.003 }, distinct);
    const before = new NeuMFScorer(kernels, shape, weights).scoreAll(0, new Float32Array(itemCount));
    const { samples } = await trainer.trainEpoch(1);
    expect(samples).toBe(5 * (itemCount - 1));
    const after = new NeuMFScorer(kernels, shape, trainer.weights()).scoreAll(0, new Float32Array(itemCount));
    expect(after[free]).toBeLessThan(before[free]!);
    const mean = after.reduce((sum, score) => sum + score) / itemCount;
    expect(after[free]).toBeLessThan(mean - 3);
  });

  it.each([
    { factors: 8, layers: [64, 32, 16, 8] },
    { factors: 12, layers: [] },
    { factors: 0, layers: [16, 8] },
  ])('scores as the definition does: f $factors, layers $layers', (network) => {
    const shape = { ...sizes, ...network };
    const weights = randomWeights(shape, mulberry32(4));
    const scorer = new NeuMFScorer(kernels, shape, weights);
    const oracle = new NeuMFOracle(shape, weights);
    const { users, items } = drawPairs(50);
    scorer.scorePairs(users, items).forEach((score, i) => {
      expect(score).toBeCloseTo(oracle.logit(users[i]!, items[i]!), 5);
    });
    const all = scorer.scoreAll(7, new Float32Array(sizes.itemCount));
    all.forEach((score, item) => expect(score).toBeCloseTo(oracle.logit(7, item), 5));
  });

  it.each([
    { factors: 8, layers: [32, 24, 16, 8] },
    { factors: 12, layers: [] },
    { factors: 0, layers: [16, 8] },
  ])('folds a history in by steps against the derivative: f $factors, layers $layers', (network) => {
    const shape = { ...sizes, ...network };
    const weights = randomWeights(shape, mulberry32(4));
    const width = rowWidth(shape);
    const row = Float64Array.from({ length: width }, (_, k) => {
      const column = weights.users.filter((_value, i) => i % width === k);
      return column.reduce((sum, value) => sum + value, 0) / sizes.userCount;
    });
    // one item and no negatives: nothing is left to chance
    const [rates, regularization] = [[0.3, 0.2, 0.1], 0.01];
    for (const rate of rates) {
      const users = Float32Array.from(row);
      const oracle = new NeuMFOracle({ ...shape, userCount: 1 }, { ...weights, users }, regularization);
      const pair = { users: Int32Array.of(0), items: Int32Array.of(9), labels: Float32Array.of(1) };
      const { gradient } = oracle.differentiate(pair);
      gradient.users.forEach((slope, k) => (row[k]! -= rate * slope));
    }
    const folded = { ...weights, users: Float32Array.from(row) };
    const expected = new NeuMFOracle({ ...shape, userCount: 1 }, folded);
    const scorer = new NeuMFScorer(kernels, shape, weights);
    const before = scorer.scoreAll(3, new Float32Array(sizes.itemCount));
    const foldIn = { negatives: 0, regularization, rates };
    const scores = scorer.scoreHistory(Int32Array.of(9), foldIn, new Float32Array(sizes.itemCount));
    scores.forEach((score, item) => expect(score).toBeCloseTo(expected.logit(0, item), 4));
    expect(scorer.scoreAll(3, new Float32Array(sizes.itemCount))).toEqual(before);
    expect(scorer.weights()).toEqual(weights);
  });
});
