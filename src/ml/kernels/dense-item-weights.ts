import { EASE_KERNEL, EasePlan, layOutWeights, ROWS_PER_CALL } from './ease-plan.js';
import type { Kernel, KernelMemory, KernelRuntime } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';

/** Where the weights lie in a memory, from `layOutWeights`. */
export type WeightsLayout = ReturnType<typeof layOutWeights>;

/**
 * A weight from every item to every item, in kernel memory: itemCount² floats.
 *
 * Indices are not checked here. One call at a time: not reentrant.
 */
export class DenseItemWeights {
  private readonly plan: EasePlan;
  private readonly kernel: Kernel;

  /** Takes over what lies in `memory`. */
  constructor(
    kernels: KernelRuntime,
    private readonly memory: KernelMemory,
    private readonly layout: WeightsLayout,
  ) {
    const { plan, ...fields } = layout;
    this.plan = new EasePlan(memory, plan);
    this.plan.set(fields);
    this.kernel = kernels.instantiate(EASE_KERNEL, memory);
  }

  /** @param weights Copied. Shape (itemCount, itemCount): a row for each item that was taken. */
  static from(kernels: KernelRuntime, itemCount: number, weights: Float32Array): DenseItemWeights {
    const layout = new MemoryLayout();
    const addresses = layOutWeights(layout, itemCount);
    const dense = new DenseItemWeights(kernels, kernels.createMemory(layout.byteLength), addresses);
    for (let item = 0; item < itemCount; item += 1) {
      dense.row(item).set(weights.subarray(item * itemCount, (item + 1) * itemCount));
    }
    return dense;
  }

  get itemCount(): number {
    return this.layout.itemCount;
  }

  /** Weights from `item` to every item, not to be changed. Shape (itemCount). */
  row(item: number): Float32Array {
    const { matrix, stride, itemCount } = this.layout;
    return new Float32Array(this.memory.buffer, matrix + item * stride, itemCount);
  }

  /** Adds Σ factors[k] · row(items[k]), in this order, to `out`. Shape of `out` (itemCount). */
  addRows(items: Int32Array, factors: Float32Array, out: Float32Array): void {
    const { buffer } = this.memory;
    const sums = new Float32Array(buffer, this.layout.sums, this.itemCount);
    const rows = new Int32Array(buffer, this.layout.rows, ROWS_PER_CALL);
    const weights = new Float32Array(buffer, this.layout.weights, ROWS_PER_CALL);
    sums.set(out);
    for (let from = 0; from < items.length; from += ROWS_PER_CALL) {
      const to = Math.min(items.length, from + ROWS_PER_CALL);
      rows.set(items.subarray(from, to));
      weights.set(factors.subarray(from, to));
      this.kernel.call('addRows', this.plan.address, to - from);
    }
    out.set(sums);
  }

  /** @returns A copy. Shape (itemCount, itemCount). */
  toArray(): Float32Array {
    const { itemCount } = this;
    const weights = new Float32Array(itemCount * itemCount);
    for (let item = 0; item < itemCount; item += 1) weights.set(this.row(item), item * itemCount);
    return weights;
  }
}
