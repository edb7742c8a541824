import { InvalidDataError } from '../core/errors.js';
import type { NextBasketHyperparameters } from './next-basket-hyperparameters.js';
import type { UserHistory } from './recommender-model.js';

/** A sparse vector over items, ascending by item. */
export interface SparseVector {
  /** Shape (n). */
  readonly items: Int32Array;
  /** Shape (n). */
  readonly weights: Float32Array;
}

type Decay = Pick<NextBasketHyperparameters, 'groups' | 'withinDecay' | 'groupDecay' | 'recency'>;

const DAY_MS = 86_400_000;

/**
 * Sums up how often, and how lately, somebody took each item (personalized item frequency).
 *
 * A basket is the set of items of one day, UTC: two orders of a day are one. The latest `recency` of the n baskets
 * are cut into m = min(groups, n) groups of consecutive baskets, as equal in size as can be. With basket j the
 * t-th from the end (t = 0, 1, …) of its group of size s, which is the g-th group from the end (g = 0, 1, …),
 *
 * u = Σ_j r_g^g · r_b^t · basket_j / (m · s), basket_j ∈ {0, 1}^items.
 *
 * The size of a vector tells how regular its user is: 1 for an item of every basket without decay.
 * O(rows · log rows).
 *
 * @throws InvalidDataError when a timestamp is not finite.
 *
 * @see Hu, He, Gao & Zhang, "Modeling Personalized Item Frequency Information for Next-basket Recommendation",
 * SIGIR 2020, §4.1, doi:10.1145/3397271.3401066; the window r is that of Faggioli, Polato & Aiolli, "Recency Aware
 * Collaborative Filtering for Next Basket Recommendation", UMAP 2020, doi:10.1145/3340631.3394850.
 */
export function basketFrequencies(
  history: UserHistory,
  { groups, withinDecay, groupDecay, recency }: Decay,
): SparseVector {
  const all = basketsOf(history);
  const baskets = recency === 0 ? all : all.slice(-recency);
  const count = baskets.length;
  const groupCount = Math.min(groups, count);
  const weightOf = new Map<number, number>();
  for (let group = 0; group < groupCount; group += 1) {
    const start = Math.floor((group * count) / groupCount);
    const end = Math.floor(((group + 1) * count) / groupCount);
    const groupWeight = groupDecay ** (groupCount - 1 - group) / (groupCount * (end - start));
    for (let index = start; index < end; index += 1) {
      const weight = groupWeight * withinDecay ** (end - 1 - index);
      for (const item of baskets[index] ?? []) weightOf.set(item, (weightOf.get(item) ?? 0) + weight);
    }
  }
  const items = Int32Array.from(weightOf.keys()).sort();
  return { items, weights: Float32Array.from(items, (item) => weightOf.get(item) ?? 0) };
}

/** Distinct items of each day on which something was taken, in order of time. */
function basketsOf({ items, timestamps }: UserHistory): ReadonlySet<number>[] {
  const byDay = new Map<number, Set<number>>();
  items.forEach((item, row) => {
    const day = Math.floor((timestamps[row] ?? Number.NaN) / DAY_MS);
    if (!Number.isFinite(day)) {
      throw new InvalidDataError(
        `Timestamp of row ${row} of a history must be finite, received ${timestamps[row]}.`,
      );
    }
    const basket = byDay.get(day);
    if (basket) basket.add(item);
    else byDay.set(day, new Set([item]));
  });
  return [...byDay].sort(([a], [b]) => a - b).map(([, basket]) => basket);
}
