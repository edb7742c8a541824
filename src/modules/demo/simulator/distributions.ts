import type { Random } from '../../../ml/core/random.js';

/** Draws from the Poisson distribution (Knuth's product of uniforms: for small means). */
export function drawPoisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** First index whose cumulative weight exceeds `target`, among the first `length` entries. */
export function searchCumulative(cumulative: Float64Array, length: number, target: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! > target)
      high = middle; // in range
    else low = middle + 1;
  }
  return low;
}

/** Picks one of `options`. */
export function pick<T>(random: Random, options: readonly T[]): T {
  return options[Math.floor(random() * options.length)]!; // random() < 1; callers pass no empty list
}

/** Draws `count` different indexes below `bound` (partial Fisher–Yates). `count` ≤ `bound`. */
export function drawDistinct(random: Random, count: number, bound: number): number[] {
  const indexes = Array.from({ length: bound }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (bound - i));
    [indexes[i], indexes[j]] = [indexes[j]!, indexes[i]!]; // both in range
  }
  return indexes.slice(0, count);
}
