// iALS: exact ridge solutions of rows given the other side's rows, and scores. Host: ../ials-solver.ts, ../ials-scorer.ts
import { factorize, substituteBackward, substituteForward } from './cholesky';
import { BLOCK, Plan, strideOf } from './ials-plan';
import { add, mul, sumsOf } from './simd';
import { addTile } from './tile';

/** Sets the Gram matrix to zero. */
export function beginGram(planAddress: usize): void {
  const plan = changetype<Plan>(planAddress);
  memory.fill(plan.gram, 0, <usize>plan.width * strideOf(plan));
}

/** Adds the squares of rows from … to of `other` to the Gram matrix. */
export function addToGram(planAddress: usize, from: i32, to: i32): void {
  const plan = changetype<Plan>(planAddress);
  const rowBytes: usize = plan.width << 2;
  for (let row = from; row < to; row += BLOCK) {
    addSquares(plan.other + <usize>row * rowBytes, rowBytes, min(BLOCK, to - row), plan.gram, plan);
  }
}

/** Ends the Gram matrix: multiplies it by α₀. */
export function scaleGram(planAddress: usize, weight: f32): void {
  const plan = changetype<Plan>(planAddress);
  const end = plan.gram + <usize>plan.width * strideOf(plan);
  for (let p = plan.gram; p < end; p += 16) v128.store(p, mul(v128.load(p), f32x4.splat(weight)));
}

/** Adds xᵀ · x of `count` rows at `x` to the upper triangle of `matrix`. */
@inline
function addSquares(x: usize, xStride: usize, count: i32, matrix: usize, plan: Plan): void {
  const stride = strideOf(plan);
  const rowBytes: usize = plan.width << 2;
  let out = matrix;
  for (let i: usize = 0; i < rowBytes; i += 16) {
    for (let j = i & ~31; j < rowBytes; j += 32) addTile(x + i, xStride, x + j, xStride, count, out + j, stride);
    out += 4 * stride;
  }
}

/** Starts a row: the Gram matrix plus the penalty on the diagonal, and a right side of zero. */
@inline
function beginRow(plan: Plan, penalty: f32): void {
  const stride = strideOf(plan);
  memory.copy(plan.matrix, plan.gram, <usize>plan.width * stride);
  for (let i: i32 = 0, p = plan.matrix; i < plan.width; i++, p += stride + 4) store<f32>(p, load<f32>(p) + penalty);
  memory.fill(plan.right, 0, plan.width << 2);
}

/** Adds `count` entries from `entry` to the matrix and the right side. */
@inline
function addEntries(plan: Plan, entry: i32, count: i32): void {
  const stride = strideOf(plan);
  const rowBytes: usize = plan.width << 2;
  let indices = plan.indices + (<usize>entry << 2);
  let to = plan.gathered;
  for (let i: i32 = 0; i < count; i++) {
    const from = plan.other + <usize>load<i32>(indices) * rowBytes;
    for (let k: usize = 0; k < rowBytes; k += 16) {
      const value = v128.load(from + k);
      v128.store(to + k, value);
      v128.store(plan.right + k, add(v128.load(plan.right + k), value));
    }
    indices += 4;
    to += stride;
  }
  addSquares(plan.gathered, stride, count, plan.matrix, plan);
}

/** Ends a row of `count` entries: solves for it, and notes its loss |S| − bᵀx and its penalty · |x|². */
@inline
function finishRow(plan: Plan, row: i32, count: i32, penalty: f32): void {
  const stride = strideOf(plan);
  const rowBytes: usize = plan.width << 2;
  factorize(plan.matrix, stride, plan.width, penalty, plan.inverses);
  substituteForward(plan.matrix, stride, plan.width, plan.inverses, plan.right);
  // bᵀx = zᵀz
  const explained = squaredNorm(plan.right, rowBytes);
  substituteBackward(plan.matrix, stride, plan.width, plan.inverses, plan.right);
  memory.copy(plan.own + <usize>row * rowBytes, plan.right, rowBytes);
  const losses = plan.losses + (<usize>row << 4);
  store<f64>(losses, <f64>count - explained);
  store<f64>(losses, <f64>penalty * squaredNorm(plan.right, rowBytes), 8);
}

function squaredNorm(x: usize, bytes: usize): f64 {
  let sum: f64 = 0;
  for (const end = x + bytes; x < end; x += 4) {
    const value = <f64>load<f32>(x);
    sum += value * value;
  }
  return sum;
}

/** Solves rows of this thread's share for about `budget` multiply–adds. @returns 1 while there are more, 0 at the end of the share. */
export function solve(planAddress: usize, budget: f64): i32 {
  const plan = changetype<Plan>(planAddress);
  const width = <f64>plan.width;
  const entryWork = width * width * 0.5;
  const rowWork = (width * width * width) / 6 + 4 * width * width;
  while (plan.row < plan.end) {
    const row = plan.row;
    const offsets = plan.offsets + (<usize>row << 2);
    const start = load<i32>(offsets);
    const end = load<i32>(offsets, 4);
    const penalty = load<f32>(plan.penalties + (<usize>row << 2));
    if (plan.entry < 0) {
      if (start == end) {
        memory.fill(plan.own + <usize>row * (<usize>plan.width << 2), 0, plan.width << 2);
        memory.fill(plan.losses + (<usize>row << 4), 0, 16);
        plan.row = row + 1;
        continue;
      }
      if (budget <= 0) return 1;
      beginRow(plan, penalty);
      plan.entry = start;
    }
    while (plan.entry < end) {
      if (budget <= 0) return 1;
      const count = min(BLOCK, end - plan.entry);
      addEntries(plan, plan.entry, count);
      plan.entry += count;
      budget -= entryWork * <f64>count;
    }
    finishRow(plan, row, end - start, penalty);
    budget -= rowWork;
    plan.row = row + 1;
    plan.entry = -1;
  }
  return 0;
}

/** Products of every row of `other` with the first row of `own`, to `scores`. */
export function scoreAll(planAddress: usize): void {
  const plan = changetype<Plan>(planAddress);
  const x = plan.own;
  const rowBytes: usize = plan.width << 2;
  let p0 = plan.other;
  for (let i: i32 = 0; i < plan.otherCount; i += 4) {
    const p1 = p0 + rowBytes;
    const p2 = p1 + rowBytes;
    const p3 = p2 + rowBytes;
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let k: usize = 0; k < rowBytes; k += 16) {
      const value = v128.load(x + k);
      a = add(a, mul(value, v128.load(p0 + k)));
      b = add(b, mul(value, v128.load(p1 + k)));
      c = add(c, mul(value, v128.load(p2 + k)));
      d = add(d, mul(value, v128.load(p3 + k)));
    }
    v128.store(plan.scores + (<usize>i << 2), sumsOf(a, b, c, d));
    p0 = p3 + rowBytes;
  }
}
