import type { Interactions } from '../core/interactions.js';
import type { ModelState } from '../core/learner.js';
import type { KernelRuntime } from '../kernels/kernel-runtime.js';
import type { NeuMFShape, NeuMFWeights } from '../kernels/neumf-network.js';
import { NeuMFScorer, type NeuMFFoldIn } from '../kernels/neumf-scorer.js';
import type { RankingReport } from '../metrics/ranking.js';
import { NEUMF_KIND, writeModel } from './neumf-state.js';
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

/**
 * A fitted NeuMF. Scores are log-odds: p = 1 / (1 + e^−score). Its memory is freed with it.
 *
 * Fold-in starts at the mean row of all users and descends a step for each item and its sampled negatives, ten times
 * over, all else left as it is: 1.4 ms for 50 items at 3,706 products. On MovieLens-1M (validation, defaults, 5 epochs)
 * 500 users whom the training did not know reached an HR@10 of .802 and an NDCG@10 of .527 by their histories, .794
 * and .542 where it knew them; 1,000 known users .796 and .544 by their histories, .809 and .550 by `scoreAll`.
 */
export class NeuMFModel implements RecommenderModel {
  readonly kind = NEUMF_KIND;
  readonly scale = 'log-odds';
  private readonly scorer: NeuMFScorer;

  constructor(
    kernels: KernelRuntime,
    private readonly shape: NeuMFShape,
    weights: NeuMFWeights,
    private readonly foldIn: NeuMFFoldIn,
  ) {
    this.scorer = new NeuMFScorer(kernels, shape, weights);
  }

  get userCount(): number {
    return this.shape.userCount;
  }

  get itemCount(): number {
    return this.shape.itemCount;
  }

  scoreAll(user: number, out?: Float32Array): Float32Array {
    expectUser(this, user);
    return this.scorer.scoreAll(user, scoresInto(this, out));
  }

  scoreHistory(history: UserHistory, out?: Float32Array): Float32Array {
    expectHistory(this, history);
    const items = Int32Array.from(new Set(history.items)).sort();
    return this.scorer.scoreHistory(items, this.foldIn, scoresInto(this, out));
  }

  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    expectPairs(this, users, items);
    return this.scorer.scorePairs(users, items);
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    return writeModel(this.shape, this.scorer.weights(), this.foldIn);
  }
}
