import type { Interactions } from '../../src/ml/core/interactions.js';
import { createRandom, drawBelow, type Random } from '../../src/ml/core/random.js';

/** Uniform draws in [0, 1), the same for the same seed. */
export function mulberry32(seed: number): Random {
  return createRandom(seed);
}

/**
 * Interactions with a taste to find: users prefer items of their own parity, and popular items of it.
 * Times are one minute apart in row order; some pairs repeat.
 */
export function tasteInteractions({
  userCount = 40,
  itemCount = 60,
  rowsPerUser = 12,
  seed = 1,
} = {}): Interactions {
  const random = createRandom(seed);
  const rowCount = userCount * rowsPerUser;
  const users = Int32Array.from({ length: rowCount }, (_, row) => row % userCount);
  const items = users.map((user) => {
    const isOwnTaste = random() < 0.9;
    // the square favors low indices
    const half = Math.floor((itemCount / 2) * random() ** 2);
    return Math.min(itemCount - 1, 2 * half + ((user + (isOwnTaste ? 0 : 1)) % 2));
  });
  const timestamps = Float64Array.from({ length: rowCount }, (_, row) => row * 60_000);
  return { userCount, itemCount, users, items, timestamps };
}

/** Shuffles a copy. */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const copy = [...values];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = drawBelow(random, i + 1);
    // both are indices of the copy
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
