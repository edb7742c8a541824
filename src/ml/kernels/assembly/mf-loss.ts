// losses of one positive and its negatives, and their derivatives by the scores
import { add, exp4, mul } from './simd';

export const LOGISTIC: i32 = 0;
export const SOFTMAX: i32 = 1;
export const BPR: i32 = 2;

/** Scores are clamped to ± this where they are exponents: e^-30 is below what a float can add to 1. */
const MAX_SCORE: f32 = 30;

@inline
function sigmoid4(z: v128): v128 {
  const one = f32x4.splat(1);
  const limit = f32x4.splat(MAX_SCORE);
  const clamped = f32x4.pmax(f32x4.neg(limit), f32x4.pmin(limit, z));
  const e = exp4(f32x4.neg(f32x4.abs(clamped)));
  const larger = f32x4.div(one, add(one, e));
  return v128.bitselect(larger, mul(e, larger), f32x4.ge(z, f32x4.splat(0)));
}

/** All ones in the lanes that hold samples, of the block of 4 from `start`. */
@inline
function valid(start: i32, count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count - start));
}

/** 1 − p of what was right, in every lane; the product of its complements is the likelihood. */
@inline
function likelihoodOf(wrong: v128): f64 {
  const right = f32x4.sub(f32x4.splat(1), wrong);
  // the clamp keeps each above 1e-13, but 1 − p may round to 0
  const least = f32x4.pmax(f32x4.splat(1e-13), right);
  return (
    <f64>f32x4.extract_lane(least, 0) *
    <f64>f32x4.extract_lane(least, 1) *
    (<f64>f32x4.extract_lane(least, 2) * <f64>f32x4.extract_lane(least, 3))
  );
}

/** Cross-entropy of each sample by itself: σ(s) − y. */
function logistic(errors: usize, count: i32): f64 {
  let likelihood: f64 = 1;
  let loss: f64 = 0;
  const one = f32x4.splat(1);
  for (let s: i32 = 0; s < count; s += 4) {
    const at = errors + (<usize>s << 2);
    const p = sigmoid4(v128.load(at));
    // the positive comes first
    const label = s == 0 ? f32x4(1, 0, 0, 0) : f32x4.splat(0);
    const error = v128.and(f32x4.sub(p, label), valid(s, count));
    likelihood *= likelihoodOf(f32x4.abs(error));
    if (likelihood < 1e-200) {
      loss -= Math.log(likelihood);
      likelihood = 1;
    }
    v128.store(at, error);
  }
  return loss - Math.log(likelihood);
}

/** Cross-entropy of the positive among all of the group: softmax(s) − y. */
function softmax(errors: usize, count: i32): f64 {
  let highest = load<f32>(errors);
  for (let s: i32 = 1; s < count; s++) highest = max(highest, load<f32>(errors + (<usize>s << 2)));
  const shift = f32x4.splat(highest);
  const floor = f32x4.splat(-2 * MAX_SCORE);
  const positive = f32x4.extract_lane(exp4(f32x4.pmax(floor, f32x4.splat(load<f32>(errors) - highest))), 0);
  let sum: f32 = 0;
  for (let s: i32 = 0; s < count; s += 4) {
    const at = errors + (<usize>s << 2);
    const e = v128.and(exp4(f32x4.pmax(floor, f32x4.sub(v128.load(at), shift))), valid(s, count));
    v128.store(at, e);
    sum += f32x4.extract_lane(e, 0) + f32x4.extract_lane(e, 1) + (f32x4.extract_lane(e, 2) + f32x4.extract_lane(e, 3));
  }
  const scale = f32x4.splat(1 / sum);
  for (let s: i32 = 0; s < count; s += 4) {
    const at = errors + (<usize>s << 2);
    v128.store(at, mul(v128.load(at), scale));
  }
  store<f32>(errors, load<f32>(errors) - 1);
  return -Math.log(<f64>positive / <f64>sum);
}

/** Each negative against the positive: σ(s_n − s_0), and minus their sum for the positive. */
function bpr(errors: usize, count: i32): f64 {
  let likelihood: f64 = 1;
  let loss: f64 = 0;
  const positive = f32x4.splat(load<f32>(errors));
  let sum: f32 = 0;
  for (let s: i32 = 0; s < count; s += 4) {
    const at = errors + (<usize>s << 2);
    let mask = valid(s, count);
    if (s == 0) mask = v128.and(mask, i32x4(0, -1, -1, -1));
    const error = v128.and(sigmoid4(f32x4.sub(v128.load(at), positive)), mask);
    likelihood *= likelihoodOf(error);
    if (likelihood < 1e-200) {
      loss -= Math.log(likelihood);
      likelihood = 1;
    }
    v128.store(at, error);
    sum +=
      f32x4.extract_lane(error, 0) +
      f32x4.extract_lane(error, 1) +
      (f32x4.extract_lane(error, 2) + f32x4.extract_lane(error, 3));
  }
  store<f32>(errors, -sum);
  return loss - Math.log(likelihood);
}

/** Replaces the scores of a positive and its negatives by the derivatives of the loss, and 0 for padding. @returns The loss. */
export function differentiateLoss(kind: i32, errors: usize, count: i32): f64 {
  if (kind == SOFTMAX) return softmax(errors, count);
  if (kind == BPR) return bpr(errors, count);
  return logistic(errors, count);
}
