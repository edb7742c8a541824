// dense layers over a group of samples: small matrix products whose 4 x 8 tile of results stays in registers
import { add, mul } from './simd';

/**
 * y = x · kernel + bias for `rows` samples, a multiple of 4; strides are the bytes from a sample to the next.
 * `kernel` is (inputs, outputs) row-major; outputs are a multiple of 8.
 */
export function multiply(
  x: usize,
  xStride: usize,
  kernel: usize,
  bias: usize,
  inputs: i32,
  outputs: i32,
  y: usize,
  yStride: usize,
  rows: i32,
): void {
  product(x, xStride, kernel, bias, inputs, outputs, y, yStride, rows, false);
}

/** y = max(x · kernel + bias, 0), otherwise as multiply(). */
export function activate(
  x: usize,
  xStride: usize,
  kernel: usize,
  bias: usize,
  inputs: i32,
  outputs: i32,
  y: usize,
  yStride: usize,
  rows: i32,
): void {
  product(x, xStride, kernel, bias, inputs, outputs, y, yStride, rows, true);
}

@inline
function product(
  x: usize,
  xStride: usize,
  kernel: usize,
  bias: usize,
  inputs: i32,
  outputs: i32,
  y: usize,
  yStride: usize,
  rows: i32,
  isRectified: bool,
): void {
  const rowBytes: usize = outputs << 2;
  const inputBytes: usize = inputs << 2;
  // columns outside, so that the 8 columns of the kernel stay in the first-level cache for all samples
  for (let j: usize = 0; j < rowBytes; j += 32) {
    let out = y + j;
    for (let row: i32 = 0, first = x; row < rows; row += 4, first += 4 * xStride) {
      let w = kernel + j;
      let a0 = v128.load(bias + j);
      let b0 = v128.load(bias + j, 16);
      let a1 = a0;
      let b1 = b0;
      let a2 = a0;
      let b2 = b0;
      let a3 = a0;
      let b3 = b0;
      let p0 = first;
      let p1 = p0 + xStride;
      let p2 = p1 + xStride;
      let p3 = p2 + xStride;
      // one input a turn: V8 moves all loads of a turn to its begin, and those of two would not fit the registers
      for (const end = p0 + inputBytes; p0 < end; p0 += 4) {
        const wa = v128.load(w);
        const wb = v128.load(w, 16);
        let s = v128.load_splat<f32>(p0);
        a0 = add(a0, mul(s, wa));
        b0 = add(b0, mul(s, wb));
        s = v128.load_splat<f32>(p1);
        a1 = add(a1, mul(s, wa));
        b1 = add(b1, mul(s, wb));
        s = v128.load_splat<f32>(p2);
        a2 = add(a2, mul(s, wa));
        b2 = add(b2, mul(s, wb));
        s = v128.load_splat<f32>(p3);
        a3 = add(a3, mul(s, wa));
        b3 = add(b3, mul(s, wb));
        p1 += 4;
        p2 += 4;
        p3 += 4;
        w += rowBytes;
      }
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
      v128.store(out, a0);
      v128.store(out, b0, 16);
      out += yStride;
      v128.store(out, a1);
      v128.store(out, b1, 16);
      out += yStride;
      v128.store(out, a2);
      v128.store(out, b2, 16);
      out += yStride;
      v128.store(out, a3);
      v128.store(out, b3, 16);
      out += yStride;
    }
  }
}

/** kernelGradient += xᵀ · delta over `rows` samples. */
export function addGradient(
  x: usize,
  xStride: usize,
  delta: usize,
  deltaStride: usize,
  rows: i32,
  inputs: i32,
  outputs: i32,
  kernelGradient: usize,
): void {
  const rowBytes: usize = outputs << 2;
  const inputBytes: usize = inputs << 2;
  for (let j: usize = 0; j < rowBytes; j += 32) {
    const end = delta + j + <usize>rows * deltaStride;
    let g = kernelGradient + j;
    for (let i: usize = 0; i < inputBytes; i += 16) {
      let a0 = f32x4.splat(0);
      let b0 = a0;
      let a1 = a0;
      let b1 = a0;
      let a2 = a0;
      let b2 = a0;
      let a3 = a0;
      let b3 = a0;
      let p = x + i;
      for (let d = delta + j; d < end; d += deltaStride) {
        const da = v128.load(d);
        const db = v128.load(d, 16);
        let s = v128.load_splat<f32>(p, 0);
        a0 = add(a0, mul(s, da));
        b0 = add(b0, mul(s, db));
        s = v128.load_splat<f32>(p, 4);
        a1 = add(a1, mul(s, da));
        b1 = add(b1, mul(s, db));
        s = v128.load_splat<f32>(p, 8);
        a2 = add(a2, mul(s, da));
        b2 = add(b2, mul(s, db));
        s = v128.load_splat<f32>(p, 12);
        a3 = add(a3, mul(s, da));
        b3 = add(b3, mul(s, db));
        p += xStride;
      }
      v128.store(g, add(v128.load(g), a0));
      v128.store(g, add(v128.load(g, 16), b0), 16);
      g += rowBytes;
      v128.store(g, add(v128.load(g), a1));
      v128.store(g, add(v128.load(g, 16), b1), 16);
      g += rowBytes;
      v128.store(g, add(v128.load(g), a2));
      v128.store(g, add(v128.load(g, 16), b2), 16);
      g += rowBytes;
      v128.store(g, add(v128.load(g), a3));
      v128.store(g, add(v128.load(g, 16), b3), 16);
      g += rowBytes;
    }
  }
}

/** Sets delta = 0 where the rectified activation is 0, and adds what remains to biasGradient. */
export function maskInactive(
  delta: usize,
  deltaStride: usize,
  activation: usize,
  activationStride: usize,
  rows: i32,
  width: i32,
  biasGradient: usize,
): void {
  const zero = f32x4.splat(0);
  for (let k: usize = 0, last: usize = width << 2; k < last; k += 16) {
    let sum = v128.load(biasGradient + k);
    let y = activation + k;
    for (let d = delta + k, end = d + <usize>rows * deltaStride; d < end; d += deltaStride) {
      const active = v128.and(v128.load(d), f32x4.gt(v128.load(y), zero));
      v128.store(d, active);
      sum = add(sum, active);
      y += activationStride;
    }
    v128.store(biasGradient + k, sum);
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
