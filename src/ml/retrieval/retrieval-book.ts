import type { CodeBook } from '../kernels/retrieval-kernel.js';

/** Item vectors to search. */
export interface ItemVectors {
  readonly itemCount: number;
  /** Length of a vector, multiple of 4. */
  readonly width: number;
  /** Shape (itemCount, width), finite. */
  readonly itemFactors: Float32Array;
}

/** A searchable copy of item vectors: plain arrays, over shared memory, so that one thread can make it for others. */
export interface RetrievalBook extends CodeBook {
  /** Item at each position. Shape (positions). */
  readonly items: Int32Array;
  /** Part of the items that a search looks at, in (0, 1]. */
  readonly lookedAt: number;
}
