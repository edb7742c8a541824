// NeuMF: fused forward and backward pass over groups of samples, lazy Adam, and scoring. Host: ../neumf-trainer.ts, ../neumf-scorer.ts
import { correctedRate, descend } from './adam';
import { transpose } from './dense';
import { addRowGradients, descendRows } from './embeddings';
import { backward, forward, padded } from './network';
import { GROUP, Plan, layerAt } from './plan';
import { fillChunk, shufflePositives } from './sampling';
import { add, exp4, mul } from './simd';

export { prepareItems, scoreAll, scorePairs } from './scoring';

/** Log-odds are clamped to ± this for loss and derivative: e^-30 is below what a float can add to 1. */
const MAX_LOGIT: f32 = 30;

/** Copies each kernel transposed, for the backward pass of the batch that begins. */
export function beginBatch(planAddress: usize): void {
  const plan = changetype<Plan>(planAddress);
  for (let l: i32 = 0; l < plan.layerCount; l++) {
    const layer = layerAt(plan, l);
    transpose(layer.kernel, layer.inputs, layer.outputs, layer.transposed);
  }
}

/** Replaces the group's log-odds by the derivatives of the cross-entropy, p - y, and 0 for padding. @returns The cross-entropy. */
function differentiateLoss(plan: Plan, start: i32, count: i32): f64 {
  const lanes = i32x4(0, 1, 2, 3);
  const one = f32x4.splat(1);
  const limit = f32x4.splat(MAX_LOGIT);
  // likelihood of the labels, as a product: one logarithm serves the group
  let likelihood: f64 = 1;
  let loss: f64 = 0;
  for (let s: i32 = 0; s < count; s += 4) {
    const errors = plan.errors + (<usize>s << 2);
    const z = f32x4.pmax(f32x4.neg(limit), f32x4.pmin(limit, v128.load(errors)));
    const label = v128.load(plan.chunkLabels + (<usize>(start + s) << 2));
    const valid = i32x4.lt_s(lanes, i32x4.splat(count - s));
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
    v128.store(errors, v128.and(mul(f32x4.neg(sign), wrong), valid));
  }
  return loss - Math.log(likelihood);
}

/** Adds loss and gradient of chunk samples start … end, end excluded, to the current batch. */
export function accumulate(planAddress: usize, start: i32, end: i32): void {
  const plan = changetype<Plan>(planAddress);
  for (let i = start; i < end; i += GROUP) {
    const count = min(GROUP, end - i);
    forward(plan, i, count, plan.errors);
    plan.loss += differentiateLoss(plan, i, count);
    backward(plan, padded(count));
    addRowGradients(plan, i, count);
  }
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
  descendRows(plan, rate, scale);
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

/** Draws the next chunk of this thread's share without training on it. @returns Its samples, 0 at the end of the epoch. */
export function sampleChunk(planAddress: usize): i32 {
  const plan = changetype<Plan>(planAddress);
  if (plan.cursor == plan.end) return 0;
  fillChunk(plan);
  return plan.chunkLength;
}
