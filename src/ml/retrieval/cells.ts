import { runInSlices } from '../core/event-loop.js';
import { CellAssigner, VECTORS_PER_CALL } from '../kernels/cell-assigner.js';
import type { KernelRuntime } from '../kernels/kernel-runtime.js';

/** Vectors as rows. */
export interface VectorTable {
  /** Multiple of 4. */
  readonly width: number;
  /** Shape (n, width), finite. */
  readonly vectors: Float32Array;
}

interface CellOptions {
  readonly kernels: KernelRuntime;
  /** Multiple of 8. */
  readonly cellCount: number;
  /** Picks the vectors that the centers are made of. Uint32. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Vectors that centers are made of, for each cell; more moves them little. */
const SAMPLES_PER_CELL = 32;
const ITERATIONS = 6;
const VECTORS_PER_SLICE = 1024;
const GOLDEN_RATIO = 0.618_033_988_749_894_9;

/**
 * Sorts vectors into cells so that near ones are together (k-means, centers from a sample).
 *
 * Centers after 6 rounds of Lloyd's algorithm over 32 vectors a cell, then each vector goes to the nearest. Cells
 * differ in size; one may be empty. The same seed gives the same cells.
 *
 * Cost: (6 · 32 · cells + n) · cells · width multiplications: 1 M vectors of 64 in 2,048 cells take some 40 s.
 *
 * @returns Cell of every vector. Shape (n).
 * @throws The signal's reason when it is aborted.
 *
 * @see S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Information Theory 28 (1982), 129–137.
 */
export async function assignToCells(table: VectorTable, options: CellOptions): Promise<Int32Array> {
  const { cellCount, kernels } = options;
  const assigner = new CellAssigner(kernels, cellCount, table.width);
  const sample = sampleOf(table, cellCount * SAMPLES_PER_CELL, options.seed);
  const sampleCells = new Int32Array(sample.vectors.length / table.width);
  let centers = firstCenters(sample, cellCount);
  for (let round = 0; round < ITERATIONS; round += 1) {
    assigner.setCenters(centers);
    await assignAll(assigner, sample, sampleCells, options.signal);
    centers = meansOf(sample, sampleCells, centers);
  }
  assigner.setCenters(centers);
  const cells = new Int32Array(table.vectors.length / table.width);
  await assignAll(assigner, table, cells, options.signal);
  return cells;
}

/**
 * Means of the vectors of each cell; an empty cell keeps what `otherwise` says. Shape (cells, width).
 *
 * @param otherwise Shape (cells, width).
 */
export function meansOf(
  { width, vectors }: VectorTable,
  cells: Int32Array,
  otherwise: Float32Array,
): Float32Array {
  const means = new Float32Array(otherwise.length);
  const counts = new Int32Array(otherwise.length / width);
  // hot: over all vectors; cells are below the number of centers
  for (let row = 0; row < cells.length; row += 1) {
    const cell = cells[row]!;
    counts[cell]! += 1;
    for (let k = 0; k < width; k += 1) means[cell * width + k]! += vectors[row * width + k]!;
  }
  return means.map((sum, i) => {
    const count = counts[Math.floor(i / width)]!;
    return count === 0 ? otherwise[i]! : sum / count;
  });
}

async function assignAll(
  assigner: CellAssigner,
  { width, vectors }: VectorTable,
  out: Int32Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  await runInSlices(
    out.length,
    VECTORS_PER_SLICE,
    (from, to) => {
      for (let row = from; row < to; row += VECTORS_PER_CALL) {
        const end = Math.min(to, row + VECTORS_PER_CALL);
        assigner.assign(vectors.subarray(row * width, end * width), end - row, out, row);
      }
    },
    signal,
  );
}

/** Up to `count` vectors, evenly spread from a row that the seed picks. */
function sampleOf({ width, vectors }: VectorTable, count: number, seed: number): VectorTable {
  const rowCount = vectors.length / width;
  const step = Math.max(1, rowCount / count);
  const size = Math.min(rowCount, count);
  const start = (seed * GOLDEN_RATIO) % 1;
  const sample = new Float32Array(size * width);
  for (let i = 0; i < size; i += 1) {
    const row = Math.floor((i + start) * step) % rowCount;
    sample.set(vectors.subarray(row * width, (row + 1) * width), i * width);
  }
  return { width, vectors: sample };
}

function firstCenters({ width, vectors }: VectorTable, cellCount: number): Float32Array {
  const rowCount = vectors.length / width;
  const centers = new Float32Array(cellCount * width);
  for (let cell = 0; cell < cellCount; cell += 1) {
    const row = Math.floor((cell * rowCount) / cellCount);
    centers.set(vectors.subarray(row * width, (row + 1) * width), cell * width);
  }
  return centers;
}
