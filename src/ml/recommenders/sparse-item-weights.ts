import type { ModelState } from '../core/learner.js';
import { readTensor } from '../core/state.js';
import { topK } from '../math/top-k.js';
import type { ItemWeights } from './item-weights.js';
import { readIndices } from './saved-indices.js';

/** The strongest weights towards one item, in any order. Columns of equal length. */
export interface Neighbors {
  readonly items: Int32Array;
  readonly weights: Float32Array;
}

/** Weights from each item to the items it is a neighbor of, in compressed rows; all others are 0. */
export class SparseItemWeights implements ItemWeights {
  private constructor(
    /** Weights from item i are at offsets[i] … offsets[i + 1] − 1. Length itemCount + 1. */
    private readonly offsets: Int32Array,
    private readonly targets: Int32Array,
    private readonly weights: Float32Array,
  ) {}

  /** @param neighbors Of each item: those with a weight towards it. Shape (itemCount). */
  static from(neighbors: readonly Neighbors[]): SparseItemWeights {
    const offsets = new Int32Array(neighbors.length + 1);
    for (const { items } of neighbors) for (const item of items) offsets[item + 1]! += 1;
    for (let item = 0; item < neighbors.length; item += 1) offsets[item + 1]! += offsets[item]!;
    const next = offsets.slice();
    const targets = new Int32Array(offsets.at(-1)!);
    const weights = new Float32Array(targets.length);
    neighbors.forEach((list, target) => {
      list.items.forEach((item, k) => {
        const at = next[item]!;
        targets[at] = target;
        weights[at] = list.weights[k]!;
        next[item] = at + 1;
      });
    });
    return new SparseItemWeights(offsets, targets, weights);
  }

  /** @throws IncompatibleStateError when a tensor is missing or does not fit. */
  static read(state: ModelState, itemCount: number): SparseItemWeights {
    const counts = readIndices(state, 'neighborCounts', { length: itemCount, below: itemCount + 1 });
    const offsets = new Int32Array(itemCount + 1);
    counts.forEach((count, item) => (offsets[item + 1] = offsets[item]! + count));
    const length = offsets[itemCount]!;
    const targets = readIndices(state, 'neighbors', { length, below: itemCount });
    return new SparseItemWeights(offsets, targets, readTensor(state, 'weights', length).slice());
  }

  get itemCount(): number {
    return this.offsets.length - 1;
  }

  addRows(items: Int32Array, factors: Float32Array, out: Float32Array): void {
    // hot: targets are items, and offsets are of their arrays
    for (let k = 0; k < items.length; k += 1) {
      const item = items[k]!;
      const factor = factors[k]!;
      const end = this.offsets[item + 1]!;
      for (let at = this.offsets[item]!; at < end; at += 1) {
        out[this.targets[at]!]! += factor * this.weights[at]!;
      }
    }
  }

  /** @returns Copies, for the state of a model. */
  tensors(): ModelState['tensors'] {
    const { offsets, targets, weights } = this;
    return {
      neighborCounts: Float32Array.from(
        { length: this.itemCount },
        (_, item) => offsets[item + 1]! - offsets[item]!,
      ),
      neighbors: Float32Array.from(targets),
      weights: weights.slice(),
    };
  }
}

/**
 * The `count` candidates with the largest weights by absolute value, ties by the earlier one.
 *
 * @param candidates Items. Columns of equal length.
 */
export function strongest(candidates: Neighbors, count: number): Neighbors {
  const { indices } = topK(candidates.weights.map(Math.abs), count);
  return {
    items: Int32Array.from(indices, (at) => candidates.items[at]!),
    weights: Float32Array.from(indices, (at) => candidates.weights[at]!),
  };
}
