// weighted sums of rows of a matrix: what a history scores
import { Plan, rowOf } from './ease-plan';
import { add, mul } from './simd';

/** Floats summed at a time: they stay in the first-level cache. */
const COLUMN_BYTES: usize = 4096;

/** sums += Σ weights[k] · row rows[k] over the first `count`, in this order. */
export function addRows(planAddress: usize, count: i32): void {
  const plan = changetype<Plan>(planAddress);
  const rowBytes: usize = plan.size << 2;
  for (let first: usize = 0; first < rowBytes; first += COLUMN_BYTES) {
    const last = min(rowBytes, first + COLUMN_BYTES);
    for (let k: usize = 0, end: usize = count << 2; k < end; k += 4) {
      const row = rowOf(plan, load<i32>(plan.rows + k));
      const weight = f32x4.splat(load<f32>(plan.weights + k));
      for (let j = first; j < last; j += 16) {
        const sum = plan.sums + j;
        v128.store(sum, add(v128.load(sum), mul(weight, v128.load(row + j))));
      }
    }
  }
}
