/** Size of a matrix factorization. */
export interface MatrixShape {
  readonly userCount: number;
  readonly itemCount: number;
  /** Width of the vectors, multiple of 4. */
  readonly factors: number;
}

/**
 * The parameters of a matrix factorization.
 *
 * A row holds the factors, then 4 floats: [1, bias, 0, 0] of a user, [bias, 1, 0, 0] of an item, so that
 * the product of two rows has both biases in it.
 */
export interface MatrixWeights {
  /** Shape (userCount, factors + 4). */
  readonly users: Float32Array;
  /** Shape (itemCount, factors + 4). */
  readonly items: Float32Array;
}

/** Width of one row. */
export function matrixRowWidth({ factors }: Pick<MatrixShape, 'factors'>): number {
  return factors + 4;
}

/** Columns of the biases in a row, and of the ones that the other's bias is multiplied by. */
export function biasColumns({ factors }: Pick<MatrixShape, 'factors'>): { item: number; user: number } {
  return { item: factors, user: factors + 1 };
}
