/** Solves A·x = b by Gaussian elimination with partial pivoting, in double precision; A and b stay as they are. */
export function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = eliminate(matrix.map((row, i) => [...row, right[i]!]));
  return rows.map((row) => row.at(-1)!);
}

/** A⁻¹, by the same elimination. */
export function invert(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const rows = eliminate(matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]));
  return rows.map((row) => row.slice(size));
}

/** Turns the left square of the rows into the identity. */
function eliminate(rows: number[][]): number[][] {
  for (let column = 0; column < rows.length; column += 1) {
    let pivot = column;
    for (let row = column; row < rows.length; row += 1) {
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    }
    // both are rows of the matrix
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const scale = rows[column]![column]!;
    rows[column] = rows[column]!.map((value) => value / scale);
    for (let row = 0; row < rows.length; row += 1) {
      if (row === column) continue;
      const factor = rows[row]![column]!;
      if (factor === 0) continue;
      rows[row] = rows[row]!.map((value, j) => value - factor * rows[column]![j]!);
    }
  }
  return rows;
}
