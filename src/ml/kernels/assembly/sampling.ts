// positives in shuffled order, each with fresh negatives; several batches are mixed in one chunk
import { Plan } from './plan';

/** Rejections before a negative is found by counting instead: bounds the loop for users who have nearly everything. */
const RANDOM_TRIES: i32 = 8;

/** 32 bits of SplitMix64. */
@inline
function draw(plan: Plan): u32 {
  plan.random += 0x9e3779b97f4a7c15;
  let z = plan.random;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return <u32>((z ^ (z >> 31)) >> 32);
}

@inline
function below(plan: Plan, bound: i32): i32 {
  return <i32>((<u64>draw(plan) * <u64>bound) >> 32);
}

@inline
function swap(array: usize, i: i32, j: i32): void {
  const a = array + (i << 2);
  const b = array + (j << 2);
  const kept = load<u32>(a);
  store<u32>(a, load<u32>(b));
  store<u32>(b, kept);
}

/** Steps from … to of an inside-out shuffle of the positives; from = 0 starts a new one. */
export function shufflePositives(plan: Plan, from: i32, to: i32): void {
  const permutation = plan.permutation;
  for (let i = from; i < to; i++) {
    const j = below(plan, i + 1);
    store<i32>(permutation + (i << 2), load<i32>(permutation + (j << 2)));
    store<i32>(permutation + (j << 2), i);
  }
}

/** The r-th item that `user` has no positive for, r uniform: with j positives up to it, it is item r + j. */
function countToNegative(plan: Plan, user: i32): i32 {
  const start = load<i32>(plan.offsets + (user << 2));
  const positives = plan.positiveItems + (start << 2);
  const count = load<i32>(plan.offsets + (user << 2), 4) - start;
  const r = below(plan, plan.itemCount - count);
  let low: i32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i32>(positives + (middle << 2)) - middle <= r) low = middle + 1;
    else high = middle;
  }
  return r + low;
}

/** An item that `user` has no positive for, uniform; the caller made sure there is one. */
function drawNegative(plan: Plan, user: i32): i32 {
  if (plan.bitmap) {
    const row = plan.bitmap + <usize>user * plan.bitmapRowBytes;
    for (let tries: i32 = 0; tries < RANDOM_TRIES; tries++) {
      const item = below(plan, plan.itemCount);
      if (!((load<u8>(row + (item >> 3)) >> (item & 7)) & 1)) return item;
    }
  }
  return countToNegative(plan, user);
}

@inline
function push(plan: Plan, at: i32, user: i32, item: i32, label: f32): void {
  store<i32>(plan.chunkUsers + (at << 2), user);
  store<i32>(plan.chunkItems + (at << 2), item);
  store<f32>(plan.chunkLabels + (at << 2), label);
}

/** Refills the chunk from this thread's positives. A user who has every item gets no negatives. */
export function fillChunk(plan: Plan): void {
  const negatives = plan.negatives;
  let length: i32 = 0;
  let cursor = plan.cursor;
  while (cursor < plan.end && length + negatives < plan.chunkCapacity) {
    const row = load<i32>(plan.permutation + (cursor++ << 2));
    const user = load<i32>(plan.positiveUsers + (row << 2));
    push(plan, length++, user, load<i32>(plan.positiveItems + (row << 2)), 1);
    const owned = load<i32>(plan.offsets + (user << 2), 4) - load<i32>(plan.offsets + (user << 2));
    if (owned >= plan.itemCount) continue;
    for (let n: i32 = 0; n < negatives; n++) push(plan, length++, user, drawNegative(plan, user), 0);
  }
  plan.cursor = cursor;
  plan.chunkLength = length;
  plan.chunkPosition = 0;
  // so that a block does not hold one user four times
  for (let i = length - 1; i > 0; i--) {
    const j = below(plan, i + 1);
    swap(plan.chunkUsers, i, j);
    swap(plan.chunkItems, i, j);
    swap(plan.chunkLabels, i, j);
  }
}
