// EASE: co-occurrences, inversion of a symmetric matrix in place, the weights, and sums of their rows. Host: ../ease-solver.ts, ../dense-item-weights.ts
import { GROUP_BYTES, PIVOTS, Plan, rowOf } from './ease-plan';
import { add, mul } from './simd';
import { addTile, subtractTile } from './tile';

export { addRows } from './row-sums';
export { writeWeights } from './ease-weights';

const PIVOT_BYTES: usize = <usize>PIVOTS << 2;

/** Rows from … to of the lower triangle of XᵀX + λ·I: how many users have both items. */
export function countRows(planAddress: usize, from: i32, to: i32, regularization: f32): void {
  const plan = changetype<Plan>(planAddress);
  for (let item = from; item < to; item++) {
    const row = rowOf(plan, item);
    const offsets = plan.itemOffsets + (<usize>item << 2);
    const lastUser = plan.itemUsers + (<usize>load<i32>(offsets, 4) << 2);
    for (let user = plan.itemUsers + (<usize>load<i32>(offsets) << 2); user < lastUser; user += 4) {
      const userOffsets = plan.userOffsets + (<usize>load<i32>(user) << 2);
      const last = plan.userItems + (<usize>load<i32>(userOffsets, 4) << 2);
      for (let p = plan.userItems + (<usize>load<i32>(userOffsets) << 2); p < last; p += 4) {
        const other = load<i32>(p);
        // items of a user ascend
        if (other > item) break;
        const cell = row + (<usize>other << 2);
        store<f32>(cell, load<f32>(cell) + 1);
      }
    }
    const cell = row + (<usize>item << 2);
    store<f32>(cell, load<f32>(cell) + regularization);
  }
}

/** Ones on the diagonal of the rows that fill the last block. */
export function padDiagonal(planAddress: usize): void {
  const plan = changetype<Plan>(planAddress);
  for (let row = plan.itemCount; row < plan.size; row++) store<f32>(rowOf(plan, row) + (<usize>row << 2), 1);
}

/**
 * Begins the step of the pivots from row `pivot`: D, the inverse of their block, and the panels W, their columns, and W · D.
 * The lower triangle stands for the matrix: what lies above it is read across the diagonal.
 */
export function preparePivots(planAddress: usize, pivot: i32): void {
  const plan = changetype<Plan>(planAddress);
  invertBlock(plan, pivot);
  const groups = plan.size >> 3;
  for (let group: i32 = 0; group < groups; group++) {
    const panel = plan.panel + <usize>group * GROUP_BYTES;
    const row = group << 3;
    if (row < pivot) readAcross(plan, row, pivot, panel);
    else if (row >= pivot + PIVOTS) readAlong(plan, row, pivot, panel);
    else continue;
    const scaled = plan.scaled + <usize>group * GROUP_BYTES;
    memory.fill(scaled, 0, GROUP_BYTES);
    for (let p: usize = 0; p < <usize>PIVOTS; p += 4) {
      addTile(plan.block + (p << 2), PIVOT_BYTES, panel, 32, PIVOTS, scaled + (p << 5), 32);
    }
  }
}

/** Panel of 8 rows above the pivots: their values lie in the pivots' rows. */
function readAcross(plan: Plan, row: i32, pivot: i32, panel: usize): void {
  let from = rowOf(plan, pivot) + (<usize>row << 2);
  for (let p: i32 = 0; p < PIVOTS; p++) {
    v128.store(panel, v128.load(from));
    v128.store(panel, v128.load(from, 16), 16);
    panel += 32;
    from += plan.stride;
  }
}

/** Panel of 8 rows below the pivots. */
function readAlong(plan: Plan, row: i32, pivot: i32, panel: usize): void {
  for (let r: i32 = 0; r < 8; r++) {
    const from = rowOf(plan, row + r) + (<usize>pivot << 2);
    const to = panel + (<usize>r << 2);
    for (let p: usize = 0; p < <usize>PIVOTS; p++) store<f32>(to + (p << 5), load<f32>(from + (p << 2)));
  }
}

/** Inverts the pivots' block to `block` by Gauss–Jordan without a search for pivots: it is positive definite. */
function invertBlock(plan: Plan, pivot: i32): void {
  const block = plan.block;
  for (let i: usize = 0; i < <usize>PIVOTS; i++) {
    const from = rowOf(plan, pivot + <i32>i) + (<usize>pivot << 2);
    for (let j: usize = 0; j <= i; j++) {
      const value = load<f32>(from + (j << 2));
      store<f32>(block + i * PIVOT_BYTES + (j << 2), value);
      store<f32>(block + j * PIVOT_BYTES + (i << 2), value);
    }
  }
  for (let p: usize = 0; p < <usize>PIVOTS; p++) {
    const pivotRow = block + p * PIVOT_BYTES;
    const scale = f32x4.splat(<f32>1 / load<f32>(pivotRow + (p << 2)));
    store<f32>(pivotRow + (p << 2), 1);
    for (let j: usize = 0; j < PIVOT_BYTES; j += 16) v128.store(pivotRow + j, mul(v128.load(pivotRow + j), scale));
    for (let i: usize = 0; i < <usize>PIVOTS; i++) {
      if (i == p) continue;
      const row = block + i * PIVOT_BYTES;
      const factor = f32x4.splat(load<f32>(row + (p << 2)));
      store<f32>(row + (p << 2), 0);
      for (let j: usize = 0; j < PIVOT_BYTES; j += 16) {
        v128.store(row + j, f32x4.sub(v128.load(row + j), mul(factor, v128.load(pivotRow + j))));
      }
    }
  }
}

/** A −= W · D · Wᵀ in rows from … to, multiples of PIVOTS, of the lower triangle, the pivots' rows and columns excepted. */
export function updateRows(planAddress: usize, pivot: i32, from: i32, to: i32): void {
  const plan = changetype<Plan>(planAddress);
  const stride = plan.stride;
  for (let column: i32 = 0; column < to; column += 8) {
    if (column == pivot) {
      column += PIVOTS - 8;
      continue;
    }
    const scaled = plan.scaled + <usize>(column >> 3) * GROUP_BYTES;
    for (let row = max(from, column); row < to; row += 8) {
      if (row == pivot) {
        row += PIVOTS - 8;
        continue;
      }
      const panel = plan.panel + <usize>(row >> 3) * GROUP_BYTES;
      const cell = rowOf(plan, row) + (<usize>column << 2);
      subtractTile(panel, 32, scaled, 32, PIVOTS, cell, stride);
      subtractTile(panel + 16, 32, scaled, 32, PIVOTS, cell + 4 * stride, stride);
    }
  }
}

/** Ends the step: W · D into the pivots' columns, −D into their block. */
export function finishPivots(planAddress: usize, pivot: i32): void {
  const plan = changetype<Plan>(planAddress);
  const groups = plan.size >> 3;
  for (let group: i32 = 0; group < groups; group++) {
    const row = group << 3;
    const scaled = plan.scaled + <usize>group * GROUP_BYTES;
    if (row < pivot) writeAcross(plan, row, pivot, scaled);
    else if (row >= pivot + PIVOTS) writeAlong(plan, row, pivot, scaled);
  }
  for (let i: i32 = 0; i < PIVOTS; i++) {
    const from = plan.block + <usize>i * PIVOT_BYTES;
    const to = rowOf(plan, pivot + i) + (<usize>pivot << 2);
    for (let j: usize = 0; j < PIVOT_BYTES; j += 16) v128.store(to + j, f32x4.neg(v128.load(from + j)));
  }
}

function writeAcross(plan: Plan, row: i32, pivot: i32, scaled: usize): void {
  let to = rowOf(plan, pivot) + (<usize>row << 2);
  for (let p: i32 = 0; p < PIVOTS; p++) {
    v128.store(to, v128.load(scaled));
    v128.store(to, v128.load(scaled, 16), 16);
    scaled += 32;
    to += plan.stride;
  }
}

function writeAlong(plan: Plan, row: i32, pivot: i32, scaled: usize): void {
  for (let r: i32 = 0; r < 8; r++) {
    const to = rowOf(plan, row + r) + (<usize>pivot << 2);
    const from = scaled + (<usize>r << 2);
    for (let p: usize = 0; p < <usize>PIVOTS; p++) store<f32>(to + (p << 2), load<f32>(from + (p << 5)));
  }
}

/** Copies the diagonal to `diagonal`. */
export function readDiagonal(planAddress: usize): void {
  const plan = changetype<Plan>(planAddress);
  const step = plan.stride + 4;
  let from = plan.matrix;
  for (let i: usize = 0, end: usize = plan.size << 2; i < end; i += 4) {
    store<f32>(plan.diagonal + i, load<f32>(from));
    from += step;
  }
}
