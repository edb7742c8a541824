// forward and backward pass of the network over a group of up to GROUP samples
import { activate, addGradient, maskInactive, multiply } from './dense';
import { Plan, layerAt, rowOf } from './plan';
import { add, mul, sumOf, sumsOf } from './simd';

@inline
export function copy(from: usize, to: usize, length: i32): void {
  for (let k: usize = 0, end: usize = length << 2; k < end; k += 16) v128.store(to + k, v128.load(from + k));
}

/** `count` samples as whole blocks of 4. */
@inline
export function padded(count: i32): i32 {
  return (count + 3) & ~3;
}

/** Copies embeddings to input, and their products to features; padding repeats the last sample, which then counts nothing. */
function gather(plan: Plan, start: i32, count: i32): void {
  const half = plan.half;
  const halfBytes: usize = half << 2;
  const rowBytes: usize = plan.rowWidth << 2;
  const stride: usize = plan.featureWidth << 2;
  let input = plan.input;
  let features = plan.features - halfBytes;
  for (let s: i32 = 0, rows = padded(count); s < rows; s++) {
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

/** Runs the layers from `first` on over `rows` samples with input `x`. */
export function runLayers(plan: Plan, first: i32, x: usize, xStride: usize, rows: i32): void {
  for (let l = first; l < plan.layerCount; l++) {
    const layer = layerAt(plan, l);
    const y = layer.activation;
    const yStride = layer.activationStride;
    activate(x, xStride, layer.kernel, layer.bias, layer.inputs, layer.outputs, y, yStride, rows);
    x = y;
    xStride = yStride;
  }
}

/** Output layer, h · features + b, over features from … to (bytes) of `rows` samples, to `scores`. */
function readOut(plan: Plan, rows: i32, from: usize, to: usize, biasAt: usize, scores: usize): void {
  const output = plan.output;
  const bytes: usize = plan.featureWidth << 2;
  const bias = v128.load_splat<f32>(biasAt);
  const zero = f32x4.splat(0);
  let p0 = plan.features;
  for (let s: i32 = 0; s < rows; s += 4) {
    const p1 = p0 + bytes;
    const p2 = p1 + bytes;
    const p3 = p2 + bytes;
    let a = zero;
    let b = zero;
    let c = zero;
    let d = zero;
    for (let k = from; k < to; k += 16) {
      const h = v128.load(output + k);
      a = add(a, mul(h, v128.load(p0 + k)));
      b = add(b, mul(h, v128.load(p1 + k)));
      c = add(c, mul(h, v128.load(p2 + k)));
      d = add(d, mul(h, v128.load(p3 + k)));
    }
    v128.store(scores + (<usize>s << 2), add(sumsOf(a, b, c, d), bias));
    p0 = p3 + bytes;
  }
}

/** Log-odds of `count` samples of the chunk from `start`, to `scores`, which has room for whole blocks of 4. */
export function forward(plan: Plan, start: i32, count: i32, scores: usize): void {
  const rows = padded(count);
  gather(plan, start, count);
  runLayers(plan, 0, plan.input, <usize>plan.half << 3, rows);
  readOut(plan, rows, 0, plan.featureWidth << 2, plan.outputBias, scores);
}

/** As forward(), but each part by itself: the MLP to `errors`, the GMF product to `gmfErrors`. */
export function forwardApart(plan: Plan, start: i32, count: i32): void {
  const rows = padded(count);
  gather(plan, start, count);
  runLayers(plan, 0, plan.input, <usize>plan.half << 3, rows);
  const factorBytes: usize = plan.factors << 2;
  readOut(plan, rows, 0, factorBytes, plan.gmfBias, plan.gmfErrors);
  readOut(plan, rows, factorBytes, plan.featureWidth << 2, plan.outputBias, plan.errors);
}

/** Adds to the derivatives by output weights from … to (bytes) and by a bias. */
function addOutputGradient(plan: Plan, rows: i32, from: usize, to: usize, errors: usize, biasGradient: usize): void {
  const end = errors + (<usize>rows << 2);
  const stride: usize = plan.featureWidth << 2;
  for (let k = from; k < to; k += 16) {
    let sum = v128.load(plan.outputGradient + k);
    let f = plan.features + k;
    for (let e = errors; e < end; e += 4) {
      sum = add(sum, mul(v128.load_splat<f32>(e), v128.load(f)));
      f += stride;
    }
    v128.store(plan.outputGradient + k, sum);
  }
  let bias = f32x4.splat(0);
  for (let e = errors; e < end; e += 16) bias = add(bias, v128.load(e));
  store<f32>(biasGradient, load<f32>(biasGradient) + sumOf(bias));
}

/** Derivatives by the last layer's activation. */
export function backwardToLast(plan: Plan, rows: i32): void {
  if (plan.layerCount == 0) return;
  const errors = plan.errors;
  const end = errors + (<usize>rows << 2);
  const last = layerAt(plan, plan.layerCount - 1);
  const width: usize = last.outputs << 2;
  const toLast = plan.output + (<usize>plan.factors << 2);
  let d = last.delta;
  for (let e = errors; e < end; e += 4) {
    const error = v128.load_splat<f32>(e);
    for (let k: usize = 0; k < width; k += 16) v128.store(d + k, mul(error, v128.load(toLast + k)));
    d += width;
  }
}

/** Derivatives by the output layer, and by the last layer's activation. */
function backwardOutput(plan: Plan, rows: i32): void {
  const bytes: usize = plan.featureWidth << 2;
  const factorBytes: usize = plan.factors << 2;
  // with plain descent the factors have h in them: an h of its own would grow where their penalty makes them small
  const first: usize = plan.rowRate > 0 ? factorBytes : 0;
  if (plan.gmfErrors == plan.errors) {
    addOutputGradient(plan, rows, first, bytes, plan.errors, plan.outputBiasGradient);
  } else {
    addOutputGradient(plan, rows, first, factorBytes, plan.gmfErrors, plan.gmfBiasGradient);
    addOutputGradient(plan, rows, factorBytes, bytes, plan.errors, plan.outputBiasGradient);
  }
  backwardToLast(plan, rows);
}

/** Adds the dense derivatives of the group that forward() was last called with, and leaves those by its input. */
export function backward(plan: Plan, rows: i32): void {
  backwardOutput(plan, rows);
  for (let l = plan.layerCount - 1; l >= 0; l--) {
    const layer = layerAt(plan, l);
    const inputs = layer.inputs;
    const outputs = layer.outputs;
    const delta = layer.delta;
    const stride: usize = outputs << 2;
    const xDeltaStride: usize = inputs << 2;
    let x = plan.input;
    let xStride = xDeltaStride;
    let xDelta = plan.inputDelta;
    if (l > 0) {
      const before = layerAt(plan, l - 1);
      x = before.activation;
      xStride = before.activationStride;
      xDelta = before.delta;
    }
    maskInactive(delta, stride, layer.activation, layer.activationStride, rows, outputs, layer.biasGradient);
    addGradient(x, xStride, delta, stride, rows, inputs, outputs, layer.kernelGradient);
    multiply(delta, stride, layer.transposed, plan.zeros, outputs, inputs, xDelta, xDeltaStride, rows);
  }
}
