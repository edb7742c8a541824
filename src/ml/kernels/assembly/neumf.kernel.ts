// NeuMF: fused forward and backward pass over groups of samples, lazy Adam, and scoring. Host: ../neumf-trainer.ts, ../neumf-scorer.ts
import { correctedRate, descend } from './adam';
import { differentiateLoss } from './cross-entropy';
import { transpose } from './dense';
import { addRowGradients, descendRows, slideRows } from './embeddings';
import { backward, forward, forwardApart, padded } from './network';
import { GROUP, Plan, layerAt } from './plan';
import { shufflePositives } from './sampler';
import { fillChunk } from './sampling';

export { foldIn } from './fold-in';
export { prepareItems, scoreAll, scorePairs } from './scoring';

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
  for (let i = start; i < end; i += GROUP) {
    const count = min(GROUP, end - i);
    if (plan.gmfErrors == plan.errors) {
      forward(plan, i, count, plan.errors);
      plan.loss += differentiateLoss(plan, plan.errors, i, count);
    } else {
      forwardApart(plan, i, count);
      // the mean of both
      plan.loss += differentiateLoss(plan, plan.gmfErrors, i, count) / 2;
      plan.loss += differentiateLoss(plan, plan.errors, i, count) / 2;
    }
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
  if (plan.rowRate > 0) slideRows(plan);
  else descendRows(plan, rate, scale);
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
