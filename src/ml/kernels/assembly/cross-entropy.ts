// loss of labelled samples, and its derivative by their log-odds
import { Plan } from './plan';
import { add, exp4, mul } from './simd';

/** Log-odds are clamped to ± this for loss and derivative: e^-30 is below what a float can add to 1. */
const MAX_LOGIT: f32 = 30;

/** Replaces the group's log-odds by the derivatives of the cross-entropy, p - y, and 0 for padding. @returns The cross-entropy. */
export function differentiateLoss(plan: Plan, errors: usize, start: i32, count: i32): f64 {
  const lanes = i32x4(0, 1, 2, 3);
  const one = f32x4.splat(1);
  const limit = f32x4.splat(MAX_LOGIT);
  // likelihood of the labels, as a product: one logarithm serves the group
  let likelihood: f64 = 1;
  let loss: f64 = 0;
  for (let s: i32 = 0; s < count; s += 4) {
    const at = errors + (<usize>s << 2);
    const z = f32x4.pmax(f32x4.neg(limit), f32x4.pmin(limit, v128.load(at)));
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
    v128.store(at, v128.and(mul(f32x4.neg(sign), wrong), valid));
  }
  return loss - Math.log(likelihood);
}
