// log-odds of pairs, and of all items for one user with their part of layer 1 computed beforehand
import { multiply } from './dense';
import { copy, forward, padded, runLayers } from './network';
import { GROUP, Plan, layerAt, rowOf } from './plan';
import { add, mul, sumOf, sumsOf } from './simd';

/** Log-odds of the first `count` pairs of the chunk, to `scores`. */
export function scorePairs(planAddress: usize, count: i32): void {
  const plan = changetype<Plan>(planAddress);
  for (let i: i32 = 0; i < count; i += GROUP) {
    forward(plan, i, min(GROUP, count - i), plan.scores + (<usize>i << 2));
  }
}

/** Width of a prepared item: its part of layer 1, then its factors, together so that scoring reads one stream. */
@inline
export function preparedWidth(plan: Plan): i32 {
  return plan.hiddenWidth + plan.factors;
}

/** Prepares items from … to for scoreAll(). */
export function prepareItems(planAddress: usize, from: i32, to: i32): void {
  const plan = changetype<Plan>(planAddress);
  const layer = layerAt(plan, 0);
  const half = plan.half;
  const halfBytes: usize = half << 2;
  const outputs = plan.hiddenWidth;
  if (outputs == 0) {
    for (let i = from; i < to; i++) {
      copy(rowOf(plan.itemRows, i, plan.rowWidth), rowOf(plan.preparedItems, i, plan.factors), plan.factors);
    }
    return;
  }
  const kernel = layer.kernel + halfBytes * outputs;
  const stride = layer.activationStride;
  for (let i = from; i < to; i += GROUP) {
    const count = min(GROUP, to - i);
    for (let s: i32 = 0; s < count; s++) {
      copy(rowOf(plan.itemRows, i + s, plan.rowWidth), plan.input + <usize>s * halfBytes, half);
    }
    const rows = padded(count);
    multiply(plan.input, halfBytes, kernel, plan.zeros, half, outputs, layer.activation, stride, rows);
    for (let s: i32 = 0; s < count; s++) {
      const prepared = rowOf(plan.preparedItems, i + s, preparedWidth(plan));
      copy(layer.activation + <usize>s * stride, prepared, outputs);
      copy(rowOf(plan.itemRows, i + s, plan.rowWidth) + halfBytes, prepared + (<usize>outputs << 2), plan.factors);
    }
  }
}

/** Layer 1 of `rows` items from `start`, and their GMF part of the log-odds to `scores`. */
function startItems(plan: Plan, start: i32, rows: i32, userHidden: usize, userFactors: usize): void {
  const first = layerAt(plan, 0);
  const zero = f32x4.splat(0);
  const hiddenBytes: usize = plan.hiddenWidth << 2;
  const bytes: usize = preparedWidth(plan) << 2;
  const factors = userFactors - hiddenBytes;
  const bias = load<f32>(plan.outputBias);
  let activation = first.activation;
  for (let i = start, end = start + rows; i < end; i++) {
    const item = plan.preparedItems + <usize>min(i, plan.itemCount - 1) * bytes;
    for (let k: usize = 0; k < hiddenBytes; k += 16) {
      v128.store(activation + k, f32x4.pmax(zero, add(v128.load(item + k), v128.load(userHidden + k))));
    }
    let sum = zero;
    for (let k = hiddenBytes; k < bytes; k += 16) sum = add(sum, mul(v128.load(item + k), v128.load(factors + k)));
    store<f32>(plan.scores + (<usize>i << 2), sumOf(sum) + bias);
    activation += first.activationStride;
  }
}

/** Adds the MLP part to the `scores` of `rows` items from `start`. */
function finishItems(plan: Plan, start: i32, rows: i32): void {
  const stride: usize = plan.featureWidth << 2;
  const output = plan.output;
  let p0 = plan.features;
  for (let i = start, end = start + rows; i < end; i += 4) {
    const p1 = p0 + stride;
    const p2 = p1 + stride;
    const p3 = p2 + stride;
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let k: usize = plan.factors << 2; k < stride; k += 16) {
      const h = v128.load(output + k);
      a = add(a, mul(h, v128.load(p0 + k)));
      b = add(b, mul(h, v128.load(p1 + k)));
      c = add(c, mul(h, v128.load(p2 + k)));
      d = add(d, mul(h, v128.load(p3 + k)));
    }
    p0 = p3 + stride;
    const scores = plan.scores + (<usize>i << 2);
    v128.store(scores, add(v128.load(scores), sumsOf(a, b, c, d)));
  }
}

/** The part of layer 1 of the row at `user`, and its factors by the output layer: what every item is met with. */
@inline
export function prepareUser(plan: Plan, user: usize): void {
  // 4 times, because products take whole blocks
  if (plan.hiddenWidth > 0) {
    const first = layerAt(plan, 0);
    multiply(user, 0, first.kernel, first.bias, plan.half, first.outputs, plan.inputDelta, 0, 4);
  }
  const factors = user + (<usize>plan.half << 2);
  // h ⊙ p_u, in the input, which layers after the first do not read
  for (let k: usize = 0, end: usize = plan.factors << 2; k < end; k += 16) {
    v128.store(plan.input + k, mul(v128.load(factors + k), v128.load(plan.output + k)));
  }
}

/** Log-odds of every item for the user whose row is at `user`, to `scores`; prepareItems() came before. */
export function scoreAll(planAddress: usize, user: usize): void {
  const plan = changetype<Plan>(planAddress);
  const first = layerAt(plan, 0);
  prepareUser(plan, user);
  for (let i: i32 = 0; i < plan.itemCount; i += GROUP) {
    const rows = padded(min(GROUP, plan.itemCount - i));
    startItems(plan, i, rows, plan.inputDelta, plan.input);
    if (plan.layerCount == 0) continue;
    runLayers(plan, 1, first.activation, first.activationStride, rows);
    finishItems(plan, i, rows);
  }
}
