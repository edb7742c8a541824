// gradients of the embedding rows a batch touches, and their lazy Adam step
import { descend } from './adam';
import { Plan, rowOf } from './plan';
import { add, mul } from './simd';

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

/** Adds the derivatives by both rows of `count` samples: MLP part from the input delta, GMF part from the product rule. */
export function addRowGradients(plan: Plan, start: i32, count: i32): void {
  const width = plan.rowWidth;
  const rowBytes: usize = width << 2;
  const halfBytes: usize = plan.half << 2;
  const decay = f32x4.splat(plan.regularization);
  const output = plan.output - halfBytes;
  let userDelta = plan.inputDelta;
  for (let s: i32 = 0; s < count; s++) {
    const sample = <usize>(start + s) << 2;
    const userIndex = load<i32>(plan.chunkUsers + sample);
    const itemIndex = load<i32>(plan.chunkItems + sample);
    const user = rowOf(plan.userRows, userIndex, width);
    const item = rowOf(plan.itemRows, itemIndex, width);
    const toUser = userGradientOf(plan, userIndex);
    const toItem = itemGradientOf(plan, itemIndex);
    const itemDelta = userDelta + halfBytes;
    for (let k: usize = 0; k < halfBytes; k += 16) {
      const u = add(v128.load(userDelta + k), mul(decay, v128.load(user + k)));
      const i = add(v128.load(itemDelta + k), mul(decay, v128.load(item + k)));
      v128.store(toUser + k, add(v128.load(toUser + k), u));
      v128.store(toItem + k, add(v128.load(toItem + k), i));
    }
    const error = v128.load_splat<f32>(plan.gmfErrors + (<usize>s << 2));
    for (let k = halfBytes; k < rowBytes; k += 16) {
      const weight = mul(error, v128.load(output + k));
      const u = v128.load(user + k);
      const i = v128.load(item + k);
      v128.store(toUser + k, add(v128.load(toUser + k), add(mul(weight, i), mul(decay, u))));
      v128.store(toItem + k, add(v128.load(toItem + k), add(mul(weight, u), mul(decay, i))));
    }
    userDelta = itemDelta + halfBytes;
  }
}

/** One plain step for every row the batch touched, each sample counting whole: gradient sums, not means. */
export function slideRows(plan: Plan): void {
  const width = plan.rowWidth;
  const rate = f32x4.splat(-plan.rowRate);
  const bytes: usize = width << 2;
  for (let slot: i32 = 0; slot < plan.userTouchedCount; slot++) {
    const user = load<i32>(plan.userTouched + (slot << 2));
    slide(rowOf(plan.userRows, user, width), rowOf(plan.userGradient, slot, width), bytes, rate);
    store<i32>(plan.userSlots + (user << 2), -1);
  }
  for (let slot: i32 = 0; slot < plan.itemTouchedCount; slot++) {
    const item = load<i32>(plan.itemTouched + (slot << 2));
    slide(rowOf(plan.itemRows, item, width), rowOf(plan.itemGradient, slot, width), bytes, rate);
    store<i32>(plan.itemSlots + (item << 2), -1);
  }
  plan.userTouchedCount = 0;
  plan.itemTouchedCount = 0;
}

@inline
function slide(row: usize, gradient: usize, bytes: usize, rate: v128): void {
  for (let k: usize = 0; k < bytes; k += 16) {
    v128.store(row + k, add(v128.load(row + k), mul(rate, v128.load(gradient + k))));
  }
}

/** One Adam step for every row the batch touched. */
export function descendRows(plan: Plan, rate: f32, scale: f32): void {
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
}
