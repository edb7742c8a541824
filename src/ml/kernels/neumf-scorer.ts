import { createRandom, drawBelow, type Random } from '../core/random.js';
import type { Kernel, KernelRuntime } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';
import { denseParts, rowWidth, type NeuMFShape, type NeuMFWeights } from './neumf-network.js';
import { layOutNetwork, layOutScratch, NeuMFPlan } from './neumf-plan.js';

/** How a row is found for a history while items and dense weights stay as they are. */
export interface NeuMFFoldIn {
  /** Sampled negatives for each item of the history and pass. */
  readonly negatives: number;
  /** L2 penalty λ of the row, for each sample. */
  readonly regularization: number;
  /** Step size of each pass, each sample counting whole. */
  readonly rates: readonly number[];
}

const KERNEL = 'neumf';
const PAIRS_PER_CALL = 4096;
/** Of everybody: the same history gives the same row. */
const FOLD_IN_SEED = 1;

/**
 * Scores users and items with given NeuMF weights, which it copies into a memory of its own.
 *
 * The item half of the first layer is computed once, so that scoring n items for one user costs
 * O(n · (layers[1] · layers[2] + …)). Indices are not checked here. One score at a time: not reentrant.
 */
export class NeuMFScorer {
  private readonly kernel: Kernel;
  private readonly plan: NeuMFPlan;
  private readonly scores: Float32Array;
  private readonly pairUsers: Int32Array;
  private readonly pairItems: Int32Array;
  private readonly labels: Float32Array;
  private readonly row: Float32Array;
  private readonly mean: Float32Array;
  private readonly parameters: NeuMFWeights;

  constructor(
    kernels: KernelRuntime,
    private readonly shape: NeuMFShape,
    weights: NeuMFWeights,
  ) {
    const layout = new MemoryLayout();
    const network = layOutNetwork(layout, shape);
    const scratch = layOutScratch(layout, shape);
    const { length } = denseParts(shape);
    const width = rowWidth(shape);
    const fields = {
      chunkUsers: layout.takeWords(PAIRS_PER_CALL),
      chunkItems: layout.takeWords(PAIRS_PER_CALL),
      chunkLabels: layout.takeWords(PAIRS_PER_CALL),
      foldRow: layout.takeWords(width),
      foldGradient: layout.takeWords(width),
      preparedItems: layout.takeWords(shape.itemCount * ((shape.layers[1] ?? 0) + shape.factors)),
      // both ways of scoring write whole blocks of 4
      scores: layout.takeWords(Math.max(shape.itemCount + 3, PAIRS_PER_CALL)),
    };
    const { buffer } = kernels.createMemory(layout.byteLength);
    this.parameters = {
      users: new Float32Array(buffer, network.userRows, weights.users.length),
      items: new Float32Array(buffer, network.itemRows, weights.items.length),
      dense: new Float32Array(buffer, network.dense, length),
    };
    this.parameters.users.set(weights.users);
    this.parameters.items.set(weights.items);
    this.parameters.dense.set(weights.dense);

    this.plan = new NeuMFPlan(buffer, scratch.plan);
    this.plan.describeNetwork(shape, network, scratch);
    this.plan.set(fields);
    this.scores = new Float32Array(buffer, fields.scores, Math.max(shape.itemCount, PAIRS_PER_CALL));
    this.pairUsers = new Int32Array(buffer, fields.chunkUsers, PAIRS_PER_CALL);
    this.pairItems = new Int32Array(buffer, fields.chunkItems, PAIRS_PER_CALL);
    this.labels = new Float32Array(buffer, fields.chunkLabels, PAIRS_PER_CALL);
    this.row = new Float32Array(buffer, fields.foldRow, width);
    this.mean = meanRow(weights.users, width);
    this.kernel = kernels.instantiate(KERNEL, { buffer });
    this.kernel.call('prepareItems', this.plan.address, 0, shape.itemCount);
  }

  /** @returns A copy of the weights. */
  weights(): NeuMFWeights {
    const { users, items, dense } = this.parameters;
    // constructed from a view: a copy outside the shared memory
    return { users: new Float32Array(users), items: new Float32Array(items), dense: new Float32Array(dense) };
  }

  /** @returns Log-odds of every item for `user`, in `out`. Shape (itemCount). */
  scoreAll(user: number, out: Float32Array): Float32Array {
    const { users } = this.parameters;
    return this.scoreItems(users.byteOffset + user * this.row.byteLength, out);
  }

  /** @returns Log-odds of each pair. Shape (users.length). */
  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    const scores = new Float32Array(users.length);
    for (let from = 0; from < users.length; from += PAIRS_PER_CALL) {
      const to = Math.min(users.length, from + PAIRS_PER_CALL);
      this.pairUsers.set(users.subarray(from, to));
      this.pairItems.set(items.subarray(from, to));
      this.kernel.call('scorePairs', this.plan.address, to - from);
      scores.set(this.scores.subarray(0, to - from), from);
    }
    return scores;
  }

  /**
   * Scores for somebody out of what they took: descends from the mean row of all users, a step for each item and its
   * negatives, items and dense weights as they are.
   *
   * @param items Distinct. Shape (n), n ≥ 0. The same items in the same order give the same scores.
   * @returns Log-odds of every item, in `out`. Shape (itemCount).
   */
  scoreHistory(
    items: Int32Array,
    { rates, negatives, regularization }: NeuMFFoldIn,
    out: Float32Array,
  ): Float32Array {
    this.row.set(this.mean);
    const isTaken = new Uint8Array(this.shape.itemCount);
    for (const item of items) isTaken[item] = 1;
    const free = Int32Array.from(isTaken.keys()).filter((item) => isTaken[item] === 0);
    const count = free.length > 0 ? negatives : 0;
    const random = createRandom(FOLD_IN_SEED);
    const order = items.slice();
    this.plan.set({ regularization });
    this.labels.fill(0, 0, 1 + count);
    this.labels[0] = 1;
    let isFirst = 1;
    for (const rowRate of rates) {
      this.plan.set({ rowRate });
      shuffle(order, random);
      for (const item of order) {
        this.pairItems[0] = item;
        // below the number of free items
        for (let n = 1; n <= count; n += 1) this.pairItems[n] = free[drawBelow(random, free.length)]!;
        this.kernel.call('foldIn', this.plan.address, 1 + count, isFirst);
        isFirst = 0;
      }
    }
    return this.scoreItems(this.row.byteOffset, out);
  }

  private scoreItems(rowAddress: number, out: Float32Array): Float32Array {
    this.kernel.call('scoreAll', this.plan.address, rowAddress);
    out.set(this.scores.subarray(0, this.shape.itemCount));
    return out;
  }
}

function meanRow(rows: Float32Array, width: number): Float32Array {
  const sums = new Float64Array(width);
  // hot: one pass over all rows
  for (let start = 0; start < rows.length; start += width) {
    for (let k = 0; k < width; k += 1) sums[k]! += rows[start + k]!;
  }
  return Float32Array.from(sums, (sum) => (sum * width) / rows.length);
}

function shuffle(values: Int32Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last -= 1) {
    const other = drawBelow(random, last + 1);
    // both are indices of the array
    [values[last], values[other]] = [values[other]!, values[last]!];
  }
}
