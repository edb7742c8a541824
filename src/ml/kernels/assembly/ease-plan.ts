// what the host lays out in memory; the order of the fields is repeated in ../ease-plan.ts

/** Rows and columns that one step of the inversion takes out together. */
export const PIVOTS: i32 = 64;

/** Everything that counting, inversion and scoring work on. Threads share all of it and write rows of their own. */
@unmanaged
export class Plan {
  /** Items; and rows of the matrix, a multiple of PIVOTS. */
  itemCount: i32;
  size: i32;
  /** Rows of `stride` bytes; while inverting only the lower triangle counts, whole tiles on the diagonal. */
  matrix: usize;
  stride: usize;

  /** Users of an item, and items of a user, in compressed rows. */
  itemOffsets: usize;
  itemUsers: usize;
  userOffsets: usize;
  userItems: usize;

  /** The columns of the pivots, before and after the step: groups of 8 rows, each with 8 floats a pivot. */
  panel: usize;
  scaled: usize;
  /** Inverse of the pivots' own block. */
  block: usize;
  diagonal: usize;

  /** Rows to add up, their weights, and the sum. */
  rows: usize;
  weights: usize;
  sums: usize;
}

/** Bytes of one group of 8 rows in `panel` and `scaled`. */
export const GROUP_BYTES: usize = 8 * (<usize>PIVOTS << 2);

@inline
export function rowOf(plan: Plan, row: i32): usize {
  return plan.matrix + <usize>row * plan.stride;
}
