import { runInSlices } from '../core/event-loop.js';
import type { KernelRuntime } from '../kernels/kernel-runtime.js';
import { RetrievalKernel } from '../kernels/retrieval-kernel.js';
import { topK, type TopK } from '../math/top-k.js';
import type { ItemVectors, RetrievalBook } from './retrieval-book.js';

/** What is asked of an index. */
export interface RetrievalQuery {
  /** Shape (width), finite. */
  readonly vector: Float32Array;
  /** How many items, 1 – MOST_ITEMS. */
  readonly count: number;
  /** By place of an item: entries other than 0 are left out. Up to `maskLength` bytes. */
  readonly mask: Uint8Array;
}

/** Most items that one query can ask for. */
export const MOST_ITEMS = 2000;
/** Codes are off by up to 1 in 254 of a vector's largest value: three times as many as asked for, and their vectors decide. */
const CANDIDATES_PER_ITEM = 3;
const LEAST_CANDIDATES = 300;
/** Where a mask leaves in less, and cells would have to be looked into beyond the other, its items are looked at one by one. */
const SPARSE = 0.25;
const MOST_LOOKED_AT = 0.5;
const POSITIONS_PER_SLICE = 65_536;

/**
 * Finds the items with the largest products with a vector (maximum inner product search).
 *
 * Codes of the most promising cells are scanned, more cells where a mask leaves out more, and all that a mask leaves in
 * where it leaves little; then the vectors themselves decide among three times as many as asked for. A list is shorter
 * than asked for only where fewer items are allowed. Below 100,000 items all codes are scanned.
 *
 * One query at a time: not reentrant. About 1.3 bytes an item and dimension, beside the vectors.
 */
export class RetrievalIndex {
  private constructor(
    private readonly kernel: RetrievalKernel,
    private readonly vectors: ItemVectors,
    private readonly book: Pick<RetrievalBook, 'offsets' | 'items' | 'lookedAt'>,
    private readonly padded: Float32Array,
  ) {}

  /**
   * Copies a book into kernel memory, some of it at a time, so that the event loop is not stopped.
   *
   * @param vectors Those that the book was made of.
   * @param maskLength Bytes of the longest mask.
   */
  static async open(
    kernels: KernelRuntime,
    vectors: ItemVectors,
    book: RetrievalBook,
    maskLength: number,
  ): Promise<RetrievalIndex> {
    const { codes, width } = book;
    const heapLength = MOST_ITEMS * CANDIDATES_PER_ITEM;
    const kernel = new RetrievalKernel(kernels, book, { maskLength, heapLength });
    await runInSlices(vectors.itemCount, POSITIONS_PER_SLICE, (from, to) =>
      kernel.writeCodes(codes.subarray(from * width, to * width), from),
    );
    return new RetrievalIndex(kernel, vectors, book, new Float32Array(width));
  }

  /** Says where in a mask each item has its entry; −1, or one beyond the longest mask, leaves it out. Shape (items). */
  setPlaces(places: Int32Array): void {
    const { items } = this.book;
    const byPosition = new Int32Array(items.length);
    // hot: once a model and catalogue; items are indices of places
    for (let position = 0; position < items.length; position += 1)
      byPosition[position] = places[items[position]!]!;
    this.kernel.writePlaces(byPosition);
  }

  /** The best items that the mask leaves in, best first, with their exact products. */
  search({ vector, count, mask }: RetrievalQuery): TopK {
    this.padded.set(vector);
    const size = Math.max(LEAST_CANDIDATES, count * CANDIDATES_PER_ITEM);
    const allowed = this.kernel.begin(this.padded, mask, size);
    const share = this.book.lookedAt / Math.max(allowed, Number.MIN_VALUE);
    if (allowed < SPARSE && share > MOST_LOOKED_AT) this.kernel.scanAllowed();
    else this.scanCells(share, size);
    // sorted, so that equal scores come by index as from any other ranking
    const items = Int32Array.from(this.kernel.found(), (position) => this.book.items[position]!).sort();
    const best = topK(this.products(vector, items), count);
    return { indices: best.indices.map((index) => items[index]!), scores: best.scores };
  }

  /** The most promising cells until they hold `share` of the items; the others too where too few of them are allowed. */
  private scanCells(share: number, size: number): void {
    const { offsets } = this.book;
    const scores = this.kernel.scoreCells();
    const order = topK(scores, scores.length).indices;
    const wanted = share * this.kernel.positionCount;
    let looked = 0;
    let probes = 0;
    for (; probes < order.length && looked < wanted; probes += 1) {
      const cell = order[probes]!;
      looked += offsets[cell + 1]! - offsets[cell]!;
    }
    const found = this.kernel.scanCells(order.subarray(0, probes));
    if (found < size) this.kernel.scanCells(order.subarray(probes));
  }

  private products(vector: Float32Array, items: Int32Array): Float32Array {
    const { width, itemFactors } = this.vectors;
    // hot: some hundred rows a query, each within the factors
    return Float32Array.from(items, (item) => {
      let product = 0;
      for (let k = 0, i = item * width; k < width; k += 1, i += 1) product += vector[k]! * itemFactors[i]!;
      return product;
    });
  }
}
