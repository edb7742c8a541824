import { tensor } from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';

import {
  denseParts,
  rowWidth,
  type DensePart,
  type NeuMFShape,
  type NeuMFWeights,
} from '../kernels/neumf-network.js';

/** Weights are assigned at once, here and wherever the model is loaded: drawing them before would be time lost. */
const ZEROS = { kernelInitializer: 'zeros' } as const;

/**
 * Builds the NeuMF network with given weights as a portable TensorFlow.js model.
 *
 * Inputs are a user and an item index, each of shape (n, 1); the output is the probability, shape
 * (n, 1). Layers are named as in `weights`, so a saved model is readable without this code. GMF alone and the MLP
 * alone have the layers of their part.
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
  const parts: SymbolicTensor[] = [];
  if (shape.factors > 0) {
    const factors = embedBoth('gmf', { user, item }, shape, shape.factors);
    // apply() is typed for tensors and for symbols; here and below it was given symbols
    parts.push(layers.multiply({ name: 'gmf' }).apply(factors) as SymbolicTensor);
  }
  const [inputs, ...widths] = shape.layers;
  if (inputs !== undefined) {
    const halves = embedBoth('mlp', { user, item }, shape, inputs / 2);
    let hidden = layers.concatenate({ name: 'mlp_input' }).apply(halves) as SymbolicTensor;
    widths.forEach((units, index) => {
      const layer = layers.dense({ ...ZEROS, units, activation: 'relu', name: `mlp_${index + 1}` });
      hidden = layer.apply(hidden) as SymbolicTensor;
    });
    parts.push(hidden);
  }
  // a network has one part at least
  const features = parts.length > 1 ? layers.concatenate({ name: 'features' }).apply(parts) : parts[0]!;
  const output = layers.dense({ ...ZEROS, units: 1, activation: 'sigmoid', name: 'output' }).apply(features);
  const network = model({ inputs: [user, item], outputs: output as SymbolicTensor, name: 'neumf' });
  setWeights(network, shape, weights);
  return network;
}

/** A user's and an item's embedding of one part, flat. */
function embedBoth(
  part: string,
  indices: Readonly<Record<'user' | 'item', SymbolicTensor>>,
  { userCount, itemCount }: NeuMFShape,
  outputDim: number,
): SymbolicTensor[] {
  const embed = (name: 'user' | 'item', inputDim: number): SymbolicTensor => {
    const embedding = { inputDim, outputDim, embeddingsInitializer: 'zeros' } as const;
    const rows = layers.embedding({ ...embedding, name: `${name}_${part}` }).apply(indices[name]);
    return layers.flatten({ name: `${name}_${part}_flat` }).apply(rows) as SymbolicTensor;
  };
  return [embed('user', userCount), embed('item', itemCount)];
}

function setWeights(network: LayersModel, shape: NeuMFShape, weights: NeuMFWeights): void {
  const half = (shape.layers[0] ?? 0) / 2;
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
    if (half > 0) assign(`${name}_mlp`, { values: columns(rows, 0, half), size: [count, half] });
    if (shape.factors > 0)
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
