// Adam (Kingma & Ba 2015, algorithm 1 with the epsilon-hat form) over contiguous floats; length a multiple of 4
import { add, mul } from './simd';

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/** Step size with both bias corrections of step `t` folded in. */
export function correctedRate(rate: f32, t: i32): f32 {
  return <f32>((<f64>rate * Math.sqrt(1 - Math.pow(0.999, <f64>t))) / (1 - Math.pow(0.9, <f64>t)));
}

/** Moves `weights` one step against `scale` × `gradient`. */
@inline
export function descend(
  weights: usize,
  first: usize,
  second: usize,
  gradient: usize,
  length: i32,
  rate: f32,
  scale: f32,
): void {
  const scale4 = f32x4.splat(scale);
  const rate4 = f32x4.splat(rate);
  const gain1 = f32x4.splat(1 - BETA_1);
  const gain2 = f32x4.splat(1 - BETA_2);
  const epsilon = f32x4.splat(EPSILON);
  for (let k: usize = 0, end: usize = length << 2; k < end; k += 16) {
    const g = mul(v128.load(gradient + k), scale4);
    let m = v128.load(first + k);
    let v = v128.load(second + k);
    m = add(m, mul(f32x4.sub(g, m), gain1));
    v = add(v, mul(f32x4.sub(mul(g, g), v), gain2));
    v128.store(first + k, m);
    v128.store(second + k, v);
    const step = f32x4.div(mul(m, rate4), add(f32x4.sqrt(v), epsilon));
    v128.store(weights + k, f32x4.sub(v128.load(weights + k), step));
  }
}
