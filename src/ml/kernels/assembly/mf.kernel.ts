// matrix factorization by stochastic gradient descent, a positive and its negatives at a time. Host: ../mf-trainer.ts, ../mf-scorer.ts
import { differentiateLoss } from './mf-loss';
import { MatrixPlan } from './mf-plan';
import { rowOf } from './plan';
import { drawNegative, hasNegatives, shufflePositives } from './sampler';
import { add, mul, sumOf, sumsOf } from './simd';

const TAIL_BYTES: usize = 16;

@inline
function rowIn(group: usize, s: i32): usize {
  return load<usize>(group + (<usize>s << 2));
}

/** Product of two rows. */
@inline
function product(a: usize, b: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  for (let k: usize = 0; k < bytes; k += 16) sum = add(sum, mul(v128.load(a + k), v128.load(b + k)));
  return sumOf(sum);
}

/** Products of a row with 4 others. */
@inline
function products(a: usize, b0: usize, b1: usize, b2: usize, b3: usize, bytes: usize): v128 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let k: usize = 0; k < bytes; k += 16) {
    const u = v128.load(a + k);
    s0 = add(s0, mul(u, v128.load(b0 + k)));
    s1 = add(s1, mul(u, v128.load(b1 + k)));
    s2 = add(s2, mul(u, v128.load(b2 + k)));
    s3 = add(s3, mul(u, v128.load(b3 + k)));
  }
  return sumsOf(s0, s1, s2, s3);
}

/** Scores of the group for the user at `user`, to `errors`. */
function scoreGroup(plan: MatrixPlan, user: usize, count: i32): void {
  const bytes: usize = plan.rowWidth << 2;
  const bias = f32x4.splat(plan.bias);
  let s: i32 = 0;
  for (; s + 4 <= count; s += 4) {
    const g = plan.group + (<usize>s << 2);
    const sums = products(user, load<usize>(g), load<usize>(g, 4), load<usize>(g, 8), load<usize>(g, 12), bytes);
    v128.store(plan.errors + (<usize>s << 2), add(sums, bias));
  }
  for (; s < count; s++) {
    store<f32>(plan.errors + (<usize>s << 2), product(user, rowIn(plan.group, s), bytes) + plan.bias);
  }
}

/** Adds error · item to the user's gradient. */
@inline
function addToUser(gradient: usize, item: usize, error: v128, bytes: usize): void {
  for (let k: usize = 0; k < bytes; k += 16) {
    v128.store(gradient + k, add(v128.load(gradient + k), mul(error, v128.load(item + k))));
  }
}

/** Adds error · item to the user's gradient, and moves the factors and the bias of the item. */
@inline
function descendItem(plan: MatrixPlan, user: usize, item: usize, error: f32, bytes: usize): void {
  const gradient = plan.userGradient;
  const e = f32x4.splat(error);
  const step = f32x4.splat(-plan.learningRate * error);
  const keep = f32x4.splat(1 - plan.learningRate * plan.regularization);
  for (let k: usize = 0; k < bytes; k += 16) {
    const q = v128.load(item + k);
    v128.store(gradient + k, add(v128.load(gradient + k), mul(e, q)));
    v128.store(item + k, add(mul(q, keep), mul(step, v128.load(user + k))));
  }
  const bias = load<f32>(item + bytes);
  v128.store(gradient + bytes, add(v128.load(gradient + bytes), mul(e, v128.load(item + bytes))));
  store<f32>(item + bytes, bias - plan.learningRate * (error + plan.regularization * bias));
}

/** As descendItem(), for 4 different items at once. */
@inline
function descendItems(plan: MatrixPlan, user: usize, s: i32, bytes: usize): void {
  const g = plan.group + (<usize>s << 2);
  const i0 = load<usize>(g);
  const i1 = load<usize>(g, 4);
  const i2 = load<usize>(g, 8);
  const i3 = load<usize>(g, 12);
  const errors = plan.errors + (<usize>s << 2);
  const e0 = v128.load_splat<f32>(errors);
  const e1 = v128.load_splat<f32>(errors, 4);
  const e2 = v128.load_splat<f32>(errors, 8);
  const e3 = v128.load_splat<f32>(errors, 12);
  const rate = f32x4.splat(-plan.learningRate);
  const keep = f32x4.splat(1 - plan.learningRate * plan.regularization);
  const gradient = plan.userGradient;
  for (let k: usize = 0; k < bytes; k += 16) {
    const u = mul(rate, v128.load(user + k));
    let sum = v128.load(gradient + k);
    let q = v128.load(i0 + k);
    sum = add(sum, mul(e0, q));
    v128.store(i0 + k, add(mul(q, keep), mul(e0, u)));
    q = v128.load(i1 + k);
    sum = add(sum, mul(e1, q));
    v128.store(i1 + k, add(mul(q, keep), mul(e1, u)));
    q = v128.load(i2 + k);
    sum = add(sum, mul(e2, q));
    v128.store(i2 + k, add(mul(q, keep), mul(e2, u)));
    q = v128.load(i3 + k);
    sum = add(sum, mul(e3, q));
    v128.store(i3 + k, add(mul(q, keep), mul(e3, u)));
    v128.store(gradient + k, sum);
  }
  for (let l: i32 = 0; l < 4; l++) {
    const tail = rowIn(g, l) + bytes;
    const error = load<f32>(errors + (<usize>l << 2));
    const bias = load<f32>(tail);
    v128.store(gradient + bytes, add(v128.load(gradient + bytes), mul(f32x4.splat(error), v128.load(tail))));
    store<f32>(tail, bias - plan.learningRate * (error + plan.regularization * bias));
  }
}

/** Whether the 4 items from `s` are different, so that no update of one is lost to another. */
@inline
function isDistinct(group: usize, s: i32): bool {
  const a = v128.load(group + (<usize>s << 2));
  const next = v128.shuffle<i32>(a, a, 1, 2, 3, 0);
  const opposite = v128.shuffle<i32>(a, a, 2, 3, 0, 1);
  return !v128.any_true(v128.or(i32x4.eq(a, next), i32x4.eq(a, opposite)));
}

/** Moves the user against the gradient of a group of `count` samples. */
@inline
function descendUser(plan: MatrixPlan, user: usize, count: i32, bytes: usize): void {
  const rate = plan.learningRate;
  const decay = plan.regularization * <f32>count;
  const keep = f32x4.splat(1 - rate * decay);
  const step = f32x4.splat(-rate);
  for (let k: usize = 0; k < bytes; k += 16) {
    v128.store(user + k, add(mul(v128.load(user + k), keep), mul(step, v128.load(plan.userGradient + k))));
  }
  const bias = load<f32>(user + bytes, 4);
  store<f32>(user + bytes, bias - rate * (load<f32>(plan.userGradient + bytes, 4) + decay * bias), 4);
}

/** Moves the user at `user`, and unless they are frozen the items of the group, one step against the loss. */
@inline
function descend(plan: MatrixPlan, user: usize, count: i32, isFrozen: bool): void {
  const bytes = (<usize>plan.rowWidth << 2) - TAIL_BYTES;
  scoreGroup(plan, user, count);
  plan.loss += differentiateLoss(plan.lossKind, plan.errors, count);
  plan.samples += count;
  memory.fill(plan.userGradient, 0, bytes + TAIL_BYTES);
  for (let s: i32 = 0; s < count; s++) {
    if (isFrozen) {
      const error = v128.load_splat<f32>(plan.errors + (<usize>s << 2));
      addToUser(plan.userGradient, rowIn(plan.group, s), error, bytes + TAIL_BYTES);
    } else if (s + 4 <= count && isDistinct(plan.group, s)) {
      descendItems(plan, user, s, bytes);
      s += 3;
    } else {
      descendItem(plan, user, rowIn(plan.group, s), load<f32>(plan.errors + (<usize>s << 2)), bytes);
    }
  }
  descendUser(plan, user, count, bytes);
}

/** The positive of a row, and fresh negatives; none for a user who has every item. @returns How many. */
@inline
function drawGroup(plan: MatrixPlan, user: i32, row: i32): i32 {
  const width = plan.rowWidth;
  store<usize>(plan.group, rowOf(plan.itemRows, load<i32>(plan.positiveItems + (row << 2)), width));
  if (!hasNegatives(plan, user)) return 1;
  for (let n: i32 = 1; n <= plan.negatives; n++) {
    store<usize>(plan.group + (<usize>n << 2), rowOf(plan.itemRows, drawNegative(plan, user), width));
  }
  return 1 + plan.negatives;
}

@inline
function trainOn(plan: MatrixPlan, budget: i32, isFrozen: bool): i32 {
  const end = min(plan.end, plan.cursor + budget);
  let cursor = plan.cursor;
  for (; cursor < end; cursor++) {
    const row = load<i32>(plan.permutation + (cursor << 2));
    const user = load<i32>(plan.positiveUsers + (row << 2));
    const count = drawGroup(plan, user, row);
    descend(plan, rowOf(plan.userRows, user, plan.rowWidth), count, isFrozen);
  }
  plan.cursor = cursor;
  return cursor < plan.end ? 1 : 0;
}

/** Steps from … to of the shuffle of all positives. */
export function shuffle(planAddress: usize, from: i32, to: i32): void {
  shufflePositives(changetype<MatrixPlan>(planAddress), from, to);
}

/** Trains on `budget` positives of this thread's share. @returns 1 while there are more, 0 at the end of the epoch. */
export function train(planAddress: usize, budget: i32): i32 {
  return trainOn(changetype<MatrixPlan>(planAddress), budget, false);
}

/** As train(), but items stay as they are. */
export function foldIn(planAddress: usize, budget: i32): i32 {
  return trainOn(changetype<MatrixPlan>(planAddress), budget, true);
}

/** One step of `user` on the group of `count` samples that the host wrote. */
export function step(planAddress: usize, user: i32, count: i32): void {
  const plan = changetype<MatrixPlan>(planAddress);
  descend(plan, rowOf(plan.userRows, user, plan.rowWidth), count, false);
}

/** Scores of every item for the user whose row is at `user`, to `scores`, whole blocks of 4. */
export function scoreItems(planAddress: usize, user: usize): void {
  const plan = changetype<MatrixPlan>(planAddress);
  const bytes: usize = plan.rowWidth << 2;
  const last = plan.itemRows + <usize>(plan.itemCount - 1) * bytes;
  const bias = f32x4.splat(plan.bias);
  let item = plan.itemRows;
  for (let i: i32 = 0; i < plan.itemCount; i += 4) {
    const b1 = min(last, item + bytes);
    const b2 = min(last, b1 + bytes);
    const b3 = min(last, b2 + bytes);
    v128.store(plan.scores + (<usize>i << 2), add(products(user, item, b1, b2, b3, bytes), bias));
    item += 4 * bytes;
  }
}

/** Scores of the first `count` pairs, to `scores`. */
export function scorePairs(planAddress: usize, count: i32): void {
  const plan = changetype<MatrixPlan>(planAddress);
  const width = plan.rowWidth;
  for (let i: i32 = 0; i < count; i++) {
    const at = <usize>i << 2;
    const user = rowOf(plan.userRows, load<i32>(plan.pairUsers + at), width);
    const item = rowOf(plan.itemRows, load<i32>(plan.pairItems + at), width);
    store<f32>(plan.scores + at, product(user, item, <usize>width << 2) + plan.bias);
  }
}
