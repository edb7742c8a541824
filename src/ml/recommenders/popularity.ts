import { yieldToEventLoop } from '../core/event-loop.js';
import { distinctInteractions, type Interactions } from '../core/interactions.js';
import type { FitContext, Learner, ModelState } from '../core/learner.js';
import { expectKind, readCount, readTensor } from '../core/state.js';
import type { RankingReport } from '../metrics/ranking.js';
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

const KIND = 'popularity/1';

/**
 * Recommends to everybody what most users have taken (overall popularity).
 *
 * score(u, i) = number of distinct users with i. Not personal: the yardstick that other
 * recommenders have to beat, and what a new user gets. Fit O(n), memory one float an item.
 */
export class Popularity implements Learner<Interactions, PopularityModel> {
  readonly kind = KIND;
  /** There is nothing to choose. */
  readonly hyperparameters = {};

  /** @throws InvalidDataError when a row is bad; the signal's reason when aborted. */
  async fit(interactions: Interactions, context: FitContext): Promise<PopularityModel> {
    context.signal?.throwIfAborted();
    const { userCount, itemCount, items } = await distinctInteractions(interactions, context.signal);
    const counts = new Float32Array(itemCount);
    // validated rows: every item has a count
    for (const item of items) counts[item]! += 1;
    await yieldToEventLoop();
    context.signal?.throwIfAborted();
    context.onProgress?.({ epoch: 1, epochs: 1, loss: 0, samplesPerSecond: 0 });
    return new PopularityModel(userCount, counts);
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState): PopularityModel {
    expectKind(state, KIND);
    const counts = readTensor(state, 'counts', readCount(state, 'itemCount'));
    return new PopularityModel(readCount(state, 'userCount'), counts);
  }
}

/** Fitted counts. Scores are numbers of users. */
export class PopularityModel implements RecommenderModel {
  readonly kind = KIND;
  private readonly counts: Float32Array;

  /** @param counts Users of each item; copied. Shape (itemCount). */
  constructor(
    readonly userCount: number,
    counts: Float32Array,
  ) {
    this.counts = counts.slice();
  }

  get itemCount(): number {
    return this.counts.length;
  }

  scoreAll(user: number, out?: Float32Array): Float32Array {
    expectUser(this, user);
    const scores = scoresInto(this, out);
    scores.set(this.counts);
    return scores;
  }

  /** The same for everybody, whatever they took. */
  scoreHistory(history: UserHistory, out?: Float32Array): Float32Array {
    expectHistory(this, history);
    const scores = scoresInto(this, out);
    scores.set(this.counts);
    return scores;
  }

  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    expectPairs(this, users, items);
    return Float32Array.from(items, (item) => this.counts[item]!);
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    const { userCount, itemCount } = this;
    return { kind: KIND, fitted: { userCount, itemCount }, tensors: { counts: this.counts.slice() } };
  }
}
