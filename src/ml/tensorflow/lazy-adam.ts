import {
  add,
  div,
  gather,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  tensorScatterUpdate,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

/** Parameters with Adam's moments, all of one shape. */
export interface Moments<T extends Tensor> {
  readonly weights: T;
  /** Running mean of the gradient. */
  readonly first: T;
  /** Running mean of its square. */
  readonly second: T;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** Adam's step size with both bias corrections of step `t` (from 1) folded in. */
export function correctedRate(rate: number, t: number): number {
  return (rate * Math.sqrt(1 - BETA_2 ** t)) / (1 - BETA_1 ** t);
}

/**
 * One Adam step: m += (1 − β₁)(g − m), v += (1 − β₂)(g² − v), w −= rate·m / (√v + ε).
 *
 * @param rate From `correctedRate`.
 * @returns New tensors; the old ones stay.
 *
 * @see Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1 in its ε̂ form.
 */
export function adamStep<T extends Tensor>(moments: Moments<T>, gradient: T, rate: number): Moments<T> {
  const first: T = add(moments.first, mul(sub(gradient, moments.first), 1 - BETA_1));
  const second: T = add(moments.second, mul(sub(square(gradient), moments.second), 1 - BETA_2));
  const weights: T = sub(moments.weights, div(mul(first, rate), add(sqrt(second), EPSILON)));
  return { weights, first, second };
}

/**
 * One Adam step for some rows; the others keep weights and moments, as if they had no part in the batch (lazy Adam).
 *
 * @param rows Distinct rows. Shape (k).
 * @param gradient Of those rows. Shape (k, width).
 * @returns New tensors; the old ones stay.
 */
export function lazyAdamStep(
  table: Moments<Tensor2D>,
  rows: Tensor1D,
  gradient: Tensor2D,
  rate: number,
): Moments<Tensor2D> {
  const taken = mapMoments(table, (tensor) => gather(tensor, rows));
  const stepped = adamStep(taken, gradient, rate);
  const indices = reshape(rows, [rows.size, 1]);
  return {
    weights: tensorScatterUpdate(table.weights, indices, stepped.weights),
    first: tensorScatterUpdate(table.first, indices, stepped.first),
    second: tensorScatterUpdate(table.second, indices, stepped.second),
  };
}

/** Applies a function to weights and moments alike. */
export function mapMoments<T extends Tensor, R extends Tensor>(
  { weights, first, second }: Moments<T>,
  map: (tensor: T) => R,
): Moments<R> {
  return { weights: map(weights), first: map(first), second: map(second) };
}

/** Computes new moments, disposing of everything in between and of the old ones. */
export function replaceMoments<T extends Tensor>(
  old: Moments<T>,
  compute: (old: Moments<T>) => Moments<T>,
): Moments<T> {
  const fresh = tidy(() => ({ ...compute(old) }));
  disposeMoments(old);
  return fresh;
}

export function disposeMoments({ weights, first, second }: Moments<Tensor>): void {
  weights.dispose();
  first.dispose();
  second.dispose();
}
