// what the host lays out in memory; the order of the fields is repeated in ../ials-plan.ts

/** Everything one thread works on while it solves the rows of one side. Addresses shared by threads: all but the scratch. */
@unmanaged
export class Plan {
  /** Floats of a row of factors, multiple of 8. */
  width: i32;

  /** Rows that are solved for: row r has the entries offsets[r] … offsets[r + 1] of `indices`, each a row of `other`. */
  own: usize;
  other: usize;
  offsets: usize;
  indices: usize;
  /** Regularization of each row of `own`, λ scaled by its frequency. */
  penalties: usize;
  /** Two doubles a row of `own`: its part of the loss, and the part of that which is regularization. */
  losses: usize;
  /** α₀ · otherᵀ · other: the upper triangle in rows of `strideOf` bytes. */
  gram: usize;

  /** Scratch: matrix of the row, then its triangular factor; right side, then solution; 1 / diagonal; a block of entries. */
  matrix: usize;
  right: usize;
  inverses: usize;
  gathered: usize;

  /** The row under way, the end of this thread's share, and the next entry of the row, -1 before it begins. */
  row: i32;
  end: i32;
  entry: i32;

  /** Scores of all rows of `other`, whole blocks of 4. */
  scores: usize;
  otherCount: i32;
}

/** Entries that are added to a matrix together. */
export const BLOCK: i32 = 64;

/** Bytes from a row of a matrix or block to the next: 8 floats more than it holds, so that equal columns do not share a cache set. */
@inline
export function strideOf(plan: Plan): usize {
  return (<usize>plan.width + 8) << 2;
}
