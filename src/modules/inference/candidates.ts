import type { UserHistory } from '../../ml/recommenders/recommender-model.js';

/** Which products to find for whom. */
export interface CandidateQuery {
  /** From `LoadedRecommender.findUser`; of no matter where a history is given. */
  readonly user: number;
  /** What somebody took, items of the model, to be scored instead of a user's training rows (fold-in). */
  readonly history?: UserHistory | undefined;
  /** Moment asked about, milliseconds since the epoch; default: that of the latest training row. */
  readonly at?: number | undefined;
  /** By slot of the catalogue; products marked other than 0 are left out. Only good until the next `await`. */
  readonly forbidden: Uint8Array;
  /** How many, ≥ 1. Fewer come when fewer are allowed. */
  readonly count: number;
}

/** Products that a model prefers, best first. */
export interface Candidates {
  /** Slots of the catalogue. Shape (n). */
  readonly products: Int32Array;
  /** In the unit of the model. Shape (n). */
  readonly scores: Float32Array;
}

/** What is left of candidates when some of them are forbidden by now. @param forbidden By slot. */
export function withoutForbidden({ products, scores }: Candidates, forbidden: Uint8Array): Candidates {
  const isAllowed = (place: number): boolean => forbidden[products[place]!] === 0; // places are of `products`
  return {
    products: products.filter((_, place) => isAllowed(place)),
    scores: scores.filter((_, place) => isAllowed(place)),
  };
}
