// NeuMF: fused forward and backward pass over blocks of 4 samples, lazy Adam, and scoring. Host: ../neumf-trainer.ts, ../neumf-scorer.ts
import { correctedRate, descend } from './adam';
import { activate, addGradient, maskInactive, multiply, transpose } from './dense';
import { LAYER_BYTES, Layer, Plan } from './plan';
import { fillChunk, shufflePositives } from './sampling';
import { BLOCK_STRIDE, add, exp4, mul, sumOf } from './simd';

/** Log-odds are clamped to ± this for loss and derivative: e^-30 is below what a float can add to 1. */
const MAX_LOGIT: f32 = 30;

@inline
function layerAt(plan: Plan, index: i32): Layer {
  return changetype<Layer>(plan.layers + <usize>index * LAYER_BYTES);
}

@inline
function rowOf(rows: usize, index: i32, width: i32): usize {
  return rows + <usize>index * (<usize>width << 2);
}

@inline
function copy(from: usize, to: usize, length: i32): void {
  for (let k: usize = 0, end: usize = length << 2; k < end; k += 16) v128.store(to + k, v128.load(from + k));
}

/** Sample of a block; a block past `end` repeats the last sample, which then counts nothing. */
@inline
function sampleAt(index: i32, end: i32): usize {
  return <usize>(index < end ? index : end - 1) << 2;
}

/** Output layer over the features of one block row: h · features + b. */
@inline
function readOut(plan: Plan, features: usize, width: i32): f32 {
  const output = plan.output;
  let sum = f32x4.splat(0);
  for (let k: usize = 0, end: usize = width << 2; k < end; k += 16) {
    sum = add(sum, mul(v128.load(features + k), v128.load(output + k)));
  }
  return sumOf(sum) + load<f32>(plan.outputBias);
}

/** Log-odds of the 4 samples from `start`; leaves input, activations and features in their blocks. */
function forward(plan: Plan, start: i32, end: i32): v128 {
  const half = plan.half;
  const factors = plan.factors;
  const halfBytes: usize = half << 2;
  for (let s: i32 = 0; s < 4; s++) {
    const sample = sampleAt(start + s, end);
    const user = rowOf(plan.userRows, load<i32>(plan.chunkUsers + sample), plan.rowWidth);
    const item = rowOf(plan.itemRows, load<i32>(plan.chunkItems + sample), plan.rowWidth);
    const input = plan.input + <usize>s * BLOCK_STRIDE;
    copy(user, input, half);
    copy(item, input + halfBytes, half);
    const features = plan.features + <usize>s * BLOCK_STRIDE;
    for (let k: usize = 0, last: usize = factors << 2; k < last; k += 16) {
      v128.store(features + k, mul(v128.load(user + halfBytes + k), v128.load(item + halfBytes + k)));
    }
  }
  let x = plan.input;
  let width: i32 = 2 * half;
  for (let l: i32 = 0; l < plan.layerCount; l++) {
    const layer = layerAt(plan, l);
    activate(x, layer.kernel, layer.bias, layer.inputs, layer.outputs, layer.activation);
    x = layer.activation;
    width = layer.outputs;
  }
  width += factors;
  return f32x4(
    readOut(plan, plan.features, width),
    readOut(plan, plan.features + BLOCK_STRIDE, width),
    readOut(plan, plan.features + 2 * BLOCK_STRIDE, width),
    readOut(plan, plan.features + 3 * BLOCK_STRIDE, width),
  );
}

@inline
function clear(at: usize, length: i32): void {
  const zero = f32x4.splat(0);
  for (let k: usize = 0, end: usize = length << 2; k < end; k += 16) v128.store(at + k, zero);
}

/** Gradient row of `user` in this batch, zero when new. */
@inline
function userGradientOf(plan: Plan, user: i32): usize {
  const width = plan.rowWidth;
  const slot = load<i32>(plan.userSlots + (user << 2));
  if (slot >= 0) return rowOf(plan.userGradient, slot, width);
  const added = plan.userTouchedCount++;
  store<i32>(plan.userSlots + (user << 2), added);
  store<i32>(plan.userTouched + (added << 2), user);
  const gradient = rowOf(plan.userGradient, added, width);
  clear(gradient, width);
  return gradient;
}

/** Gradient row of `item` in this batch, zero when new. */
@inline
function itemGradientOf(plan: Plan, item: i32): usize {
  const width = plan.rowWidth;
  const slot = load<i32>(plan.itemSlots + (item << 2));
  if (slot >= 0) return rowOf(plan.itemGradient, slot, width);
  const added = plan.itemTouchedCount++;
  store<i32>(plan.itemSlots + (item << 2), added);
  store<i32>(plan.itemTouched + (added << 2), item);
  const gradient = rowOf(plan.itemGradient, added, width);
  clear(gradient, width);
  return gradient;
}

/** Adds the derivatives by both embedding rows of one sample: MLP part from the input delta, GMF part from the product rule. */
function addRowGradients(plan: Plan, sample: usize, row: usize, error: f32): void {
  const width = plan.rowWidth;
  const halfBytes: usize = plan.half << 2;
  const userIndex = load<i32>(plan.chunkUsers + sample);
  const itemIndex = load<i32>(plan.chunkItems + sample);
  const user = rowOf(plan.userRows, userIndex, width);
  const item = rowOf(plan.itemRows, itemIndex, width);
  const toUser = userGradientOf(plan, userIndex);
  const toItem = itemGradientOf(plan, itemIndex);

  const decay = f32x4.splat(plan.regularization);
  const userDelta = plan.inputDelta + row * BLOCK_STRIDE;
  const itemDelta = userDelta + halfBytes;
  for (let k: usize = 0; k < halfBytes; k += 16) {
    const u = add(v128.load(userDelta + k), mul(decay, v128.load(user + k)));
    const i = add(v128.load(itemDelta + k), mul(decay, v128.load(item + k)));
    v128.store(toUser + k, add(v128.load(toUser + k), u));
    v128.store(toItem + k, add(v128.load(toItem + k), i));
  }
  const error4 = f32x4.splat(error);
  const output = plan.output - halfBytes;
  for (let k = halfBytes, end: usize = width << 2; k < end; k += 16) {
    const weight = mul(error4, v128.load(output + k));
    const u = v128.load(user + k);
    const i = v128.load(item + k);
    v128.store(toUser + k, add(v128.load(toUser + k), add(mul(weight, i), mul(decay, u))));
    v128.store(toItem + k, add(v128.load(toItem + k), add(mul(weight, u), mul(decay, i))));
  }
}

/** Adds the derivatives of the 4 samples whose output errors are given; forward() of the same block came before. */
function backward(plan: Plan, start: i32, end: i32, errors: v128): void {
  const factors = plan.factors;
  const last = layerAt(plan, plan.layerCount - 1);
  const width = factors + last.outputs;
  const e0 = f32x4.splat(f32x4.extract_lane(errors, 0));
  const e1 = f32x4.splat(f32x4.extract_lane(errors, 1));
  const e2 = f32x4.splat(f32x4.extract_lane(errors, 2));
  const e3 = f32x4.splat(f32x4.extract_lane(errors, 3));
  for (let k: usize = 0, stop: usize = width << 2; k < stop; k += 16) {
    const f = plan.features + k;
    const g = plan.outputGradient + k;
    let sum = add(mul(e0, v128.load(f)), mul(e1, v128.load(f, 5184)));
    sum = add(sum, add(mul(e2, v128.load(f, 10368)), mul(e3, v128.load(f, 15552))));
    v128.store(g, add(v128.load(g), sum));
  }
  store<f32>(plan.outputBiasGradient, load<f32>(plan.outputBiasGradient) + sumOf(errors));

  const toLast = plan.output + (factors << 2);
  for (let k: usize = 0, stop: usize = last.outputs << 2; k < stop; k += 16) {
    const h = v128.load(toLast + k);
    const d = last.delta + k;
    v128.store(d, mul(e0, h));
    v128.store(d, mul(e1, h), 5184);
    v128.store(d, mul(e2, h), 10368);
    v128.store(d, mul(e3, h), 15552);
  }
  for (let l = plan.layerCount - 1; l >= 0; l--) {
    const layer = layerAt(plan, l);
    const x = l > 0 ? layerAt(plan, l - 1).activation : plan.input;
    const xDelta = l > 0 ? layerAt(plan, l - 1).delta : plan.inputDelta;
    maskInactive(layer.delta, layer.activation, layer.outputs);
    addGradient(x, layer.delta, layer.inputs, layer.outputs, layer.kernelGradient, layer.biasGradient);
    multiply(layer.delta, layer.transposed, plan.zeros, layer.outputs, layer.inputs, xDelta);
  }

  const count = end - start;
  addRowGradients(plan, <usize>start << 2, 0, f32x4.extract_lane(errors, 0));
  if (count > 1) addRowGradients(plan, <usize>(start + 1) << 2, 1, f32x4.extract_lane(errors, 1));
  if (count > 2) addRowGradients(plan, <usize>(start + 2) << 2, 2, f32x4.extract_lane(errors, 2));
  if (count > 3) addRowGradients(plan, <usize>(start + 3) << 2, 3, f32x4.extract_lane(errors, 3));
}

/** Copies each kernel transposed, for the backward pass of the batch that begins. */
export function beginBatch(planAddress: usize): void {
  const plan = changetype<Plan>(planAddress);
  for (let l: i32 = 0; l < plan.layerCount; l++) {
    const layer = layerAt(plan, l);
    transpose(layer.kernel, layer.inputs, layer.outputs, layer.transposed);
  }
}

/** Adds loss and gradient of chunk samples start … end, end excluded, to the current batch. */
export function accumulate(planAddress: usize, start: i32, end: i32): void {
  const plan = changetype<Plan>(planAddress);
  const lanes = i32x4(0, 1, 2, 3);
  const one = f32x4.splat(1);
  // likelihood of the labels, as a product: one logarithm serves hundreds of samples
  let likelihood: f64 = 1;
  let loss: f64 = 0;
  for (let i = start; i < end; i += 4) {
    let z = forward(plan, i, end);
    z = f32x4.pmax(f32x4.splat(-MAX_LOGIT), f32x4.pmin(f32x4.splat(MAX_LOGIT), z));
    const label = v128.load(plan.chunkLabels + (<usize>i << 2));
    const valid = i32x4.lt_s(lanes, i32x4.splat(end - i));
    const sign = f32x4.sub(add(label, label), one);
    const e = exp4(f32x4.neg(f32x4.abs(z)));
    const larger = f32x4.div(one, add(one, e));
    const smaller = mul(e, larger);
    const isRight = f32x4.ge(mul(sign, z), f32x4.splat(0));
    const right = v128.bitselect(v128.bitselect(larger, smaller, isRight), one, valid);
    const wrong = v128.bitselect(smaller, larger, isRight);
    likelihood *=
      <f64>f32x4.extract_lane(right, 0) *
      <f64>f32x4.extract_lane(right, 1) *
      (<f64>f32x4.extract_lane(right, 2) * <f64>f32x4.extract_lane(right, 3));
    // 4 samples shrink it by at most e^-120, so it cannot underflow in between
    if (likelihood < 1e-200) {
      loss -= Math.log(likelihood);
      likelihood = 1;
    }
    // p - y: minus the sign times the probability given to the wrong label
    backward(plan, i, end, v128.and(mul(f32x4.neg(sign), wrong), valid));
  }
  plan.loss += loss - Math.log(likelihood);
  plan.samples += end - start;
  plan.batchFill += end - start;
}

/** Ends the batch: one Adam step for the dense layers and for every row it touched. */
export function applyBatch(planAddress: usize): void {
  const plan = changetype<Plan>(planAddress);
  const scale: f32 = 1 / <f32>plan.batchFill;
  const rate = correctedRate(plan.learningRate, ++plan.step);
  descend(plan.dense, plan.denseFirst, plan.denseSecond, plan.denseGradient, plan.denseLength, rate, scale);
  memory.fill(plan.denseGradient, 0, plan.denseLength << 2);

  const width = plan.rowWidth;
  for (let slot: i32 = 0; slot < plan.userTouchedCount; slot++) {
    const user = load<i32>(plan.userTouched + (slot << 2));
    const shift = rowOf(0, user, width);
    const gradient = rowOf(plan.userGradient, slot, width);
    descend(plan.userRows + shift, plan.userFirst + shift, plan.userSecond + shift, gradient, width, rate, scale);
    store<i32>(plan.userSlots + (user << 2), -1);
  }
  for (let slot: i32 = 0; slot < plan.itemTouchedCount; slot++) {
    const item = load<i32>(plan.itemTouched + (slot << 2));
    const shift = rowOf(0, item, width);
    const gradient = rowOf(plan.itemGradient, slot, width);
    descend(plan.itemRows + shift, plan.itemFirst + shift, plan.itemSecond + shift, gradient, width, rate, scale);
    store<i32>(plan.itemSlots + (item << 2), -1);
  }
  plan.userTouchedCount = 0;
  plan.itemTouchedCount = 0;
  plan.batchFill = 0;
}

/** Steps from … to of the shuffle of all positives. */
export function shuffle(planAddress: usize, from: i32, to: i32): void {
  shufflePositives(changetype<Plan>(planAddress), from, to);
}

/** Trains on about `budget` samples of this thread's share. @returns 1 while there are more, 0 at the end of the epoch. */
export function train(planAddress: usize, budget: i32): i32 {
  const plan = changetype<Plan>(planAddress);
  let left = budget;
  while (left > 0) {
    if (plan.chunkPosition == plan.chunkLength) {
      if (plan.cursor == plan.end) {
        if (plan.batchFill > 0) applyBatch(planAddress);
        return 0;
      }
      fillChunk(plan);
    }
    if (plan.batchFill == 0) beginBatch(planAddress);
    const start = plan.chunkPosition;
    let count = min(plan.chunkLength - start, plan.batchSize - plan.batchFill);
    // whole blocks, unless batch or chunk end here
    count = min(count, (left + 3) & ~3);
    accumulate(planAddress, start, start + count);
    plan.chunkPosition = start + count;
    left -= count;
    if (plan.batchFill == plan.batchSize) applyBatch(planAddress);
  }
  return 1;
}

/** Log-odds of the first `count` pairs of the chunk, to `scores`. */
export function scorePairs(planAddress: usize, count: i32): void {
  const plan = changetype<Plan>(planAddress);
  for (let i: i32 = 0; i < count; i += 4) v128.store(plan.scores + (<usize>i << 2), forward(plan, i, count));
}

/** Precomputes what items contribute to layer 1, for items from … to. */
export function prepareItems(planAddress: usize, from: i32, to: i32): void {
  const plan = changetype<Plan>(planAddress);
  const layer = layerAt(plan, 0);
  const kernel = layer.kernel + <usize>plan.half * (<usize>layer.outputs << 2);
  for (let i = from; i < to; i += 4) {
    const count = min(4, to - i);
    for (let s: i32 = 0; s < count; s++) {
      copy(rowOf(plan.itemRows, i + s, plan.rowWidth), plan.input + <usize>s * BLOCK_STRIDE, plan.half);
    }
    multiply(plan.input, kernel, plan.zeros, plan.half, layer.outputs, layer.activation);
    for (let s: i32 = 0; s < count; s++) {
      copy(layer.activation + <usize>s * BLOCK_STRIDE, rowOf(plan.itemHidden, i + s, layer.outputs), layer.outputs);
    }
  }
}

/** Log-odds of every item for `user`, to `scores`; prepareItems() came before. */
export function scoreAll(planAddress: usize, user: i32): void {
  const plan = changetype<Plan>(planAddress);
  const first = layerAt(plan, 0);
  const last = layerAt(plan, plan.layerCount - 1);
  const factors = plan.factors;
  const userRow = rowOf(plan.userRows, user, plan.rowWidth);
  // the user's half of layer 1, and h * p_u: both are the same for every item
  copy(userRow, plan.input, plan.half);
  const userHidden = plan.inputDelta;
  multiply(plan.input, first.kernel, first.bias, plan.half, first.outputs, userHidden);
  const userFactors = userHidden + BLOCK_STRIDE;
  for (let k: usize = 0, end: usize = factors << 2; k < end; k += 16) {
    const p = v128.load(userRow + (<usize>plan.half << 2) + k);
    v128.store(userFactors + k, mul(p, v128.load(plan.output + k)));
  }

  const zero = f32x4.splat(0);
  const hiddenBytes: usize = first.outputs << 2;
  const lastBytes: usize = last.outputs << 2;
  const toLast = plan.output + (factors << 2);
  const bias = load<f32>(plan.outputBias);
  for (let i: i32 = 0; i < plan.itemCount; i += 4) {
    for (let s: i32 = 0; s < 4; s++) {
      const item = min(i + s, plan.itemCount - 1);
      const hidden = rowOf(plan.itemHidden, item, first.outputs);
      const activation = first.activation + <usize>s * BLOCK_STRIDE;
      for (let k: usize = 0; k < hiddenBytes; k += 16) {
        v128.store(activation + k, f32x4.pmax(zero, add(v128.load(hidden + k), v128.load(userHidden + k))));
      }
    }
    for (let l: i32 = 1; l < plan.layerCount; l++) {
      const layer = layerAt(plan, l);
      const x = layerAt(plan, l - 1).activation;
      activate(x, layer.kernel, layer.bias, layer.inputs, layer.outputs, layer.activation);
    }
    for (let s: i32 = 0; s < 4; s++) {
      const item = rowOf(plan.itemRows, min(i + s, plan.itemCount - 1), plan.rowWidth) + (<usize>plan.half << 2);
      let sum = zero;
      for (let k: usize = 0, end: usize = factors << 2; k < end; k += 16) {
        sum = add(sum, mul(v128.load(item + k), v128.load(userFactors + k)));
      }
      const activation = last.activation + <usize>s * BLOCK_STRIDE;
      for (let k: usize = 0; k < lastBytes; k += 16) {
        sum = add(sum, mul(v128.load(activation + k), v128.load(toLast + k)));
      }
      store<f32>(plan.scores + (<usize>(i + s) << 2), sumOf(sum) + bias);
    }
  }
}
