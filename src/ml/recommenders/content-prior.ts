import { InvalidParameterError } from '../core/errors.js';
import { traitSimilarity, type ProductTraits } from '../ranking/product-traits.js';

/** The items of a model that are most like a product it does not know, nearest first. Columns of equal length. */
export interface Neighborhood {
  readonly items: Int32Array;
  /** Similarity squared, in (0, 1]. */
  readonly weights: Float32Array;
}

/** A known product: its item in the model and what it is. */
export interface KnownProduct {
  readonly item: number;
  readonly traits: ProductTraits;
}

/** Neighbours that a new product borrows from. */
export const NEIGHBORS = 20;
/** Weight of the plain mean of the neighbours: that of one with a similarity of 0.5. */
const SHRINKAGE = 0.25;

/**
 * Finds the known products that a new one borrows from, by `traitSimilarity`.
 *
 * O(known) similarities: for each new product once, not once a request.
 *
 * @param count Neighbours kept, integer ≥ 1.
 * @throws InvalidParameterError when `count` is out of range.
 */
export function nearestKnown(
  target: ProductTraits,
  known: readonly KnownProduct[],
  count = NEIGHBORS,
): Neighborhood {
  if (!(Number.isInteger(count) && count >= 1))
    throw new InvalidParameterError('count', 'an integer ≥ 1', count);
  const nearest = known
    .map(({ item, traits }) => ({ item, weight: traitSimilarity(target, traits) ** 2 }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.item - b.item)
    .slice(0, count);
  return {
    items: Int32Array.from(nearest, ({ item }) => item),
    weights: Float32Array.from(nearest, ({ weight }) => weight),
  };
}

/**
 * The score that a user would give a product nobody has bought: borrowed from its neighbours (content prior).
 *
 * ŝ = (Σ w_j·s_j + κ·s̄) / (Σ w_j + κ), w the squared similarity, s̄ the plain mean of the s_j, κ = 0.25. The square
 * makes one near product count more than many that share no more than a category; the mean, where all neighbours
 * are of one category, is what the user thinks of it.
 *
 * @param weights Of the neighbours. Shape (n).
 * @param scores The user's scores of the neighbours, in any unit. Shape (n).
 * @returns −∞ without neighbours: behind everything that is known.
 */
export function priorScore(weights: ArrayLike<number>, scores: ArrayLike<number>): number {
  const count = weights.length;
  if (count === 0) return Number.NEGATIVE_INFINITY;
  let weighted = 0;
  let weight = 0;
  let plain = 0;
  // hot: columns are equally long
  for (let i = 0; i < count; i += 1) {
    weighted += weights[i]! * scores[i]!;
    weight += weights[i]!;
    plain += scores[i]!;
  }
  return (weighted + (SHRINKAGE * plain) / count) / (weight + SHRINKAGE);
}
