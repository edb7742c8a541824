// dense layers over a block of 4 samples: small matrix products whose 4 x 8 tile of results stays in registers
import { BLOCK_STRIDE, add, mul } from './simd';

/**
 * y = x · kernel + bias for the 4 rows of a block.
 * `kernel` is (inputs, outputs) row-major; inputs are a multiple of 4, outputs of 8.
 */
export function multiply(x: usize, kernel: usize, bias: usize, inputs: i32, outputs: i32, y: usize): void {
  product(x, kernel, bias, inputs, outputs, y, false);
}

/** y = max(x · kernel + bias, 0) for the 4 rows of a block. */
export function activate(x: usize, kernel: usize, bias: usize, inputs: i32, outputs: i32, y: usize): void {
  product(x, kernel, bias, inputs, outputs, y, true);
}

@inline
function product(
  x: usize,
  kernel: usize,
  bias: usize,
  inputs: i32,
  outputs: i32,
  y: usize,
  isRectified: bool,
): void {
  const rowBytes: usize = outputs << 2;
  const end: usize = x + (inputs << 2);
  for (let j: usize = 0; j < rowBytes; j += 32) {
    let w = kernel + j;
    let a0 = v128.load(bias + j);
    let b0 = v128.load(bias + j, 16);
    let a1 = a0;
    let b1 = b0;
    let a2 = a0;
    let b2 = b0;
    let a3 = a0;
    let b3 = b0;
    for (let p = x; p < end; p += 16) {
      let wa = v128.load(w);
      let wb = v128.load(w, 16);
      let s = v128.load_splat<f32>(p, 0);
      a0 = add(a0, mul(s, wa));
      b0 = add(b0, mul(s, wb));
      s = v128.load_splat<f32>(p, 5184);
      a1 = add(a1, mul(s, wa));
      b1 = add(b1, mul(s, wb));
      s = v128.load_splat<f32>(p, 10368);
      a2 = add(a2, mul(s, wa));
      b2 = add(b2, mul(s, wb));
      s = v128.load_splat<f32>(p, 15552);
      a3 = add(a3, mul(s, wa));
      b3 = add(b3, mul(s, wb));
      w += rowBytes;

      wa = v128.load(w);
      wb = v128.load(w, 16);
      s = v128.load_splat<f32>(p, 4);
      a0 = add(a0, mul(s, wa));
      b0 = add(b0, mul(s, wb));
      s = v128.load_splat<f32>(p, 5188);
      a1 = add(a1, mul(s, wa));
      b1 = add(b1, mul(s, wb));
      s = v128.load_splat<f32>(p, 10372);
      a2 = add(a2, mul(s, wa));
      b2 = add(b2, mul(s, wb));
      s = v128.load_splat<f32>(p, 15556);
      a3 = add(a3, mul(s, wa));
      b3 = add(b3, mul(s, wb));
      w += rowBytes;

      wa = v128.load(w);
      wb = v128.load(w, 16);
      s = v128.load_splat<f32>(p, 8);
      a0 = add(a0, mul(s, wa));
      b0 = add(b0, mul(s, wb));
      s = v128.load_splat<f32>(p, 5192);
      a1 = add(a1, mul(s, wa));
      b1 = add(b1, mul(s, wb));
      s = v128.load_splat<f32>(p, 10376);
      a2 = add(a2, mul(s, wa));
      b2 = add(b2, mul(s, wb));
      s = v128.load_splat<f32>(p, 15560);
      a3 = add(a3, mul(s, wa));
      b3 = add(b3, mul(s, wb));
      w += rowBytes;

      wa = v128.load(w);
      wb = v128.load(w, 16);
      s = v128.load_splat<f32>(p, 12);
      a0 = add(a0, mul(s, wa));
      b0 = add(b0, mul(s, wb));
      s = v128.load_splat<f32>(p, 5196);
      a1 = add(a1, mul(s, wa));
      b1 = add(b1, mul(s, wb));
      s = v128.load_splat<f32>(p, 10380);
      a2 = add(a2, mul(s, wa));
      b2 = add(b2, mul(s, wb));
      s = v128.load_splat<f32>(p, 15564);
      a3 = add(a3, mul(s, wa));
      b3 = add(b3, mul(s, wb));
      w += rowBytes;
    }
    const out = y + j;
    if (isRectified) {
      // pmax is one instruction; max is six, for the sake of -0 and NaN
      const zero = f32x4.splat(0);
      a0 = f32x4.pmax(zero, a0);
      b0 = f32x4.pmax(zero, b0);
      a1 = f32x4.pmax(zero, a1);
      b1 = f32x4.pmax(zero, b1);
      a2 = f32x4.pmax(zero, a2);
      b2 = f32x4.pmax(zero, b2);
      a3 = f32x4.pmax(zero, a3);
      b3 = f32x4.pmax(zero, b3);
    }
    v128.store(out, a0, 0);
    v128.store(out, b0, 16);
    v128.store(out, a1, 5184);
    v128.store(out, b1, 5200);
    v128.store(out, a2, 10368);
    v128.store(out, b2, 10384);
    v128.store(out, a3, 15552);
    v128.store(out, b3, 15568);
  }
}

/** kernelGradient += xᵀ · delta and biasGradient += Σ delta over the 4 rows of a block. */
export function addGradient(
  x: usize,
  delta: usize,
  inputs: i32,
  outputs: i32,
  kernelGradient: usize,
  biasGradient: usize,
): void {
  const rowBytes: usize = outputs << 2;
  const end: usize = x + (inputs << 2);
  for (let j: usize = 0; j < rowBytes; j += 32) {
    const d = delta + j;
    const a0 = v128.load(d, 0);
    const b0 = v128.load(d, 16);
    const a1 = v128.load(d, 5184);
    const b1 = v128.load(d, 5200);
    const a2 = v128.load(d, 10368);
    const b2 = v128.load(d, 10384);
    const a3 = v128.load(d, 15552);
    const b3 = v128.load(d, 15568);
    const bias = biasGradient + j;
    v128.store(bias, add(v128.load(bias), add(add(a0, a1), add(a2, a3))));
    v128.store(bias, add(v128.load(bias, 16), add(add(b0, b1), add(b2, b3))), 16);

    let g = kernelGradient + j;
    for (let p = x; p < end; p += 8) {
      let s0 = v128.load_splat<f32>(p, 0);
      let s1 = v128.load_splat<f32>(p, 5184);
      let s2 = v128.load_splat<f32>(p, 10368);
      let s3 = v128.load_splat<f32>(p, 15552);
      v128.store(g, add(v128.load(g), add(add(mul(s0, a0), mul(s1, a1)), add(mul(s2, a2), mul(s3, a3)))));
      v128.store(g, add(v128.load(g, 16), add(add(mul(s0, b0), mul(s1, b1)), add(mul(s2, b2), mul(s3, b3)))), 16);
      g += rowBytes;

      s0 = v128.load_splat<f32>(p, 4);
      s1 = v128.load_splat<f32>(p, 5188);
      s2 = v128.load_splat<f32>(p, 10372);
      s3 = v128.load_splat<f32>(p, 15556);
      v128.store(g, add(v128.load(g), add(add(mul(s0, a0), mul(s1, a1)), add(mul(s2, a2), mul(s3, a3)))));
      v128.store(g, add(v128.load(g, 16), add(add(mul(s0, b0), mul(s1, b1)), add(mul(s2, b2), mul(s3, b3)))), 16);
      g += rowBytes;
    }
  }
}

/** delta = 0 where the rectified activation is 0, for the 4 rows of a block. */
export function maskInactive(delta: usize, activation: usize, width: i32): void {
  const zero = f32x4.splat(0);
  for (let row: i32 = 0; row < 4; row++) {
    const shift = <usize>row * BLOCK_STRIDE;
    for (let k: usize = 0, end: usize = width << 2; k < end; k += 16) {
      const active = f32x4.gt(v128.load(activation + shift + k), zero);
      v128.store(delta + shift + k, v128.and(v128.load(delta + shift + k), active));
    }
  }
}

/** Writes the (rows, columns) matrix at `source` as (columns, rows) to `target`; both are multiples of 4. */
export function transpose(source: usize, rows: i32, columns: i32, target: usize): void {
  const rowBytes: usize = columns << 2;
  const columnBytes: usize = rows << 2;
  for (let i: usize = 0; i < columnBytes; i += 16) {
    for (let j: usize = 0; j < rowBytes; j += 16) {
      const from = source + (i >> 2) * rowBytes + j;
      const a = v128.load(from);
      const b = v128.load(from + rowBytes);
      const c = v128.load(from + 2 * rowBytes);
      const d = v128.load(from + 3 * rowBytes);
      const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      const to = target + (j >> 2) * columnBytes + i;
      v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
      v128.store(to + columnBytes, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
      v128.store(to + 2 * columnBytes, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
      v128.store(to + 3 * columnBytes, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
    }
  }
}
