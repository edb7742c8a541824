/** Eigenvalues, largest first, each with its vector of length 1. */
export interface Eigen {
  /** Shape (n). */
  readonly values: Float64Array;
  /** Row i belongs to value i. Shape (n, n), row-major. */
  readonly vectors: Float64Array;
}

const MAX_SWEEPS = 30;
const CONVERGED = 1e-12;

/**
 * Decomposes a symmetric matrix (cyclic Jacobi rotations).
 *
 * Each sweep costs O(n³); some 8 of them do. For n up to a few hundred.
 *
 * @param matrix Shape (n, n), symmetric, finite; left unchanged.
 *
 * @see G. Golub & C. Van Loan, "Matrix Computations", 4th ed. (2013), sec. 8.5.
 */
export function decomposeSymmetric(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) rows[i * n + i] = 1;
  const total = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a, n) > CONVERGED * total; sweep += 1) {
    for (let p = 0; p < n - 1; p += 1) for (let q = p + 1; q < n; q += 1) rotate(a, rows, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => vectors.set(rows.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let p = 0; p < n; p += 1) for (let q = 0; q < p; q += 1) sum += 2 * a[p * n + q]! ** 2;
  return sum;
}

/** Makes a[p, q] zero. Indices stay below n. */
function rotate(a: Float64Array, rows: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const tau = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  for (let k = 0; k < n; k += 1) {
    const kp = a[k * n + p]!;
    const kq = a[k * n + q]!;
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k += 1) {
    const pk = a[p * n + k]!;
    const qk = a[q * n + k]!;
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const vp = rows[p * n + k]!;
    const vq = rows[q * n + k]!;
    rows[p * n + k] = c * vp - s * vq;
    rows[q * n + k] = s * vp + c * vq;
  }
}
