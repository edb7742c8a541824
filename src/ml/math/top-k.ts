/** Indices of the largest scores, best first, with their scores. */
export interface TopK {
  readonly indices: Int32Array;
  readonly scores: Float32Array;
}

/**
 * Finds the `k` largest scores, descending, ties by ascending index.
 *
 * Keeps the best so far in a heap whose root is the worst of them: O(n + m log k) with m scores
 * entering the heap, about k·ln(n/k) of them in random order. NaN is never selected.
 *
 * @param k How many, integer ≥ 0. Fewer are returned when fewer are left unmasked.
 * @param mask Entries other than 0 are left out. Shape of `scores`, or with `places` of any length.
 * @param places Where in `mask` each score has its entry; one outside of it is left out. Shape of `scores`.
 *
 * @example
 * topK(Float32Array.of(0.5, 2, 1), 2).indices; // 1, 2
 */
export function topK(scores: Float32Array, k: number, mask?: Uint8Array, places?: Int32Array): TopK {
  const heap = new Int32Array(Math.min(k, scores.length));
  let size = 0;
  let threshold = Number.NEGATIVE_INFINITY;
  // hot: indices stay below scores.length and size; equal scores never displace, so the earlier index stays
  for (let index = 0; index < scores.length; index += 1) {
    const score = scores[index]!;
    if (size === heap.length ? !(score > threshold) : Number.isNaN(score)) continue;
    if (mask !== undefined && mask[places === undefined ? index : places[index]!] !== 0) continue;
    if (size < heap.length) {
      heap[size] = index;
      size += 1;
      siftUp(heap, scores, size - 1);
    } else if (size > 0) {
      heap[0] = index;
      siftDown(heap, scores, size);
    }
    if (size === heap.length && size > 0) threshold = scores[heap[0]!]!;
  }
  const indices = heap.slice(0, size).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { indices, scores: Float32Array.from(indices, (index) => scores[index]!) };
}

/** Whether `a` ranks after `b`. */
function isWorse(scores: Float32Array, a: number, b: number): boolean {
  return scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
}

function siftUp(heap: Int32Array, scores: Float32Array, from: number): void {
  let child = from;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!isWorse(scores, heap[child]!, heap[parent]!)) return;
    swap(heap, child, parent);
    child = parent;
  }
}

function siftDown(heap: Int32Array, scores: Float32Array, size: number): void {
  let parent = 0;
  for (;;) {
    let worst = parent;
    for (const child of [2 * parent + 1, 2 * parent + 2]) {
      if (child < size && isWorse(scores, heap[child]!, heap[worst]!)) worst = child;
    }
    if (worst === parent) return;
    swap(heap, parent, worst);
    parent = worst;
  }
}

function swap(heap: Int32Array, i: number, j: number): void {
  const kept = heap[i]!;
  heap[i] = heap[j]!;
  heap[j] = kept;
}
