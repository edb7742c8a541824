// forward and backward pass of the network over a group of up to GROUP samples
import { addGradient, activate, maskInactive, multiply } from './dense';
import { Plan, layerAt, rowOf } from './plan';
import { add, mul, sumsOf } from './simd';

@inline
export function copy(from: usize, to: usize, length: i32): void {
  for (let k: usize = 0, end: usize = length << 2; k < end; k += 16) v128.store(to + k, v128.load(from + k));
}

/** Bytes between the rows of the output layer's input. */
@inline
export function featureStride(plan: Plan): usize {
  return <usize>(plan.factors + layerAt(plan, plan.layerCount - 1).outputs) << 2;
}

/** Copies the embeddings of `count` samples of the chunk to input and features; up to `rows` the last one again. */
function gather(plan: Plan, start: i32, count: i32, rows: i32): void {
  const half = plan.half;
  const halfBytes: usize = half << 2;
  const rowBytes: usize = plan.rowWidth << 2;
  const stride = featureStride(plan);
  let input = plan.input;
  let features = plan.features - halfBytes;
  for (let s: i32 = 0; s < rows; s++) {
    const sample = <usize>(start + min(s, count - 1)) << 2;
    const user = rowOf(plan.userRows, load<i32>(plan.chunkUsers + sample), plan.rowWidth);
    const item = rowOf(plan.itemRows, load<i32>(plan.chunkItems + sample), plan.rowWidth);
    copy(user, input, half);
    copy(item, input + halfBytes, half);
    for (let k = halfBytes; k < rowBytes; k += 16) {
      v128.store(features + k, mul(v128.load(user + k), v128.load(item + k)));
    }
    input += 2 * halfBytes;
    features += stride;
  }
}

/** Runs the layers from `first` on over `rows` samples whose input is in `x`. */
export function runLayers(plan: Plan, first: i32, x: usize, xStride: usize, rows: i32): void {
  for (let l = first; l < plan.layerCount; l++) {
    const layer = layerAt(plan, l);
    const { activation, activationStride } = layer;
    activate(x, xStride, layer.kernel, layer.bias, layer.inputs, layer.outputs, activation, activationStride, rows);
    x = activation;
    xStride = activationStride;
  }
}
