// A = Uᵀ · U for one small matrix, and the solution of A · x = b
import { add, mul, sumsOf } from './simd';
import { subtractTile } from './tile';

/**
 * Replaces the upper triangle of the symmetric matrix by U, row-major, left-looking in blocks of 4 rows.
 * `size` is a multiple of 8. What lies below the diagonal is scratch.
 *
 * Pivots are at least `floor`, a lower bound of the eigenvalues: rounding cannot make them negative.
 */
export function factorize(matrix: usize, stride: usize, size: i32, floor: f32, inverses: usize): void {
  const rowBytes: usize = size << 2;
  for (let i: usize = 0; i < rowBytes; i += 16) {
    const depth = <i32>(i >> 2);
    const row0 = matrix + <usize>depth * stride;
    if (depth > 0) {
      for (let j = i & ~31; j < rowBytes; j += 32) {
        subtractTile(matrix + i, stride, matrix + j, stride, depth, row0 + j, stride);
      }
    }
    finishRows(row0, stride, i, rowBytes, floor, inverses + i);
  }
}

/** The 4 rows from `row0`, whose products with the rows above have been subtracted; `i` is their diagonal's offset in bytes. */
@inline
function finishRows(row0: usize, stride: usize, i: usize, rowBytes: usize, floor: f32, inverses: usize): void {
  const row1 = row0 + stride;
  const row2 = row1 + stride;
  const row3 = row2 + stride;
  const one: f32 = 1;
  const r0 = one / sqrt<f32>(max<f32>(load<f32>(row0 + i), floor));
  const u01 = load<f32>(row0 + i, 4) * r0;
  const u02 = load<f32>(row0 + i, 8) * r0;
  const u03 = load<f32>(row0 + i, 12) * r0;
  const r1 = one / sqrt<f32>(max<f32>(load<f32>(row1 + i, 4) - u01 * u01, floor));
  const u12 = (load<f32>(row1 + i, 8) - u01 * u02) * r1;
  const u13 = (load<f32>(row1 + i, 12) - u01 * u03) * r1;
  const r2 = one / sqrt<f32>(max<f32>(load<f32>(row2 + i, 8) - u02 * u02 - u12 * u12, floor));
  const u23 = (load<f32>(row2 + i, 12) - u02 * u03 - u12 * u13) * r2;
  const r3 = one / sqrt<f32>(max<f32>(load<f32>(row3 + i, 12) - u03 * u03 - u13 * u13 - u23 * u23, floor));
  store<f32>(inverses, r0);
  store<f32>(inverses, r1, 4);
  store<f32>(inverses, r2, 8);
  store<f32>(inverses, r3, 12);
  for (let j = i; j < rowBytes; j += 16) {
    const v0 = mul(v128.load(row0 + j), f32x4.splat(r0));
    let v1 = f32x4.sub(v128.load(row1 + j), mul(f32x4.splat(u01), v0));
    v1 = mul(v1, f32x4.splat(r1));
    let v2 = f32x4.sub(v128.load(row2 + j), mul(f32x4.splat(u02), v0));
    v2 = mul(f32x4.sub(v2, mul(f32x4.splat(u12), v1)), f32x4.splat(r2));
    let v3 = f32x4.sub(v128.load(row3 + j), mul(f32x4.splat(u03), v0));
    v3 = f32x4.sub(v3, mul(f32x4.splat(u13), v1));
    v3 = mul(f32x4.sub(v3, mul(f32x4.splat(u23), v2)), f32x4.splat(r3));
    v128.store(row0 + j, v0);
    v128.store(row1 + j, v1);
    v128.store(row2 + j, v2);
    v128.store(row3 + j, v3);
  }
}

/** Replaces b by z with Uᵀ · z = b. */
export function substituteForward(matrix: usize, stride: usize, size: i32, inverses: usize, b: usize): void {
  const rowBytes: usize = size << 2;
  let row0 = matrix;
  for (let i: usize = 0; i < rowBytes; i += 16) {
    const row1 = row0 + stride;
    const row2 = row1 + stride;
    const row3 = row2 + stride;
    const z0 = load<f32>(b + i) * load<f32>(inverses + i);
    const z1 = (load<f32>(b + i, 4) - load<f32>(row0 + i, 4) * z0) * load<f32>(inverses + i, 4);
    const z2 =
      (load<f32>(b + i, 8) - load<f32>(row0 + i, 8) * z0 - load<f32>(row1 + i, 8) * z1) * load<f32>(inverses + i, 8);
    const z3 =
      (load<f32>(b + i, 12) -
        load<f32>(row0 + i, 12) * z0 -
        load<f32>(row1 + i, 12) * z1 -
        load<f32>(row2 + i, 12) * z2) *
      load<f32>(inverses + i, 12);
    store<f32>(b + i, z0);
    store<f32>(b + i, z1, 4);
    store<f32>(b + i, z2, 8);
    store<f32>(b + i, z3, 12);
    for (let j = i + 16; j < rowBytes; j += 16) {
      const sum = add(
        add(mul(f32x4.splat(z0), v128.load(row0 + j)), mul(f32x4.splat(z1), v128.load(row1 + j))),
        add(mul(f32x4.splat(z2), v128.load(row2 + j)), mul(f32x4.splat(z3), v128.load(row3 + j))),
      );
      v128.store(b + j, f32x4.sub(v128.load(b + j), sum));
    }
    row0 = row3 + stride;
  }
}

/** Replaces z by x with U · x = z. */
export function substituteBackward(matrix: usize, stride: usize, size: i32, inverses: usize, z: usize): void {
  const rowBytes: usize = size << 2;
  for (let next: usize = rowBytes; next > 0; next -= 16) {
    const i = next - 16;
    const row0 = matrix + (i >> 2) * stride;
    const row1 = row0 + stride;
    const row2 = row1 + stride;
    const row3 = row2 + stride;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let j = next; j < rowBytes; j += 16) {
      const x = v128.load(z + j);
      s0 = add(s0, mul(x, v128.load(row0 + j)));
      s1 = add(s1, mul(x, v128.load(row1 + j)));
      s2 = add(s2, mul(x, v128.load(row2 + j)));
      s3 = add(s3, mul(x, v128.load(row3 + j)));
    }
    const right = f32x4.sub(v128.load(z + i), sumsOf(s0, s1, s2, s3));
    const x3 = f32x4.extract_lane(right, 3) * load<f32>(inverses + i, 12);
    const x2 = (f32x4.extract_lane(right, 2) - load<f32>(row2 + i, 12) * x3) * load<f32>(inverses + i, 8);
    const x1 =
      (f32x4.extract_lane(right, 1) - load<f32>(row1 + i, 8) * x2 - load<f32>(row1 + i, 12) * x3) *
      load<f32>(inverses + i, 4);
    const x0 =
      (f32x4.extract_lane(right, 0) -
        load<f32>(row0 + i, 4) * x1 -
        load<f32>(row0 + i, 8) * x2 -
        load<f32>(row0 + i, 12) * x3) *
      load<f32>(inverses + i);
    store<f32>(z + i, x0);
    store<f32>(z + i, x1, 4);
    store<f32>(z + i, x2, 8);
    store<f32>(z + i, x3, 12);
  }
}
