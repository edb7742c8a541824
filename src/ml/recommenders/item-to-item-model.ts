import { runInSlices } from '../core/event-loop.js';
import type { DistinctInteractions, Interactions } from '../core/interactions.js';
import type { ModelState } from '../core/learner.js';
import { readCount, readTensor } from '../core/state.js';
import type { RankingReport } from '../metrics/ranking.js';
import { distinctItems } from './distinct-items.js';
import type { ItemWeights } from './item-weights.js';
import {
  evaluateFullRanking,
  expectHistory,
  expectPairs,
  expectUser,
  recommend,
  scoresInto,
  type Recommendation,
  type RecommendationQuery,
  type RecommenderModel,
  type UserHistory,
} from './recommender-model.js';
import { readIndices } from './saved-indices.js';

/** What a model remembers of its training: the distinct items of each user, and what a stranger gets. */
export interface TrainedHistories {
  readonly userCount: number;
  readonly itemCount: number;
  /** Items of user u are items[offsets[u]] … items[offsets[u + 1] − 1], ascending. Length userCount + 1. */
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  /** Mean of the scores of users with items. Shape (itemCount). */
  readonly stranger: Float32Array;
}

/** What a state says of the weights, in a form of its kind. */
export type SavedWeights = Pick<ModelState, 'fitted' | 'tensors'>;

/** Items whose weights are added in one uninterrupted call. */
const ITEMS_PER_SLICE = 256;

/**
 * Scores items by weights from the items that a user took: s = Σ of their rows.
 *
 * `scoreAll` is `scoreHistory` of the user's training rows, to the last bit; a stranger gets the mean of all users'
 * scores. Indices are kept as floats, which is exact up to 2²⁴.
 */
export class ItemToItemModel implements RecommenderModel {
  /**
   * @param kind Learner and format version of its states.
   * @param saveWeights Copies.
   */
  constructor(
    readonly kind: string,
    private readonly weights: ItemWeights,
    private readonly trained: TrainedHistories,
    private readonly saveWeights: () => SavedWeights,
  ) {}

  get userCount(): number {
    return this.trained.userCount;
  }

  get itemCount(): number {
    return this.trained.itemCount;
  }

  scoreAll(user: number, out?: Float32Array): Float32Array {
    expectUser(this, user);
    const { offsets, items } = this.trained;
    return this.score(items.subarray(offsets[user], offsets[user + 1]), scoresInto(this, out));
  }

  scoreHistory(history: UserHistory, out?: Float32Array): Float32Array {
    expectHistory(this, history);
    return this.score(distinctItems(history), scoresInto(this, out));
  }

  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    expectPairs(this, users, items);
    const scores = new Float32Array(users.length);
    const all = new Float32Array(this.itemCount);
    let scored = -1;
    // all items at once: pairs come in runs of one user
    for (let pair = 0; pair < users.length; pair += 1) {
      const user = users[pair]!;
      if (user !== scored) this.scoreAll(user, all);
      scored = user;
      scores[pair] = all[items[pair]!]!;
    }
    return scores;
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    const { userCount, itemCount, offsets, items, stranger } = this.trained;
    const { fitted, tensors } = this.saveWeights();
    return {
      kind: this.kind,
      fitted: { ...fitted, userCount, itemCount },
      tensors: {
        ...tensors,
        historyCounts: Float32Array.from(
          { length: userCount },
          (_, user) => offsets[user + 1]! - offsets[user]!,
        ),
        history: Float32Array.from(items),
        stranger: stranger.slice(),
      },
    };
  }

  private score(items: Int32Array, out: Float32Array): Float32Array {
    if (items.length === 0) {
      out.set(this.trained.stranger);
      return out;
    }
    out.fill(0);
    this.weights.addRows(items, new Float32Array(items.length).fill(1), out);
    return out;
  }
}

/** Keeps the histories of a training, and averages what `weights` makes of them. @throws The signal's reason when aborted. */
export async function rememberHistories(
  { userCount, itemCount, users, offsets, items }: DistinctInteractions,
  weights: ItemWeights,
  signal?: AbortSignal,
): Promise<TrainedHistories> {
  // rows are sorted by user
  const userWithItems = users.filter((user, row) => row === 0 || user !== users[row - 1]).length;
  const shares = new Float64Array(itemCount);
  for (const item of items) shares[item]! += 1 / userWithItems;
  const taken = Int32Array.from(shares.keys()).filter((item) => shares[item]! > 0);
  const factors = Float32Array.from(taken, (item) => shares[item]!);
  const stranger = new Float32Array(itemCount);
  const add = (from: number, to: number): void => {
    weights.addRows(taken.subarray(from, to), factors.subarray(from, to), stranger);
  };
  await runInSlices(taken.length, ITEMS_PER_SLICE, add, signal);
  return { userCount, itemCount, offsets, items, stranger };
}

/** @throws IncompatibleStateError when a number or tensor is missing or does not fit. */
export function readHistories(state: ModelState): TrainedHistories {
  const userCount = readCount(state, 'userCount');
  const itemCount = readCount(state, 'itemCount');
  const counts = readIndices(state, 'historyCounts', { length: userCount, below: itemCount + 1 });
  const offsets = new Int32Array(userCount + 1);
  counts.forEach((count, user) => (offsets[user + 1] = offsets[user]! + count));
  return {
    userCount,
    itemCount,
    offsets,
    items: readIndices(state, 'history', { length: offsets[userCount]!, below: itemCount }),
    stranger: readTensor(state, 'stranger', itemCount).slice(),
  };
}
