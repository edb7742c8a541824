import { leaveLatestOut } from '../../src/ml/splits/leave-latest-out.js';
import {
  accuracyRow,
  fitCandidate,
  type AccuracyRow,
  type Candidate,
  type FitOptions,
  type Part,
} from './accuracy-row.js';
import { groceryRow, readAmazonGrocery } from './amazon-grocery.js';
import { findData } from './data.js';

const DATA = 'amazon_grocery_rechorus';

/**
 * Amazon Grocery in the split of ReChorus, its dev part taken for the test as its SOURCE.md says: each user's item
 * among 99 negatives drawn from what the user never had (`hr5`, `ndcg5`, `hr10`, `ndcg10`). Models that follow time are
 * asked about the moment of the held-out row and know nothing later. The validation part is each user's last training row.
 */
export async function amazonAccuracy(
  candidates: readonly Candidate[],
  part: Part,
  options: FitOptions,
): Promise<AccuracyRow[]> {
  const folder = findData(DATA);
  if (folder === undefined) return [];
  const { seed } = options;
  const published = readAmazonGrocery(folder, { seed });
  const { training, heldOut } =
    part === 'test' ? published : await leaveLatestOut(published.training, { seed });
  const rows: AccuracyRow[] = [];
  for (const candidate of candidates) {
    const { model, trainSeconds } = await fitCandidate(candidate, training, options);
    const { method, ...scores } = await groceryRow(candidate.name, model, heldOut);
    rows.push(accuracyRow(DATA, method, scores, trainSeconds));
  }
  return rows;
}
