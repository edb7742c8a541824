/** What iALS minimizes, beside the data. */
export interface IalsObjective {
  /** Weight α₀ of every pair of a user and an item, > 0. */
  readonly unobservedWeight: number;
  /** Strength λ of the regularization, > 0. */
  readonly regularization: number;
  /** Exponent ν of the frequency that scales λ: 0 is the same λ for every row. */
  readonly regularizationExponent: number;
}

/**
 * Regularization of a row: λ · (count + α₀ · otherCount)^ν.
 *
 * @param count Distinct entries of the row.
 * @param otherCount Rows of the other side.
 */
export function penaltyOf(objective: IalsObjective, count: number, otherCount: number): number {
  const { unobservedWeight, regularization, regularizationExponent } = objective;
  return regularization * (count + unobservedWeight * otherCount) ** regularizationExponent;
}
