import { runInSlices } from '../core/event-loop.js';
import { InvalidDataError } from '../core/errors.js';
import type { KernelRuntime } from '../kernels/kernel-runtime.js';
import { assignToCells, meansOf } from './cells.js';
import { neededShare } from './needed-share.js';
import type { ItemVectors, RetrievalBook } from './retrieval-book.js';

interface BuildOptions {
  readonly kernels: KernelRuntime;
  readonly seed: number;
  /** Multiple of 8, or 1 for none. Default: none below 100,000 items, else about twice the root of their number. */
  readonly cellCount?: number;
  /** Vectors such as will be searched for: they tell how far to look. Shape (m, width); some 64 are enough. */
  readonly queries: Float32Array;
  readonly signal?: AbortSignal;
}

/** Below this a scan of all codes takes about a millisecond, and cells would save little. */
const LEAST_ITEMS_FOR_CELLS = 100_000;
/** Twice the square root of the items: looking at the centers and into the cells then cost about the same. */
const CELLS_PER_ROOT = 2;
const LARGEST_CODE = 127;
const ROWS_PER_SLICE = 4096;
const CODE_ALIGNMENT = 8;

/**
 * Makes the searchable copy of item vectors: 8-bit codes, sorted into cells where there are many.
 *
 * A code is the vector over its largest value, times 127, rounded: some 65 + 12 bytes an item of width 64 against 256.
 * The same vectors and seed give the same book.
 *
 * @throws InvalidDataError when a vector is not finite; the signal's reason when it is aborted.
 *
 * @see J. Sivic & A. Zisserman, "Video Google", ICCV 2003 (inverted file); H. Jégou, M. Douze & C. Schmid, "Product
 * Quantization for Nearest Neighbor Search", TPAMI 33 (2011), sec. IV.
 */
export async function buildRetrievalBook(
  vectors: ItemVectors,
  options: BuildOptions,
): Promise<RetrievalBook> {
  const { itemCount } = vectors;
  const width = Math.ceil(vectors.width / CODE_ALIGNMENT) * CODE_ALIGNMENT;
  const cellCount = options.cellCount ?? cellCountOf(itemCount);
  const cells =
    cellCount === 1
      ? undefined
      : await assignToCells(
          { width: vectors.width, vectors: vectors.itemFactors },
          { ...options, cellCount },
        );
  const { offsets, items } = sorted(cells ?? new Int32Array(itemCount), cellCount);
  const codes = new Int8Array(new SharedArrayBuffer(itemCount * width));
  const scales = new Float32Array(new SharedArrayBuffer(itemCount * Float32Array.BYTES_PER_ELEMENT));
  await runInSlices(
    itemCount,
    ROWS_PER_SLICE,
    (from, to) => {
      for (let position = from; position < to; position += 1) {
        scales[position] = encode(vectors, items[position]!, codes, position * width);
      }
    },
    options.signal,
  );
  const centers = centersOf(vectors, cells, cellCount, width);
  const sorting = { width, offsets, items, centers };
  const lookedAt = cellCount === 1 ? 1 : await neededShare(vectors, sorting, options.queries);
  return { ...sorting, codes, scales, lookedAt };
}

function cellCountOf(itemCount: number): number {
  if (itemCount < LEAST_ITEMS_FOR_CELLS) return 1;
  return Math.ceil((CELLS_PER_ROOT * Math.sqrt(itemCount)) / 8) * 8;
}

/** Items by cell, in order of their index within one. */
function sorted(cells: Int32Array, cellCount: number): Pick<RetrievalBook, 'offsets' | 'items'> {
  const offsets = new Int32Array(cellCount + 1);
  for (const cell of cells) offsets[cell + 1]! += 1;
  for (let cell = 0; cell < cellCount; cell += 1) offsets[cell + 1]! += offsets[cell]!;
  const next = offsets.slice();
  const items = new Int32Array(new SharedArrayBuffer(cells.length * Int32Array.BYTES_PER_ELEMENT));
  cells.forEach((cell, item) => {
    items[next[cell]!] = item;
    next[cell]! += 1;
  });
  return { offsets, items };
}

/** @returns What the vector was divided by. */
function encode({ width, itemFactors }: ItemVectors, item: number, codes: Int8Array, at: number): number {
  const from = item * width;
  let largest = 0;
  for (let k = from; k < from + width; k += 1) largest = Math.max(largest, Math.abs(itemFactors[k]!));
  if (!Number.isFinite(largest)) {
    throw new InvalidDataError(`The vector of item ${item} must be finite, received ${largest}.`);
  }
  const scale = largest === 0 ? 1 : largest / LARGEST_CODE;
  for (let k = 0; k < width; k += 1) codes[at + k] = Math.round(itemFactors[from + k]! / scale);
  return scale;
}

function centersOf(
  { width, itemFactors }: ItemVectors,
  cells: Int32Array | undefined,
  cellCount: number,
  paddedWidth: number,
): Float32Array {
  const centers = new Float32Array(cellCount * paddedWidth);
  if (cells === undefined) return centers;
  const means = meansOf({ width, vectors: itemFactors }, cells, new Float32Array(cellCount * width));
  for (let cell = 0; cell < cellCount; cell += 1) {
    centers.set(means.subarray(cell * width, (cell + 1) * width), cell * paddedWidth);
  }
  return centers;
}
