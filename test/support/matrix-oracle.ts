import type { MatrixLoss } from '../../src/ml/kernels/mf-trainer.js';

/** Loss of the scores of a positive, which comes first, and its negatives, from its definition. */
export function groupLoss(loss: MatrixLoss, scores: readonly number[]): number {
  const [positive = 0, ...negatives] = scores;
  const logOnePlusExp = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  if (loss === 'softmax') return Math.log(sum(scores.map(Math.exp))) - positive;
  if (loss === 'bpr') return sum(negatives.map((negative) => logOnePlusExp(negative - positive)));
  return logOnePlusExp(-positive) + sum(negatives.map(logOnePlusExp));
}

/** A user's and some items' rows, in double precision. */
export interface GroupRows {
  readonly user: number[];
  /** The positive first. */
  readonly items: number[][];
}

/** Loss of a group with its penalty, λ/2 of the squared rows of each sample, constants left out. */
export function penalizedLoss(
  { user, items }: GroupRows,
  options: { readonly loss: MatrixLoss; readonly regularization: number; readonly bias: number },
): number {
  const factors = user.length - 4;
  const product = (item: readonly number[]): number =>
    item.reduce((total, value, k) => total + value * user[k]!, options.bias);
  const squares = (row: readonly number[], biasColumn: number): number =>
    row.reduce((total, value, k) => total + (k < factors || k === biasColumn ? value * value : 0), 0);
  const penalty = items.reduce(
    (total, item) => total + squares(item, factors) + squares(user, factors + 1),
    0,
  );
  return groupLoss(options.loss, items.map(product)) + (options.regularization / 2) * penalty;
}
