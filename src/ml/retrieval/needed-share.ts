import { yieldToEventLoop } from '../core/event-loop.js';
import { topK } from '../math/top-k.js';
import type { ItemVectors, RetrievalBook } from './retrieval-book.js';

/** Best items of a query whose cells are looked for. */
const BEST = 100;
/** Part of them that is to be found. Codes lose a little beside. */
const RECALL = 0.98;
const LEAST_SHARE = 0.02;

/**
 * Measures what part of the items has to be looked at so that queries find 98 % of their 100 best: the 0.98-quantile,
 * over the best items of all queries, of what lies in the cells up to theirs.
 *
 * How well cells separate depends on the vectors: at 98 %, a twentieth of those that scatter about tastes is enough,
 * and half of those that scatter evenly is not.
 *
 * Cost: queries · items · width multiplications.
 *
 * @param queries Shape (m, width), m ≥ 0; none gives 1.
 * @returns In [0.02, 1].
 */
export async function neededShare(
  vectors: ItemVectors,
  { offsets, items, centers, width }: Pick<RetrievalBook, 'offsets' | 'items' | 'centers' | 'width'>,
  queries: Float32Array,
): Promise<number> {
  const cellCount = offsets.length - 1;
  const cellOf = new Int32Array(vectors.itemCount);
  for (let cell = 0; cell < cellCount; cell += 1) {
    for (let position = offsets[cell]!; position < offsets[cell + 1]!; position += 1)
      cellOf[items[position]!] = cell;
  }
  const shares: number[] = [];
  for (let from = 0; from < queries.length; from += vectors.width) {
    const query = queries.subarray(from, from + vectors.width);
    const best = topK(products(query, vectors.itemFactors, vectors.width), BEST).indices;
    const order = topK(products(query, centers, width), cellCount).indices;
    const shareUpTo = new Float64Array(cellCount);
    let looked = 0;
    for (const cell of order) {
      looked += offsets[cell + 1]! - offsets[cell]!;
      shareUpTo[cell] = looked / vectors.itemCount;
    }
    for (const item of best) shares.push(shareUpTo[cellOf[item]!]!);
    await yieldToEventLoop();
  }
  shares.sort((a, b) => a - b);
  return Math.max(LEAST_SHARE, shares[Math.ceil(RECALL * shares.length) - 1] ?? 1);
}

/** Products of a query with rows that are as long or padded with zeros. */
function products(query: Float32Array, rows: Float32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length / width);
  // hot: over all items once a query
  for (let row = 0, at = 0; row < out.length; row += 1, at += width) {
    let sum = 0;
    for (let k = 0; k < query.length; k += 1) sum += query[k]! * rows[at + k]!;
    out[row] = sum;
  }
  return out;
}
