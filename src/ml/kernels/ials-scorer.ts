import { penaltyOf, type IalsObjective } from './ials-objective.js';
import { IALS_KERNEL, IalsPlan, layOutGram, layOutScratch } from './ials-plan.js';
import type { Kernel, KernelRuntime } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';

/** Ends a row of any length in one call. */
const UNLIMITED = Infinity;

/**
 * Scores items by dot product, and solves for a user out of their items (fold-in), with given item factors.
 *
 * It copies the factors into a memory of its own and computes their Gram matrix once, O(items · f²). A fold-in
 * costs O(n·f² + f³) and is the same to the last bit as the solver's row for the same items. Indices are not
 * checked here. One call at a time: not reentrant.
 */
export class IalsScorer {
  /** Shape (itemCount, width), in kernel memory. */
  readonly itemFactors: Float32Array;
  private readonly kernel: Kernel;
  private readonly plan: IalsPlan;
  private readonly own: Float32Array;
  private readonly offsets: Int32Array;
  private readonly indices: Int32Array;
  private readonly penalties: Float32Array;
  private readonly scores: Float32Array;
  private readonly itemCount: number;

  /** @param items Item factors. Shape (itemCount, width), width a multiple of 8. */
  constructor(
    kernels: KernelRuntime,
    private readonly objective: IalsObjective,
    items: Float32Array,
    width: number,
  ) {
    const itemCount = items.length / width;
    this.itemCount = itemCount;
    const layout = new MemoryLayout();
    const scratch = layOutScratch(layout, width);
    // scoring reads and writes whole blocks of 4
    const paddedCount = 4 * Math.ceil(itemCount / 4);
    const fields = {
      own: layout.takeWords(width),
      other: layout.takeWords(paddedCount * width),
      offsets: layout.takeWords(2),
      indices: layout.takeWords(itemCount),
      penalties: layout.takeWords(1),
      losses: layout.takeWords(4),
      gram: layOutGram(layout, width),
      scores: layout.takeWords(paddedCount),
    };
    const memory = kernels.createMemory(layout.byteLength);
    const { buffer } = memory;
    this.own = new Float32Array(buffer, fields.own, width);
    this.itemFactors = new Float32Array(buffer, fields.other, items.length);
    this.itemFactors.set(items);
    this.offsets = new Int32Array(buffer, fields.offsets, 2);
    this.indices = new Int32Array(buffer, fields.indices, itemCount);
    this.penalties = new Float32Array(buffer, fields.penalties, 1);
    this.scores = new Float32Array(buffer, fields.scores, itemCount);
    this.plan = new IalsPlan(memory, width, scratch);
    this.plan.set({ ...fields, otherCount: itemCount });
    this.kernel = kernels.instantiate(IALS_KERNEL, memory);
    this.kernel.call('beginGram', this.plan.address);
    this.kernel.call('addToGram', this.plan.address, 0, itemCount);
    this.kernel.call('scaleGram', this.plan.address, objective.unobservedWeight);
  }

  /**
   * Solves for a user.
   *
   * @param items Distinct and ascending.
   * @returns Their factors, a copy. Shape (width).
   */
  solve(items: Int32Array): Float32Array {
    this.indices.set(items);
    this.offsets[1] = items.length;
    this.penalties[0] = penaltyOf(this.objective, items.length, this.itemCount);
    this.plan.set({ row: 0, end: 1, entry: -1 });
    this.kernel.call('solve', this.plan.address, UNLIMITED);
    // constructed from a view: a copy outside the shared memory
    return new Float32Array(this.own);
  }

  /** @returns Products of `factors` with those of every item, in `out`. Shape (itemCount). */
  scoreAll(factors: Float32Array, out: Float32Array): Float32Array {
    this.own.set(factors);
    this.kernel.call('scoreAll', this.plan.address);
    out.set(this.scores);
    return out;
  }
}
