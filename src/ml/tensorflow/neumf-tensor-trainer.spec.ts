import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import { randomWeights } from '../../../test/support/neumf-oracle.js';
import { mulberry32, tasteInteractions } from '../../../test/support/random.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { distinctInteractions, type DistinctInteractions } from '../core/interactions.js';
import { NeuMFTrainer, type LabelledPairs } from '../kernels/neumf-trainer.js';
import type { NeuMFWeights } from '../kernels/neumf-network.js';
import { evaluateRanking } from '../metrics/ranking.js';
import { NeuMF } from '../recommenders/neumf.js';
import { Popularity } from '../recommenders/popularity.js';
import { leaveLatestOut } from '../splits/leave-latest-out.js';
import { loadTensorFlow } from './backends.js';
import { NeuMFTensorTrainer } from './neumf-tensor-trainer.js';

const kernels = new WasmKernelRuntime();
const shape = { userCount: 40, itemCount: 60, factors: 8, layers: [64, 32, 16, 8] };
const weights = randomWeights(shape, mulberry32(6));
const settings = {
  shape,
  weights,
  learningRate: 0.002,
  negatives: 4,
  regularization: 0.02,
  threads: 1,
  seed: 5,
};
const random = mulberry32(8);
const pairs: LabelledPairs = {
  users: Int32Array.from({ length: 48 }, () => Math.floor(40 * random())),
  items: Int32Array.from({ length: 48 }, () => Math.floor(60 * random())),
  labels: Float32Array.from({ length: 48 }, () => (random() < 0.3 ? 1 : 0)),
};

function differences(a: NeuMFWeights, b: NeuMFWeights): number[] {
  return (['users', 'items', 'dense'] as const).flatMap((name) => {
    expect(a[name].length).toBe(b[name].length);
    return Array.from(a[name], (value, i) => Math.abs(value - b[name][i]!));
  });
}

function largestDifference(a: NeuMFWeights, b: NeuMFWeights): number {
  return Math.max(...differences(a, b));
}

/** Adam's steps are as long for tiny gradients as for large ones, so rounding can turn some; none by a step of 0.002. */
function expectSameWeights(a: NeuMFWeights, b: NeuMFWeights): void {
  const found = differences(a, b);
  expect(found.reduce((sum, difference) => sum + difference, 0) / found.length).toBeLessThan(1e-5);
  expect(Math.max(...found)).toBeLessThan(1e-3);
}

describe.each(['tfjs-backend-wasm', 'tfjs-backend-cpu'] as const)('NeuMFTensorTrainer on %s', (name) => {
  let positives: DistinctInteractions;
  let before: number;

  beforeAll(async () => {
    const { backend } = await loadTensorFlow([name]);
    expect(backend.name).toBe(name);
    positives = await distinctInteractions(tasteInteractions());
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it.each([64, 20])('has the loss and the gradient of the kernel, in slices of %i', async (sliceLength) => {
    const options = { ...settings, positives, batchSize: 64 };
    const kernel = (await NeuMFTrainer.create(kernels, options)).differentiate(pairs);
    const trainer = new NeuMFTensorTrainer(kernels, options, sliceLength);
    const { loss, gradient } = await trainer.differentiate(pairs);
    expect(loss).toBeCloseTo(kernel.loss, 5);
    expect(largestDifference(gradient, kernel.gradient)).toBeLessThan(1e-6);
    await trainer.close();
  });

  it('leaves no tensor behind when it is aborted', async () => {
    const abort = new AbortController();
    const trainer = new NeuMFTensorTrainer(kernels, { ...settings, positives, batchSize: 64 }, 16);
    const training = trainer.trainEpoch(1, abort.signal);
    setTimeout(() => abort.abort('cancel'), 20);
    await expect(training).rejects.toBe('cancel');
    await trainer.close();
  });
});

describe('NeuMFTensorTrainer', () => {
  let positives: DistinctInteractions;
  let before: number;

  beforeAll(async () => {
    await loadTensorFlow(['tfjs-backend-wasm']);
    positives = await distinctInteractions(tasteInteractions());
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  it.each([
    { batchSize: 64, sliceLength: 64 },
    { batchSize: 5000, sliceLength: 512 },
  ])('does what the kernel does in two epochs with batches of $batchSize', async (sizes) => {
    const options = { ...settings, positives, batchSize: sizes.batchSize };
    const trainer = new NeuMFTensorTrainer(kernels, options, sizes.sliceLength);
    const twin = await NeuMFTrainer.create(kernels, options);
    for (const epoch of [1, 2]) {
      const [ours, theirs] = [await trainer.trainEpoch(epoch), await twin.trainEpoch(epoch)];
      expect(ours.samples).toBe(theirs.samples);
      expect(ours.loss).toBeCloseTo(theirs.loss, 4);
    }
    expectSameWeights(trainer.weights(), twin.weights());
    expect(largestDifference(trainer.adam().first, twin.adam().first)).toBeLessThan(1e-4);
    expect(trainer.adam().steps).toEqual(twin.adam().steps);
    await trainer.close();
    await twin.close();
  });

  it('goes on from where it, or the kernel, stopped', async () => {
    const options = { ...settings, positives, batchSize: 64 };
    const whole = new NeuMFTensorTrainer(kernels, options, 64);
    const first = await NeuMFTrainer.create(kernels, options);
    await whole.trainEpoch(1);
    await whole.trainEpoch(2);
    await first.trainEpoch(1);
    const resumed = { ...options, weights: first.weights(), adam: first.adam() };
    const second = new NeuMFTensorTrainer(kernels, resumed, 64);
    await second.trainEpoch(2);
    expectSameWeights(second.weights(), whole.weights());
    await whole.close();
    await second.close();
  });
});

describe('NeuMF on TensorFlow', () => {
  it('learns tastes that popularity does not know, into the model that the kernels serve', async () => {
    const { startNeuMFTraining } = (await loadTensorFlow()).backend;
    const split = await leaveLatestOut(tasteInteractions({ userCount: 60, rowsPerUser: 20 }), { seed: 3 });
    const context = { kernels, seed: 7, startNeuMFTraining };
    const hyperparameters = { epochs: 15, factors: 8, layers: [16, 8], batchSize: 64, learningRate: 0.005 };
    const model = await new NeuMF(hyperparameters).fit(split.training, context);
    const popularity = await new Popularity().fit(split.training, context);
    const ours = await evaluateRanking(model, split.heldOut);
    const theirs = await evaluateRanking(popularity, split.heldOut);
    expect(ours.ndcg10).toBeGreaterThan(1.2 * theirs.ndcg10);

    // the kernels, given the same, come to the same model
    const twin = await new NeuMF(hyperparameters).fit(split.training, { kernels, seed: 7 });
    const scores = twin.scoreAll(3);
    model.scoreAll(3).forEach((score, item) => expect(Math.abs(score - scores[item]!)).toBeLessThan(0.05));
  });
});
