// for its effect: it registers the derivatives of the operations, which the core leaves out
import '@tensorflow/tfjs-layers';
import {
  abs,
  add,
  concat2d,
  exp,
  log1p,
  matMul,
  mul,
  neg,
  relu,
  reshape,
  slice,
  sub,
  sum,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

import { denseParts, rowWidth, type DensePart, type NeuMFShape } from '../kernels/neumf-network.js';

/** Summed loss of some samples as a function of what it depends on. */
export type NeuMFLoss = (userRows: Tensor2D, itemRows: Tensor2D, dense: Tensor1D) => Scalar;

/**
 * The summed binary cross-entropy of labelled pairs under NeuMF, in operations that every backend differentiates.
 *
 * `userRows` and `itemRows` hold the embedding rows of the pairs, shape (n, rowWidth), as in `NeuMFWeights`;
 * `dense` is the flat array of the same name. With z the log-odds it is Σ max(z, 0) − z·y + ln(1 + e^−|z|).
 * The rows come gathered, because the gradient of a gather is missing on wasm and slow on cpu.
 *
 * @param labels Shape (n, 1), 1 for positives and 0 for negatives.
 */
export function neumfLoss(shape: NeuMFShape, labels: Tensor2D): NeuMFLoss {
  return (userRows, itemRows, dense) => {
    const logits = neumfLogits(shape, userRows, itemRows, dense);
    const losses = add(sub(relu(logits), mul(logits, labels)), log1p(exp(neg(abs(logits)))));
    return sum(losses);
  };
}

/** Log-odds of pairs whose embedding rows are given. Shape (n, 1). */
export function neumfLogits(
  shape: NeuMFShape,
  userRows: Tensor2D,
  itemRows: Tensor2D,
  dense: Tensor1D,
): Tensor2D {
  const half = (shape.layers[0] ?? 0) / 2;
  const { layers, output } = denseParts(shape);
  const columns = (rows: Tensor2D, start: number, end: number): Tensor2D =>
    slice(rows, [0, start], [-1, end - start]);
  const part = ({ start, inputs, outputs }: DensePart): Tensor2D =>
    reshape(slice(dense, [start], [inputs * outputs]), [inputs, outputs]);

  const features: Tensor2D[] = [];
  const width = rowWidth(shape);
  if (shape.factors > 0) features.push(mul(columns(userRows, half, width), columns(itemRows, half, width)));
  if (half > 0) {
    let hidden = concat2d([columns(userRows, 0, half), columns(itemRows, 0, half)], 1);
    for (const { kernel, bias } of layers) hidden = relu(add(matMul(hidden, part(kernel)), part(bias)));
    features.push(hidden);
  }
  return add(matMul(concat2d(features, 1), part(output.kernel)), part(output.bias));
}
