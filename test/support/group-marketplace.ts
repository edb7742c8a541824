import type { Interactions } from '../../src/ml/core/interactions.js';
import { mulberry32, shuffled } from './random.js';

/** Users who each take 12 of the 20 items of one of 5 groups, one after the other: tastes that popularity cannot see. */
export function groupInteractions(userCount = 200, seed = 5): Interactions {
  const random = mulberry32(seed);
  const items = Array.from({ length: userCount }, (_, user) =>
    shuffled(
      Array.from({ length: 20 }, (_item, i) => 20 * (user % 5) + i),
      random,
    ).slice(0, 12),
  );
  return {
    userCount,
    itemCount: 100,
    users: Int32Array.from(items.flatMap((taken, user) => taken.map(() => user))),
    items: Int32Array.from(items.flat()),
    timestamps: Float64Array.from({ length: 12 * userCount }, (_, row) => row),
  };
}
