import type { DistinctInteractions } from '../../src/ml/core/interactions.js';
import type { PairScorer } from '../../src/ml/metrics/ranking.js';
import type { RecommenderModel, UserHistory } from '../../src/ml/recommenders/recommender-model.js';

/** A history without times. */
export function historyOf(items: Iterable<number>): UserHistory {
  const taken = Int32Array.from(items);
  return { items: taken, timestamps: new Float64Array(taken.length) };
}

/** Scores pairs by what a model makes of each user's rows in `histories`, whether or not it knows the user. */
export function foldedScorer(model: RecommenderModel, histories: DistinctInteractions): PairScorer {
  const known = new Map<number, Float32Array>();
  const scoresOf = (user: number): Float32Array => {
    const scores = known.get(user);
    if (scores) return scores;
    const rows = histories.items.subarray(histories.offsets[user], histories.offsets[user + 1]);
    const folded = model.scoreHistory(historyOf(rows));
    known.set(user, folded);
    return folded;
  };
  return {
    scorePairs: (users, items) => Float32Array.from(users, (user, i) => scoresOf(user)[items[i]!]!),
  };
}
