import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

import { randomWeights } from '../../../test/support/neumf-oracle.js';
import { mulberry32, tasteInteractions } from '../../../test/support/random.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { distinctInteractions } from '../core/interactions.js';
import { denseParts, rowWidth } from '../kernels/neumf-network.js';
import { NeuMFScorer } from '../kernels/neumf-scorer.js';
import { NeuMFTrainer } from '../kernels/neumf-trainer.js';
import { createNeuMFLayersModel } from './neumf-layers-model.js';

const kernels = new WasmKernelRuntime();
const sizes = { userCount: 40, itemCount: 60 };
const shape = { ...sizes, factors: 8, layers: [64, 32, 16, 8] };
const weights = randomWeights(shape, mulberry32(6));
const variants = [
  { name: 'NeuMF', shape },
  { name: 'GMF alone', shape: { ...sizes, factors: 12, layers: [] } },
  { name: 'the MLP alone', shape: { ...sizes, factors: 0, layers: [32, 16, 8] } },
].map((variant) => ({ ...variant, weights: randomWeights(variant.shape, mulberry32(6)) }));
const random = mulberry32(8);
const pairs = {
  users: Int32Array.from({ length: 48 }, () => Math.floor(40 * random())),
  items: Int32Array.from({ length: 48 }, () => Math.floor(60 * random())),
  labels: Float32Array.from({ length: 48 }, () => (random() < 0.3 ? 1 : 0)),
};
const column = (values: Int32Array | Float32Array): tf.Tensor2D =>
  tf.tensor2d([...values], [values.length, 1]);

describe('createNeuMFLayersModel', () => {
  it.each(variants)('predicts what the kernel predicts: $name', (variant) => {
    const network = createNeuMFLayersModel(variant.shape, variant.weights);
    const scores = new NeuMFScorer(kernels, variant.shape, variant.weights).scorePairs(
      pairs.users,
      pairs.items,
    );
    const predicted = tf.tidy(() => {
      // a network with one output predicts one tensor
      const output = network.predict([column(pairs.users), column(pairs.items)]) as tf.Tensor;
      return output.dataSync();
    });
    network.dispose();
    scores.forEach((score, i) => expect(predicted[i]).toBeCloseTo(1 / (1 + Math.exp(-score)), 5));
  });

  it.each(variants)(
    'has the gradient of the kernel: $name',
    async ({ shape: variant, weights: ofVariant }) => {
      const positives = await distinctInteractions(tasteInteractions());
      const options = {
        batchSize: 64,
        learningRate: 0.01,
        negatives: 4,
        regularization: 0,
        threads: 1,
        seed: 5,
      };
      const trainer = await NeuMFTrainer.create(kernels, {
        ...options,
        shape: variant,
        positives,
        weights: ofVariant,
      });
      const { loss, gradient } = trainer.differentiate(pairs);

      const network = createNeuMFLayersModel(variant, ofVariant);
      const { value, grads } = tf.variableGrads(() => {
        // as above: one output
        const output = network.predict([column(pairs.users), column(pairs.items)]) as tf.Tensor;
        return tf.losses.logLoss<tf.Tensor, tf.Scalar>(column(pairs.labels), output, undefined, 0);
      });
      expect(value.dataSync()[0]).toBeCloseTo(loss, 5);

      const width = rowWidth(variant);
      const rowsOf = (rows: Float32Array, start: number, end: number): Float32Array =>
        rows.filter((_, i) => i % width >= start && i % width < end);
      const parts = denseParts(variant);
      const half = width - variant.factors;
      const expected = [
        ['user_mlp', rowsOf(gradient.users, 0, half)] as const,
        ['user_gmf', rowsOf(gradient.users, half, width)] as const,
        ['item_mlp', rowsOf(gradient.items, 0, half)] as const,
        ['item_gmf', rowsOf(gradient.items, half, width)] as const,
        ...[...parts.layers, parts.output].flatMap(({ kernel, bias }, index) => {
          const name = index < parts.layers.length ? `mlp_${index + 1}` : 'output';
          return [kernel, bias].map(
            ({ start, inputs, outputs }, i) =>
              [
                `${name}/${i === 0 ? 'kernel' : 'bias'}`,
                gradient.dense.slice(start, start + inputs * outputs),
              ] as const,
          );
        }),
      ].filter(([, values]) => values.length > 0);
      expect(Object.keys(grads).length).toBe(expected.length);
      for (const [name, values] of expected) {
        const key = Object.keys(grads).find((candidate) => candidate.startsWith(name))!;
        const found = grads[key]!.dataSync();
        expect(found.length).toBe(values.length);
        values.forEach((derivative, i) => expect(Math.abs(found[i]! - derivative)).toBeLessThan(1e-6));
      }
      network.dispose();
      tf.dispose([value, grads]);
    },
  );

  it('holds one tensor a weight, and none once disposed of', () => {
    const before = tf.memory().numTensors;
    const network = createNeuMFLayersModel(shape, weights);
    // 4 embeddings, 3 layers and the output with kernel and bias
    expect(tf.memory().numTensors - before).toBe(4 + 2 * 4);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
