// from the inverse to the weights of EASE, in place
import { Plan, rowOf } from './ease-plan';

/** Columns done together, so that what is written across the diagonal fills cache lines. */
const COLUMNS: i32 = 16;

/**
 * Columns from … to and rows of the same numbers: B_ij = −P_ij / P_jj, 0 on the diagonal. The lower triangle holds −P,
 * `diagonal` its diagonal.
 */
export function writeWeights(planAddress: usize, from: i32, to: i32): void {
  const plan = changetype<Plan>(planAddress);
  for (let first = from; first < to; first += COLUMNS) {
    const last = min(first + COLUMNS, to);
    for (let i = first; i < plan.itemCount; i++) {
      const row = rowOf(plan, i);
      const rowScale: f32 = -1 / load<f32>(plan.diagonal + (<usize>i << 2));
      for (let j = first, end = min(last, i); j < end; j++) {
        const cell = row + (<usize>j << 2);
        const value = load<f32>(cell);
        store<f32>(cell, -value / load<f32>(plan.diagonal + (<usize>j << 2)));
        store<f32>(rowOf(plan, j) + (<usize>i << 2), value * rowScale);
      }
    }
  }
  for (let i = from; i < to; i++) store<f32>(rowOf(plan, i) + (<usize>i << 2), 0);
}
