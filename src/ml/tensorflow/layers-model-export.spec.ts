import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';

import { randomWeights } from '../../../test/support/neumf-oracle.js';
import { mulberry32 } from '../../../test/support/random.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { IncompatibleStateError } from '../core/errors.js';
import { NeuMFScorer } from '../kernels/neumf-scorer.js';
import { writeModel } from '../recommenders/neumf-state.js';
import { exportLayersModel, type ExportedLayersModel } from './layers-model-export.js';

const kernels = new WasmKernelRuntime();
const shape = { userCount: 40, itemCount: 60, factors: 8, layers: [64, 32, 16, 8] };
const weights = randomWeights(shape, mulberry32(6));

async function load({ model, shards }: ExportedLayersModel): ReturnType<typeof loadLayersModel> {
  // through JSON, as it travels
  const { modelTopology, weightsManifest } = JSON.parse(JSON.stringify(model)) as tf.io.ModelJSON;
  return loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap((group) => group.weights),
      weightData: Uint8Array.from(Buffer.concat(shards.map(({ bytes }) => bytes))).buffer,
    }),
  );
}

const foldIn = { negatives: 4, regularization: 0, rates: [0.05] };

describe('exportLayersModel', () => {
  it('loads into a model that scores every pair as the kernel does', async () => {
    const users = Int32Array.from({ length: 40 * 60 }, (_, i) => Math.floor(i / 60));
    const items = Int32Array.from({ length: 40 * 60 }, (_, i) => i % 60);
    const scores = new NeuMFScorer(kernels, shape, weights).scorePairs(users, items);
    const network = await load(await exportLayersModel(writeModel(shape, weights, foldIn)));
    const predicted = tf.tidy(() => {
      const column = (values: Int32Array): tf.Tensor2D => tf.tensor2d([...values], [values.length, 1]);
      // a network with one output predicts one tensor
      return (network.predict([column(users), column(items)]) as tf.Tensor).dataSync();
    });
    network.dispose();
    scores.forEach((score, i) => {
      expect(Math.abs(predicted[i]! - 1 / (1 + Math.exp(-score)))).toBeLessThan(1e-5);
    });
  });

  it('cuts the weights into files of at most 4 MiB and names them in order', async () => {
    // 30,000 × 40 + 60 × 40 embedding floats and the dense part: 4.8 MB, so 2 files
    const large = { ...shape, userCount: 30_000 };
    const { model, shards } = await exportLayersModel(
      writeModel(large, randomWeights(large, mulberry32(7)), foldIn),
      'artifact/',
    );
    expect(model.weightsManifest.flatMap(({ paths }) => paths)).toEqual([
      'artifact/group1-shard1of2.bin',
      'artifact/group1-shard2of2.bin',
    ]);
    expect(shards.map(({ name }) => `artifact/${name}`)).toEqual(model.weightsManifest[0]?.paths);
    const floats = model.weightsManifest
      .flatMap((group) => group.weights)
      .reduce((sum, { shape: dimensions }) => sum + dimensions.reduce((a, b) => a * b, 1), 0);
    const bytes = shards.map((shard) => shard.bytes.byteLength);
    expect(bytes).toEqual([4 * 2 ** 20, floats * 4 - 4 * 2 ** 20]);
  });

  it('leaves no tensor behind, however often it runs', async () => {
    await exportLayersModel(writeModel(shape, weights, foldIn));
    const before = tf.memory();
    for (let turn = 0; turn < 50; turn += 1) await exportLayersModel(writeModel(shape, weights, foldIn));
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
  });

  it('refuses what is no network', async () => {
    const popularity = { kind: 'popularity/1', fitted: {}, tensors: {} };
    await expect(exportLayersModel(popularity)).rejects.toThrow(IncompatibleStateError);
    const { kind, fitted } = writeModel(shape, weights, foldIn);
    await expect(exportLayersModel({ kind, fitted, tensors: {} })).rejects.toThrow(/tensor users/);
  });
});
