// positives in shuffled order, each with fresh negatives; several batches are mixed in one chunk
import { Plan } from './plan';
import { below, drawNegative, hasNegatives } from './sampler';

@inline
function swap(array: usize, i: i32, j: i32): void {
  const a = array + (i << 2);
  const b = array + (j << 2);
  const kept = load<u32>(a);
  store<u32>(a, load<u32>(b));
  store<u32>(b, kept);
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
    if (!hasNegatives(plan, user)) continue;
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
