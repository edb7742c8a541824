import { runInSlices } from '../core/event-loop.js';
import type { DistinctInteractions } from '../core/interactions.js';
import type { RecommenderModel } from '../recommenders/recommender-model.js';
import type { HeldOut } from '../splits/leave-latest-out.js';
import { reportRanks, type RankingReport } from './ranking.js';

const USERS_PER_SLICE = 16;

/**
 * Ranks each held-out item among all items that its user has no training row for.
 *
 * What a shop shows is the head of this list; among 99 sampled negatives a model may win that loses here.
 * Ties and NaN count against the model. O(users · items).
 *
 * @throws The signal's reason when aborted.
 *
 * @see Krichene & Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020, doi:10.1145/3394486.3403226.
 */
export async function evaluateAmongAll(
  model: Pick<RecommenderModel, 'itemCount' | 'scoreAll'>,
  { users, items, timestamps }: HeldOut,
  training: DistinctInteractions,
  signal?: AbortSignal,
): Promise<RankingReport> {
  const scores = new Float32Array(model.itemCount);
  const ranks: number[] = [];
  const rank = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1) {
      const user = users[index]!; // one item a user
      model.scoreAll(user, scores, timestamps?.[index]);
      for (let row = training.offsets[user]!; row < training.offsets[user + 1]!; row += 1) {
        scores[training.items[row]!] = Number.NEGATIVE_INFINITY;
      }
      ranks.push(rankAmong(scores, items[index]!));
    }
  };
  await runInSlices(users.length, USERS_PER_SLICE, rank, signal);
  return reportRanks(ranks);
}

/** Items that do not score below `item`, itself not counted. */
function rankAmong(scores: Float32Array, item: number): number {
  const relevant = scores[item]!;
  let rank = -1;
  // hot; `!(<)` and not `>=`: NaN must not win
  for (let other = 0; other < scores.length; other += 1) if (!(scores[other]! < relevant)) rank += 1;
  return rank;
}
