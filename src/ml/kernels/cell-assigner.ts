import type { Kernel, KernelRuntime } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';

const KERNEL = 'retrieval';
/** Vectors that one call assigns. */
export const VECTORS_PER_CALL = 32;

/** Assigns vectors to the cell whose center is nearest, by x · c − ½·|c|². */
export class CellAssigner {
  private readonly kernel: Kernel;
  private readonly rows: Float32Array;
  private readonly transposed: Float32Array;
  private readonly bias: Float32Array;
  private readonly scores: number;
  private readonly assigned: Int32Array;

  /** @param cellCount Multiple of 8. @param width Multiple of 4. */
  constructor(
    kernels: KernelRuntime,
    private readonly cellCount: number,
    private readonly width: number,
  ) {
    const layout = new MemoryLayout();
    const rows = layout.takeWords(VECTORS_PER_CALL * width);
    const transposed = layout.takeWords(width * cellCount);
    const bias = layout.takeWords(cellCount);
    const assigned = layout.takeWords(VECTORS_PER_CALL);
    this.scores = layout.takeWords(VECTORS_PER_CALL * cellCount);
    const { buffer } = kernels.createMemory(layout.byteLength);
    this.rows = new Float32Array(buffer, rows, VECTORS_PER_CALL * width);
    this.transposed = new Float32Array(buffer, transposed, width * cellCount);
    this.bias = new Float32Array(buffer, bias, cellCount);
    this.assigned = new Int32Array(buffer, assigned, VECTORS_PER_CALL);
    this.kernel = kernels.instantiate(KERNEL, { buffer });
  }

  /** @param centers Shape (cellCount, width). */
  setCenters(centers: Float32Array): void {
    const { cellCount, width } = this;
    for (let cell = 0; cell < cellCount; cell += 1) {
      let square = 0;
      for (let k = 0; k < width; k += 1) {
        const value = centers[cell * width + k]!;
        this.transposed[k * cellCount + cell] = value;
        square += value * value;
      }
      this.bias[cell] = -square / 2;
    }
  }

  /**
   * Assigns `count` vectors, up to VECTORS_PER_CALL.
   *
   * @param vectors Shape (count, width).
   * @param out Cells, written from `at` on.
   */
  assign(vectors: Float32Array, count: number, out: Int32Array, at: number): void {
    this.rows.set(vectors);
    const { rows, width, transposed, bias, cellCount, scores, assigned } = this;
    this.kernel.call(
      'assignCells',
      rows.byteOffset,
      Math.ceil(count / 4) * 4,
      width,
      transposed.byteOffset,
      bias.byteOffset,
      cellCount,
      scores,
      assigned.byteOffset,
    );
    out.set(assigned.subarray(0, count), at);
  }
}
