// steps of one row against what somebody took, items and dense layers as they are
import { differentiateLoss } from './cross-entropy';
import { maskInactive, multiply, transpose } from './dense';
import { backwardToLast, padded, runLayers } from './network';
import { GROUP, Plan, layerAt, rowOf } from './plan';
import { preparedWidth, prepareUser } from './scoring';
import { add, mul, sumOf, sumsOf } from './simd';

@inline
function preparedOf(plan: Plan, start: i32, count: i32, s: i32): usize {
  const item = load<i32>(plan.chunkItems + (<usize>(start + min(s, count - 1)) << 2));
  return rowOf(plan.preparedItems, item, preparedWidth(plan));
}

/** Log-odds of `count` samples from `start` for the prepared row, to `errors`. */
function forwardPrepared(plan: Plan, start: i32, count: i32): void {
  const rows = padded(count);
  const first = layerAt(plan, 0);
  const zero = f32x4.splat(0);
  const hiddenBytes: usize = plan.hiddenWidth << 2;
  const bytes: usize = preparedWidth(plan) << 2;
  const factors = plan.input - hiddenBytes;
  const bias = load<f32>(plan.outputBias);
  let activation = first.activation;
  for (let s: i32 = 0; s < rows; s++) {
    const item = preparedOf(plan, start, count, s);
    for (let k: usize = 0; k < hiddenBytes; k += 16) {
      v128.store(activation + k, f32x4.pmax(zero, add(v128.load(item + k), v128.load(plan.inputDelta + k))));
    }
    let sum = zero;
    for (let k = hiddenBytes; k < bytes; k += 16) sum = add(sum, mul(v128.load(item + k), v128.load(factors + k)));
    store<f32>(plan.errors + (<usize>s << 2), sumOf(sum) + bias);
    activation += first.activationStride;
  }
  if (plan.layerCount == 0) return;
  runLayers(plan, 1, first.activation, first.activationStride, rows);
  const stride: usize = plan.featureWidth << 2;
  let feature = plan.features;
  for (let s: i32 = 0; s < rows; s++) {
    let sum = zero;
    for (let k: usize = plan.factors << 2; k < stride; k += 16) {
      sum = add(sum, mul(v128.load(plan.output + k), v128.load(feature + k)));
    }
    const at = plan.errors + (<usize>s << 2);
    store<f32>(at, load<f32>(at) + sumOf(sum));
    feature += stride;
  }
}

/** Adds the derivatives by the row's factors, and by its part of layer 1 to that layer's bias gradient. */
function backwardPrepared(plan: Plan, start: i32, count: i32): void {
  const halfBytes: usize = plan.half << 2;
  const hiddenBytes: usize = plan.hiddenWidth << 2;
  const factorBytes: usize = plan.factors << 2;
  const gradient = plan.foldGradient + halfBytes;
  for (let s: i32 = 0; s < count; s++) {
    const item = preparedOf(plan, start, count, s) + hiddenBytes;
    const error = v128.load_splat<f32>(plan.errors + (<usize>s << 2));
    for (let k: usize = 0; k < factorBytes; k += 16) {
      const weight = mul(error, v128.load(plan.output + k));
      v128.store(gradient + k, add(v128.load(gradient + k), mul(weight, v128.load(item + k))));
    }
  }
  const rows = padded(count);
  backwardToLast(plan, rows);
  for (let l = plan.layerCount - 1; l >= 0; l--) {
    const layer = layerAt(plan, l);
    const stride: usize = layer.outputs << 2;
    const outputs = layer.outputs;
    const delta = layer.delta;
    maskInactive(delta, stride, layer.activation, layer.activationStride, rows, outputs, layer.biasGradient);
    if (l == 0) break;
    const before = layerAt(plan, l - 1);
    multiply(delta, stride, layer.transposed, plan.zeros, outputs, layer.inputs, before.delta, <usize>layer.inputs << 2, rows);
  }
}

/** Derivative by the half that enters the MLP: rows of layer 1's kernel times the derivative by its outputs. */
function backwardToHalf(plan: Plan): void {
  if (plan.layerCount == 0) return;
  const first = layerAt(plan, 0);
  const bytes: usize = first.outputs << 2;
  const delta = first.biasGradient;
  let p0 = first.kernel;
  for (let k: usize = 0, end: usize = plan.half << 2; k < end; k += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let j: usize = 0; j < bytes; j += 16) {
      const g = v128.load(delta + j);
      a = add(a, mul(g, v128.load(p0 + j)));
      b = add(b, mul(g, v128.load(p0 + bytes + j)));
      c = add(c, mul(g, v128.load(p0 + 2 * bytes + j)));
      d = add(d, mul(g, v128.load(p0 + 3 * bytes + j)));
    }
    v128.store(plan.foldGradient + k, sumsOf(a, b, c, d));
    p0 += 4 * bytes;
  }
}

/**
 * One plain step of the fold row on chunk samples 0 … count − 1, each counting whole; prepareItems() came before.
 * Kernels are transposed anew where `isFirst` is not 0.
 */
export function foldIn(planAddress: usize, count: i32, isFirst: i32): void {
  const plan = changetype<Plan>(planAddress);
  if (isFirst) {
    for (let l: i32 = 1; l < plan.layerCount; l++) {
      const layer = layerAt(plan, l);
      transpose(layer.kernel, layer.inputs, layer.outputs, layer.transposed);
    }
  }
  const bytes: usize = plan.rowWidth << 2;
  memory.fill(plan.foldGradient, 0, bytes);
  if (plan.layerCount > 0) memory.fill(layerAt(plan, 0).biasGradient, 0, plan.hiddenWidth << 2);
  prepareUser(plan, plan.foldRow);
  for (let i: i32 = 0; i < count; i += GROUP) {
    const rows = min(GROUP, count - i);
    forwardPrepared(plan, i, rows);
    plan.loss += differentiateLoss(plan, plan.errors, i, rows);
    backwardPrepared(plan, i, rows);
  }
  plan.samples += count;
  backwardToHalf(plan);
  const rate = f32x4.splat(-plan.rowRate);
  const decay = f32x4.splat(plan.regularization * <f32>count);
  for (let k: usize = 0; k < bytes; k += 16) {
    const row = v128.load(plan.foldRow + k);
    const slope = add(v128.load(plan.foldGradient + k), mul(decay, row));
    v128.store(plan.foldRow + k, add(row, mul(rate, slope)));
  }
}
