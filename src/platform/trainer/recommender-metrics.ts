import type { MetricReport, ModelContext } from '../../ml/core/learner.js';
import { listBaskets, reportBaskets, type BasketReport } from '../../ml/metrics/next-basket.js';
import { evaluateRanking, LIST_LENGTH } from '../../ml/metrics/ranking.js';
import { Popularity } from '../../ml/recommenders/popularity.js';
import type { RecommenderModel } from '../../ml/recommenders/recommender-model.js';
import type { LatestMomentSplit } from '../../ml/splits/latest-moment.js';

/**
 * Measures a model on what was held out of its training, popularity beside it.
 *
 * `hr10`, `ndcg10` (and `popularityHr10`, `popularityNdcg10`): one item that the training does not show the user with,
 * among 99 that the user never took, over `evaluatedUsers` (the protocol of He et al. 2017). `basketRecall10`,
 * `basketNdcg10` (and `popularityBasket…`, `seasonalPopularityBasket…`): the first 10 of all items against what the
 * user took at the latest moment, repeated purchases included, over `evaluatedBaskets`; popularity in season is that
 * of the weeks around that moment. The item hidden from the training for the sake of `hr10` is in neither the
 * lists nor the baskets. Figures that nothing was held out for are absent.
 *
 * @throws The signal's reason when aborted.
 */
export async function measureRecommender(
  model: RecommenderModel,
  split: LatestMomentSplit,
  { kernels, signal }: ModelContext & { readonly signal?: AbortSignal | undefined },
): Promise<MetricReport> {
  const { training, heldOut, baskets } = split;
  const context = { seed: 0, kernels, ...(signal && { signal }) };
  const popularity = await new Popularity().fit(training, context);
  const metrics: Record<string, number> = { evaluatedUsers: heldOut.users.length };
  if (heldOut.users.length > 0) {
    const score = await evaluateRanking(model, heldOut, signal);
    const baseline = await evaluateRanking(popularity, heldOut, signal);
    metrics['hr10'] = score.hr10;
    metrics['ndcg10'] = score.ndcg10;
    metrics['popularityHr10'] = baseline.hr10;
    metrics['popularityNdcg10'] = baseline.ndcg10;
  }
  metrics['evaluatedBaskets'] = baskets.users.length;
  if (baskets.users.length > 0) {
    const inSeason = await new Popularity({ season: true }).fit(training, context);
    const measured = [
      ['basket', model],
      ['popularityBasket', popularity],
      ['seasonalPopularityBasket', inSeason],
    ] as const;
    for (const [name, candidate] of measured) {
      const { recall, ndcg } = await measureBaskets(candidate, split, signal);
      metrics[`${name}Recall10`] = recall;
      metrics[`${name}Ndcg10`] = ndcg;
    }
  }
  return metrics;
}

async function measureBaskets(
  model: RecommenderModel,
  { baskets, hidden }: LatestMomentSplit,
  signal: AbortSignal | undefined,
): Promise<BasketReport> {
  const scores = new Float32Array(model.itemCount);
  const { users, timestamps } = baskets;
  const scoreBasket = (index: number): Float32Array => {
    // index counts the baskets
    model.scoreAll(users[index]!, scores, timestamps[index]);
    if (hidden[index]! >= 0) scores[hidden[index]!] = Number.NEGATIVE_INFINITY;
    return scores;
  };
  return reportBaskets(await listBaskets(scoreBasket, baskets, LIST_LENGTH, signal), baskets, LIST_LENGTH);
}
