import type { SparseVector } from './basket-frequency.js';

/** Sparse vectors in compressed rows, one after the other. */
export interface SparseRows {
  /** Columns are 0 … columnCount − 1. */
  readonly columnCount: number;
  /** Row r is at offsets[r] … offsets[r + 1] − 1. Length rowCount + 1. */
  readonly offsets: Int32Array;
  /** Ascending within a row. */
  readonly columns: Int32Array;
  readonly weights: Float32Array;
}

/** Row `row` as a vector that shares its memory. */
export function rowOf({ offsets, columns, weights }: SparseRows, row: number): SparseVector {
  // a row of the matrix has both offsets
  const [start, end] = [offsets[row]!, offsets[row + 1]!];
  return { items: columns.subarray(start, end), weights: weights.subarray(start, end) };
}

/** Puts vectors below each other. */
export function rowsOf(vectors: readonly SparseVector[], columnCount: number): SparseRows {
  const offsets = new Int32Array(vectors.length + 1);
  vectors.forEach(({ items }, row) => {
    offsets[row + 1] = offsets[row]! + items.length;
  });
  const length = offsets[vectors.length]!;
  const rows = { columnCount, offsets, columns: new Int32Array(length), weights: new Float32Array(length) };
  vectors.forEach(({ items, weights }, row) => {
    rows.columns.set(items, offsets[row]);
    rows.weights.set(weights, offsets[row]);
  });
  return rows;
}

/** Columns become rows: a counting pass, O(entries + columns). */
export function transposed({ columnCount, offsets, columns, weights }: SparseRows): SparseRows {
  const rowCount = offsets.length - 1;
  const next = new Int32Array(columnCount + 1);
  for (const column of columns) next[column + 1]! += 1;
  for (let column = 0; column < columnCount; column += 1) next[column + 1]! += next[column]!;
  const result = {
    columnCount: rowCount,
    offsets: next.slice(),
    columns: new Int32Array(columns.length),
    weights: new Float32Array(columns.length),
  };
  // hot: columns are below columnCount, entries below the common length
  for (let row = 0; row < rowCount; row += 1) {
    for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry += 1) {
      const place = next[columns[entry]!]!;
      next[columns[entry]!] = place + 1;
      result.columns[place] = row;
      result.weights[place] = weights[entry]!;
    }
  }
  return result;
}
