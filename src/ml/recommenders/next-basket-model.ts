import type { Interactions } from '../core/interactions.js';
import type { ModelState } from '../core/learner.js';
import type { RankingReport } from '../metrics/ranking.js';
import { basketFrequencies, type SparseVector } from './basket-frequency.js';
import { Neighborhood } from './neighborhood.js';
import type { NextBasketHyperparameters } from './next-basket-hyperparameters.js';
import { NEXT_BASKET_KIND, writeNextBasket } from './next-basket-state.js';
import { rowOf, type SparseRows } from './sparse-rows.js';
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

/** Orders what neither a user nor the neighbors took by popularity; too little to overtake anything else. */
const POPULARITY_SHARE = 1e-9;

/**
 * Fitted habits of every training user.
 *
 * Scores are mean weights of an item in a basket, in [0, 1]. `scoreHistory` of a user's own training rows gives
 * exactly what `scoreAll` gives; of a longer history, the user's former self is one of the neighbors. An empty
 * history scores the mean of all users. What counts is the order of baskets, so `at` changes nothing.
 */
export class NextBasketModel implements RecommenderModel {
  readonly kind = NEXT_BASKET_KIND;
  private readonly neighborhood: Neighborhood;
  private readonly sums: Float64Array;

  /** @param frequencies Vector of each user. Shape (userCount, itemCount); kept, not copied. */
  constructor(
    frequencies: SparseRows,
    private readonly hyperparameters: NextBasketHyperparameters,
  ) {
    this.neighborhood = new Neighborhood(frequencies);
    this.sums = new Float64Array(frequencies.columnCount);
  }

  get userCount(): number {
    return this.neighborhood.rows.offsets.length - 1;
  }

  get itemCount(): number {
    return this.neighborhood.rows.columnCount;
  }

  scoreAll(user: number, out?: Float32Array): Float32Array {
    expectUser(this, user);
    return this.score(rowOf(this.neighborhood.rows, user), scoresInto(this, out));
  }

  scoreHistory(history: UserHistory, out?: Float32Array): Float32Array {
    expectHistory(this, history);
    return this.score(basketFrequencies(history, this.hyperparameters), scoresInto(this, out));
  }

  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    expectPairs(this, users, items);
    const scores = new Float32Array(this.itemCount);
    // pairs of one user mostly stand together: each run of them is scored once
    return Float32Array.from(items, (item, pair) => {
      if (pair === 0 || users[pair] !== users[pair - 1]) this.scoreAll(users[pair]!, scores);
      return scores[item]!;
    });
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    return writeNextBasket(this.neighborhood.rows, this.hyperparameters);
  }

  private score(vector: SparseVector, out: Float32Array): Float32Array {
    const { neighborhood, sums } = this;
    const { neighbors, alpha } = this.hyperparameters;
    const isStranger = vector.items.length === 0;
    const popularityShare = isStranger ? 1 : POPULARITY_SHARE;
    for (let item = 0; item < sums.length; item += 1) sums[item] = popularityShare * neighborhood.mean[item]!;
    if (!isStranger) {
      vector.items.forEach((item, index) => {
        sums[item]! += alpha * vector.weights[index]!;
      });
      const nearest = alpha < 1 ? neighborhood.nearest(vector, neighbors) : new Int32Array();
      neighborhood.addMeanOf(nearest, 1 - alpha, sums);
    }
    out.set(sums);
    return out;
  }
}
