import { tensor } from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';

import {
  denseParts,
  rowWidth,
  type DensePart,
  type NeuMFShape,
  type NeuMFWeights,
} from '../kernels/neumf-network.js';

interface Embeddings {
  readonly half: SymbolicTensor;
  readonly factors: SymbolicTensor;
}

/** Weights are assigned at once, here and wherever the model is loaded: drawing them before would be time lost. */
const ZEROS = { kernelInitializer: 'zeros' } as const;

/**
 * Builds the NeuMF network with given weights as a portable TensorFlow.js model.
 *
 * Inputs are a user and an item index, each of shape (n, 1); the output is the probability, shape
 * (n, 1). Layers are named as in `weights`, so a saved model is readable without this code.
 * The caller disposes of it.
 *
 * @see He, Liao, Zhang, Nie, Hu & Chua, "Neural Collaborative Filtering", WWW 2017, §3.4, doi:10.1145/3038912.3052569.
 *
 * @example
 * const network = createNeuMFLayersModel(shape, weights);
 * network.predict([tensor2d([[3]]), tensor2d([[5]])]);
 */
export function createNeuMFLayersModel(shape: NeuMFShape, weights: NeuMFWeights): LayersModel {
  const user = input({ shape: [1], name: 'user' });
  const item = input({ shape: [1], name: 'item' });
  const ofUser = embed('user', user, { shape, count: shape.userCount });
  const ofItem = embed('item', item, { shape, count: shape.itemCount });

  let hidden = layers.concatenate({ name: 'mlp_input' }).apply([ofUser.half, ofItem.half]);
  shape.layers.slice(1).forEach((units, index) => {
    hidden = layers.dense({ ...ZEROS, units, activation: 'relu', name: `mlp_${index + 1}` }).apply(hidden);
  });
  const product = layers.multiply({ name: 'gmf' }).apply([ofUser.factors, ofItem.factors]);
  // apply() is typed for tensors and for symbols; it was given symbols
  const parts = [product, hidden] as SymbolicTensor[];
  const features = layers.concatenate({ name: 'features' }).apply(parts);
  const output = layers.dense({ ...ZEROS, units: 1, activation: 'sigmoid', name: 'output' }).apply(features);
  const network = model({ inputs: [user, item], outputs: output as SymbolicTensor, name: 'neumf' });
  setWeights(network, shape, weights);
  return network;
}

function embed(
  name: string,
  index: SymbolicTensor,
  { shape, count }: { shape: NeuMFShape; count: number },
): Embeddings {
  const embedding = (part: string, outputDim: number): SymbolicTensor => {
    const rows = layers
      .embedding({
        inputDim: count,
        outputDim,
        embeddingsInitializer: 'zeros',
        name: `${name}_${part}`,
      })
      .apply(index);
    // apply() is typed for tensors and for symbols; it was given a symbol
    return layers.flatten({ name: `${name}_${part}_flat` }).apply(rows) as SymbolicTensor;
  };
  return { half: embedding('mlp', shape.layers[0]! / 2), factors: embedding('gmf', shape.factors) };
}

function setWeights(network: LayersModel, shape: NeuMFShape, weights: NeuMFWeights): void {
  const half = shape.layers[0]! / 2;
  const width = rowWidth(shape);
  const columns = (rows: Float32Array, start: number, end: number): Float32Array => {
    const cut = new Float32Array((rows.length / width) * (end - start));
    for (let row = 0, to = 0; row < rows.length; row += width, to += end - start) {
      cut.set(rows.subarray(row + start, row + end), to);
    }
    return cut;
  };
  const assign = (layer: string, ...arrays: readonly { values: Float32Array; size: number[] }[]): void => {
    const tensors = arrays.map(({ values, size }) => tensor(values, size));
    network.getLayer(layer).setWeights(tensors);
    for (const each of tensors) each.dispose();
  };
  for (const [name, rows, count] of [
    ['user', weights.users, shape.userCount],
    ['item', weights.items, shape.itemCount],
  ] as const) {
    assign(`${name}_mlp`, { values: columns(rows, 0, half), size: [count, half] });
    assign(`${name}_gmf`, { values: columns(rows, half, width), size: [count, shape.factors] });
  }
  const parts = denseParts(shape);
  const slice = ({ start, inputs, outputs }: DensePart): Float32Array =>
    weights.dense.slice(start, start + inputs * outputs);
  [...parts.layers, parts.output].forEach(({ kernel, bias }, index) => {
    assign(
      index < parts.layers.length ? `mlp_${index + 1}` : 'output',
      { values: slice(kernel), size: [kernel.inputs, kernel.outputs] },
      { values: slice(bias), size: [bias.outputs] },
    );
  });
}
