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
  const heap = new BestSoFar(Math.min(k, scores.length));
  if (heap.capacity === 0) return heap.toSorted();
  let threshold = Number.NEGATIVE_INFINITY;
  let isFull = false;
  // hot: indices stay below scores.length; equal scores never displace, so the earlier index stays
  for (let index = 0; index < scores.length; index += 1) {
    const score = scores[index]!;
    if (isFull ? !(score > threshold) : Number.isNaN(score)) continue;
    if (mask !== undefined && mask[places === undefined ? index : places[index]!] !== 0) continue;
    if (isFull) heap.replaceWorst(score, index);
    else isFull = heap.add(score, index);
    if (isFull) threshold = heap.worst;
  }
  return heap.toSorted();
}

/** A heap whose root is the worst: the lowest score, and of equal ones the highest index. Never read beyond its size. */
class BestSoFar {
  private readonly scores: Float32Array;
  private readonly indices: Int32Array;
  private size = 0;

  constructor(readonly capacity: number) {
    this.scores = new Float32Array(capacity);
    this.indices = new Int32Array(capacity);
  }

  get worst(): number {
    return this.scores[0]!;
  }

  /** @returns Whether it is full now. */
  add(score: number, index: number): boolean {
    const { scores, indices } = this;
    let hole = this.size;
    this.size += 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!isWorse(score, index, scores[parent]!, indices[parent]!)) break;
      scores[hole] = scores[parent]!;
      indices[hole] = indices[parent]!;
      hole = parent;
    }
    scores[hole] = score;
    indices[hole] = index;
    return this.size === this.capacity;
  }

  replaceWorst(score: number, index: number): void {
    const { scores, indices, size } = this;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      const other = child + 1;
      if (other < size && isWorse(scores[other]!, indices[other]!, scores[child]!, indices[child]!))
        child = other;
      if (!isWorse(scores[child]!, indices[child]!, score, index)) break;
      scores[hole] = scores[child]!;
      indices[hole] = indices[child]!;
      hole = child;
    }
    scores[hole] = score;
    indices[hole] = index;
  }

  /** Best first. Empties the heap: the worst goes to the end, one after the other. */
  toSorted(): TopK {
    const { size } = this;
    const indices = new Int32Array(size);
    const scores = new Float32Array(size);
    for (let place = size - 1; place >= 0; place -= 1) {
      indices[place] = this.indices[0]!;
      scores[place] = this.scores[0]!;
      this.size = place;
      this.replaceWorst(this.scores[place]!, this.indices[place]!);
    }
    return { indices, scores };
  }
}

function isWorse(score: number, index: number, than: number, thanIndex: number): boolean {
  return score < than || (score === than && index > thanIndex);
}
