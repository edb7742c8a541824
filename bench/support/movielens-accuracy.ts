import { distinctInteractions } from '../../src/ml/core/interactions.js';
import { evaluateAmongAll } from '../../src/ml/metrics/full-ranking.js';
import { evaluateRanking } from '../../src/ml/metrics/ranking.js';
import { leaveLatestOut } from '../../src/ml/splits/leave-latest-out.js';
import {
  accuracyRow,
  fitCandidate,
  type AccuracyRow,
  type Candidate,
  type FitOptions,
  type Part,
} from './accuracy-row.js';
import { findData } from './data.js';
import { readMovieLens, type NcfSplit } from './movielens.js';

const DATA = 'movielens1m_ncf';

/**
 * MovieLens-1M in the split of He et al. 2017: each user's latest item among their 99 published negatives (`hr10`,
 * `ndcg10`), and among all items that the user has no training row for (`fullHr10`, `fullNdcg10`). Training rows have
 * no times, so the validation part is one drawn row a user with 99 drawn negatives.
 */
export async function movieLensAccuracy(
  candidates: readonly Candidate[],
  part: Part,
  options: FitOptions,
): Promise<AccuracyRow[]> {
  const folder = findData(DATA);
  if (folder === undefined) return [];
  const { training, heldOut } = await partOf(readMovieLens(folder), part, options.seed);
  const distinct = await distinctInteractions(training);
  const rows: AccuracyRow[] = [];
  for (const candidate of candidates) {
    const { model, trainSeconds } = await fitCandidate(candidate, training, options);
    const { hr10, ndcg10 } = await evaluateRanking(model, heldOut);
    const full = await evaluateAmongAll(model, heldOut, distinct);
    const scores = { hr10, ndcg10, fullHr10: full.hr10, fullNdcg10: full.ndcg10 };
    rows.push(accuracyRow(DATA, candidate.name, scores, trainSeconds));
  }
  return rows;
}

async function partOf(split: NcfSplit, part: Part, seed: number): Promise<NcfSplit> {
  return part === 'test' ? split : leaveLatestOut(split.training, { seed });
}
