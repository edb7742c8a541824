// a 4 x 8 tile of a matrix product, kept in registers: what Gram matrices, Cholesky and inversion are made of
import { add, mul } from './simd';

/** c += xᵀ · y over `depth` rows: x holds 4 floats a row, y 8, c is 4 rows of 8. Strides are bytes from a row to the next. */
@inline
export function addTile(x: usize, xStride: usize, y: usize, yStride: usize, depth: i32, c: usize, cStride: usize): void {
  tile(x, xStride, y, yStride, depth, c, cStride, false);
}

/** c -= xᵀ · y, otherwise as addTile(). */
@inline
export function subtractTile(
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  depth: i32,
  c: usize,
  cStride: usize,
): void {
  tile(x, xStride, y, yStride, depth, c, cStride, true);
}

@inline
function tile(
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  depth: i32,
  c: usize,
  cStride: usize,
  isSubtracted: bool,
): void {
  let a0 = f32x4.splat(0);
  let b0 = a0;
  let a1 = a0;
  let b1 = a0;
  let a2 = a0;
  let b2 = a0;
  let a3 = a0;
  let b3 = a0;
  // one row a turn, as in dense.ts: two would not fit the registers
  for (const end = y + <usize>depth * yStride; y < end; y += yStride) {
    const ya = v128.load(y);
    const yb = v128.load(y, 16);
    let s = v128.load_splat<f32>(x);
    a0 = add(a0, mul(s, ya));
    b0 = add(b0, mul(s, yb));
    s = v128.load_splat<f32>(x, 4);
    a1 = add(a1, mul(s, ya));
    b1 = add(b1, mul(s, yb));
    s = v128.load_splat<f32>(x, 8);
    a2 = add(a2, mul(s, ya));
    b2 = add(b2, mul(s, yb));
    s = v128.load_splat<f32>(x, 12);
    a3 = add(a3, mul(s, ya));
    b3 = add(b3, mul(s, yb));
    x += xStride;
  }
  merge(c, a0, b0, isSubtracted);
  c += cStride;
  merge(c, a1, b1, isSubtracted);
  c += cStride;
  merge(c, a2, b2, isSubtracted);
  c += cStride;
  merge(c, a3, b3, isSubtracted);
}

@inline
function merge(c: usize, a: v128, b: v128, isSubtracted: bool): void {
  if (isSubtracted) {
    v128.store(c, f32x4.sub(v128.load(c), a));
    v128.store(c, f32x4.sub(v128.load(c, 16), b), 16);
  } else {
    v128.store(c, add(v128.load(c), a));
    v128.store(c, add(v128.load(c, 16), b), 16);
  }
}
