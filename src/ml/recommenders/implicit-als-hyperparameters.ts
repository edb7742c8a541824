import { integer, number, readNamed, type Reader } from '../core/hyperparameter-readers.js';
import type { IalsObjective } from '../kernels/ials-objective.js';

/** What an iALS fit can be told. `readImplicitAlsHyperparameters` fills in defaults and checks ranges. */
export interface ImplicitAlsHyperparameters extends IalsObjective {
  /** Length of a user's or item's vector, multiple of 4 in 4 … 512. An epoch costs its square a row of data. @default 64 */
  readonly factors: number;
  /** Passes over items and users, integer in 1 … 500. The loss falls in every one. @default 16 */
  readonly epochs: number;
  /** Weight α₀ of a pair that nobody took, in (0, 100]; a pair that was taken weighs 1 more. @default 0.3 */
  readonly unobservedWeight: number;
  /** Strength λ of the regularization, in (0, 1e6]. @default 0.05 */
  readonly regularization: number;
  /**
   * Exponent ν of the frequency (count + α₀ · otherCount) that λ is scaled by, in [0, 1]: 1 as in tuned
   * weighted ridge regression, 0 the same λ for rare and frequent rows. @default 0.75
   */
  readonly regularizationExponent: number;
  /** Deviation of a vector's length at the start, σ / √factors an entry, in (0, 10]. @default 0.1 */
  readonly initialDeviation: number;
  /** Overrides the context's seed, uint32. @default the context's */
  readonly seed?: number;
  /** Overrides the context's threads, integer in 1 … 64. Any number gives the same model. @default the context's */
  readonly threads?: number;
}

/**
 * A compromise between two validation parts, NDCG@10 among 99 negatives: MovieLens-1M .595 (best of 20 settings .602 at
 * 96 factors, λ = .004, ν = 1, α₀ = .5) and the demo marketplace of 800 products .442 (best .480 at 16 factors,
 * λ = .01, ν = 1). With ν = 1 no λ was good for both: ν below 1 regularizes a small shop relatively more.
 */
export const IMPLICIT_ALS_DEFAULTS: ImplicitAlsHyperparameters = {
  factors: 64,
  epochs: 16,
  unobservedWeight: 0.3,
  regularization: 0.05,
  regularizationExponent: 0.75,
  initialDeviation: 0.1,
};

const READERS: Readonly<Record<keyof ImplicitAlsHyperparameters, Reader>> = {
  factors: integer(4, 512, 4),
  epochs: integer(1, 500),
  unobservedWeight: number('in (0, 100]', (value) => value > 0 && value <= 100),
  regularization: number('in (0, 1e6]', (value) => value > 0 && value <= 1e6),
  regularizationExponent: number('in [0, 1]', (value) => value >= 0 && value <= 1),
  initialDeviation: number('in (0, 10]', (value) => value > 0 && value <= 10),
  seed: integer(0, 2 ** 32 - 1),
  threads: integer(1, 64),
};

/** @throws InvalidParameterError naming the parameter, its range and what was received; unknown names too. */
export function readImplicitAlsHyperparameters(received?: unknown): ImplicitAlsHyperparameters {
  return readNamed(received, IMPLICIT_ALS_DEFAULTS, READERS);
}
