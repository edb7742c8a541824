import { InvalidDataError, InvalidParameterError } from '../core/errors.js';
import { validateInteractions, type Interactions } from '../core/interactions.js';
import type { Model } from '../core/learner.js';
import { topK } from '../math/top-k.js';
import { rankOf, reportRanks, type RankingReport } from '../metrics/ranking.js';

export interface RecommendationQuery {
  /** Index in 0 … userCount − 1. */
  readonly user: number;
  /** Length of the list, integer ≥ 1. */
  readonly count: number;
  /** Items to leave out, e.g. those already bought: entries other than 0. Shape (itemCount). */
  readonly excluded?: Uint8Array;
}

/** Best items first, ties by index; shorter than asked for when the catalogue is. */
export interface Recommendation {
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** What somebody took, before the training or since. Columns of equal length, in any order; repeated items count. */
export interface UserHistory {
  /** Items in 0 … itemCount − 1. Shape (n), n ≥ 0. */
  readonly items: Int32Array;
  /** Milliseconds since the epoch. Shape (n). */
  readonly timestamps: Float64Array;
}

/** A model that orders items for users. Scores compare within one user; their unit is the learner's. */
export interface RecommenderModel extends Model<RecommendationQuery, Recommendation, Interactions> {
  readonly kind: string;
  readonly userCount: number;
  readonly itemCount: number;
  /**
   * What scores are when they are logarithms: `log-odds` of an item being taken, or `log-share`, the logarithm of what
   * is proportional to its share. Absent when scores are proportional to a share themselves.
   */
  readonly scale?: 'log-odds' | 'log-share';
  /**
   * Scores every item for one user.
   *
   * @param out Reused for the result. Shape (itemCount).
   * @param at Moment asked about, milliseconds since the epoch; default: that of the latest training row. Models
   * without season or recency ignore it.
   * @throws InvalidDataError when the user is unknown or `out` has another length.
   */
  scoreAll(user: number, out?: Float32Array, at?: number): Float32Array;
  /**
   * Scores every item for somebody out of what they took, whether or not the training knew them (fold-in).
   *
   * A user's own training rows give about what `scoreAll` gives: each model states how near. An empty history gives
   * what the model says of a stranger. Parameters as in `scoreAll`.
   *
   * @throws InvalidDataError when an item is unknown, the columns differ in length or `out` has another length.
   */
  scoreHistory(history: UserHistory, out?: Float32Array, at?: number): Float32Array;
  /**
   * Scores pairs. Shape (users.length).
   *
   * @param moments The `at` of each pair, NaN for the default. Shape (users.length).
   * @throws InvalidDataError when the columns differ in length or an index is unknown.
   */
  scorePairs(users: Int32Array, items: Int32Array, moments?: Float64Array): Float32Array;
  /** Ranks each row of `interactions` among all items that its user has no row for: full ranking. */
  evaluate(interactions: Interactions): RankingReport;
}

/** A model whose score is a dot product of two vectors: what retrieval from a large catalogue needs. */
export interface FactorModel extends RecommenderModel {
  /** Length of a vector, multiple of 4, padded with zeros; a bias of an item is one of its columns. */
  readonly width: number;
  /** Shape (itemCount, width), row-major; not to be changed. */
  readonly itemFactors: Float32Array;
  /** The vector whose products with the rows of `itemFactors` are `scoreAll(user)`. Shape (width). */
  userFactors(user: number): Float32Array;
  /** The same for `scoreHistory(history)`. Shape (width). */
  historyFactors(history: UserHistory): Float32Array;
}

/** Whether the scores of a model are dot products. */
export function isFactorModel(model: RecommenderModel): model is FactorModel {
  return 'itemFactors' in model && 'historyFactors' in model;
}

type Catalogue = Pick<RecommenderModel, 'userCount' | 'itemCount'>;

/** @throws InvalidDataError when `user` is no index of a known user. */
export function expectUser({ userCount }: Catalogue, user: number): void {
  if (!(Number.isInteger(user) && user >= 0 && user < userCount)) {
    throw new InvalidDataError(`User must be an integer in 0 … ${userCount - 1}, received ${user}.`);
  }
}

/** @returns `out`, or a new array of one score an item. @throws InvalidDataError when `out` has another length. */
export function scoresInto({ itemCount }: Catalogue, out: Float32Array | undefined): Float32Array {
  if (out === undefined) return new Float32Array(itemCount);
  if (out.length !== itemCount) {
    throw new InvalidDataError(`Output must hold ${itemCount} scores, received room for ${out.length}.`);
  }
  return out;
}

/** @throws InvalidDataError naming the first pair that is not of known indices. */
export function expectPairs(
  { userCount, itemCount }: Catalogue,
  users: Int32Array,
  items: Int32Array,
  moments?: Float64Array,
): void {
  if (moments !== undefined && moments.length !== users.length) {
    throw new InvalidDataError(
      `Pairs need as many moments as users, received ${moments.length} and ${users.length}.`,
    );
  }
  if (users.length !== items.length) {
    throw new InvalidDataError(
      `Pairs need as many users as items, received ${users.length} and ${items.length}.`,
    );
  }
  const isKnown = (index: number, count: number): boolean => index >= 0 && index < count;
  // items is as long as users
  const bad = users.findIndex((user, i) => !isKnown(user, userCount) || !isKnown(items[i]!, itemCount));
  if (bad >= 0) {
    throw new InvalidDataError(
      `Pair ${bad} must be of a user in 0 … ${userCount - 1} and an item in 0 … ${itemCount - 1}, received ${users[bad]} and ${items[bad]}.`,
    );
  }
}

/** @throws InvalidDataError naming the first row of a history that is not of a known item. */
export function expectHistory({ itemCount }: Pick<Catalogue, 'itemCount'>, history: UserHistory): void {
  const { items, timestamps } = history;
  if (items.length !== timestamps.length) {
    throw new InvalidDataError(
      `A history needs as many items as timestamps, received ${items.length} and ${timestamps.length}.`,
    );
  }
  const bad = items.findIndex((item) => item < 0 || item >= itemCount);
  if (bad >= 0) {
    throw new InvalidDataError(
      `Row ${bad} of a history must be of an item in 0 … ${itemCount - 1}, received ${items[bad]}.`,
    );
  }
}

/** The best items of one user. @throws InvalidDataError, InvalidParameterError when the query is out of range. */
export function recommend(model: RecommenderModel, query: RecommendationQuery): Recommendation {
  const { user, count, excluded } = query;
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new InvalidParameterError('count', 'an integer ≥ 1', count);
  }
  if (excluded !== undefined && excluded.length !== model.itemCount) {
    throw new InvalidDataError(
      `\`excluded\` must have ${model.itemCount} entries, received ${excluded.length}.`,
    );
  }
  const { indices, scores } = topK(model.scoreAll(user), count, excluded);
  return { items: indices, scores };
}

/**
 * Ranks each row among all items without a row of the same user; O(rows · items).
 *
 * @throws InvalidDataError when a row is bad or of an unknown user or item.
 */
export function evaluateFullRanking(model: RecommenderModel, interactions: Interactions): RankingReport {
  validateInteractions(interactions);
  const { users, items } = interactions;
  expectPairs(model, users, items);
  const itemsOf = new Map<number, Set<number>>();
  users.forEach((user, row) => {
    const owned = itemsOf.get(user) ?? new Set();
    itemsOf.set(user, owned.add(items[row]!));
  });
  const scores = new Float32Array(model.itemCount);
  const ranks: number[] = [];
  for (const [user, owned] of itemsOf) {
    model.scoreAll(user, scores);
    const others = scores.filter((_, item) => !owned.has(item));
    for (const item of owned) ranks.push(rankOf(scores[item]!, others));
  }
  return reportRanks(ranks);
}
