import type { DistinctInteractions } from '../../src/ml/core/interactions.js';
import { invert } from './linear-oracle.js';

/** B = I − P · diag(1 / diag P), P = (XᵀX + λ·I)⁻¹, from its definition: plain loops, double precision. */
export function easeOracle(
  { userCount, itemCount, users, items }: DistinctInteractions,
  regularization: number,
): number[][] {
  const taken = Array.from({ length: userCount }, () => new Set<number>());
  users.forEach((user, row) => taken[user]!.add(items[row]!));
  const gram = Array.from({ length: itemCount }, (_, i) =>
    Array.from(
      { length: itemCount },
      (_column, j) => taken.filter((set) => set.has(i) && set.has(j)).length + (i === j ? regularization : 0),
    ),
  );
  const inverse = invert(gram);
  return inverse.map((row, i) => row.map((value, j) => (i === j ? 0 : -value / inverse[j]![j]!)));
}
