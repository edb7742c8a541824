/** Uniform draws in [0, 1). */
export type Random = () => number;

const UINT32 = 2 ** 32;

/**
 * Creates a generator of uniform draws from a seed (mulberry32).
 *
 * Period 2³², 32 random bits a draw: enough for splits and initial weights, not for cryptography.
 *
 * @param seed Any uint32; other numbers are taken modulo 2³².
 *
 * @see T. Ettinger, mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 *
 * @example
 * const random = createRandom(7);
 * const die = 1 + Math.floor(6 * random());
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / UINT32;
  };
}

/** Derives an unrelated seed for a purpose, e.g. an epoch or a thread, so that streams do not overlap by design. */
export function deriveSeed(seed: number, ...purpose: readonly number[]): number {
  // finalizer of MurmurHash3 over each part
  const mix = (hash: number, part: number): number => {
    let h = (hash ^ Math.imul(part, 0x9e3779b1)) + 0x85ebca6b;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  return purpose.reduce(mix, mix(0, seed));
}

/** Draws an integer in [0, bound). `bound` ≥ 1. */
export function drawBelow(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

/** Draws from the normal distribution with mean 0 and deviation 1 (Box–Muller). */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
