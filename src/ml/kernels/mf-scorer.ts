import { createRandom, deriveSeed, drawBelow } from '../core/random.js';
import type { Kernel, KernelRuntime } from './kernel-runtime.js';
import { planBytes } from './kernel-plan.js';
import { MemoryLayout } from './memory-layout.js';
import { matrixRowWidth, type MatrixShape, type MatrixWeights } from './mf-matrix.js';
import { MATRIX_PLAN_FIELDS, MatrixPlan } from './mf-plan.js';
import { MATRIX_LOSSES, type MatrixLoss } from './mf-trainer.js';

/** How a user's row is found while the items stay as they are. */
export interface MatrixFoldIn {
  readonly loss: MatrixLoss;
  readonly negatives: number;
  readonly regularization: number;
  /** Constant of the scores, which a row from outside has in its bias. */
  readonly bias: number;
  /** Step size of each pass. */
  readonly rates: readonly number[];
}

const KERNEL = 'mf';
const PAIRS_PER_CALL = 4096;
/** Of everybody: the same history gives the same row. */
const FOLD_IN_SEED = 1;

/**
 * Scores users and items with given rows, which it copies into a memory of its own, and finds rows for histories.
 *
 * Indices are not checked here. One score at a time: not reentrant.
 */
export class MatrixScorer {
  /** Rows of all items; a view, not to be changed. Shape (itemCount, width). */
  readonly items: Float32Array;
  readonly width: number;
  private readonly users: Float32Array;
  private readonly row: Float32Array;
  private readonly mean: Float32Array;
  private readonly scores: Float32Array;
  private readonly pairUsers: Int32Array;
  private readonly pairItems: Int32Array;
  private readonly history: { items: Int32Array; offsets: Int32Array; order: Int32Array; bits: Uint8Array };
  private readonly scoring: MatrixPlan;
  private readonly folding: MatrixPlan;
  private readonly kernel: Kernel;

  constructor(
    kernels: KernelRuntime,
    { userCount, itemCount, factors }: MatrixShape,
    weights: MatrixWeights,
    private readonly foldIn: MatrixFoldIn,
  ) {
    const { negatives, regularization, loss, bias } = foldIn;
    const width = matrixRowWidth({ factors });
    const layout = new MemoryLayout();
    const userRows = layout.takeWords(userCount * width);
    const itemRows = layout.takeWords(itemCount * width);
    const row = layout.takeWords(width);
    const scoring = {
      pairUsers: layout.takeWords(PAIRS_PER_CALL),
      pairItems: layout.takeWords(PAIRS_PER_CALL),
      // whole blocks of 4
      scores: layout.takeWords(Math.max(itemCount + 3, PAIRS_PER_CALL)),
    };
    const folding = {
      positiveUsers: layout.takeWords(itemCount),
      positiveItems: layout.takeWords(itemCount),
      offsets: layout.takeWords(2),
      permutation: layout.takeWords(itemCount),
      bitmap: layout.take(Math.ceil(itemCount / 8)),
      group: layout.takeWords(1 + negatives),
      errors: layout.takeWords(4 + negatives),
      userGradient: layout.takeWords(width),
    };
    const plans = [0, 1].map(() => layout.take(planBytes(MATRIX_PLAN_FIELDS)));
    const { buffer } = kernels.createMemory(layout.byteLength);
    this.width = width;
    this.users = new Float32Array(buffer, userRows, userCount * width);
    this.items = new Float32Array(buffer, itemRows, itemCount * width);
    this.row = new Float32Array(buffer, row, width);
    this.users.set(weights.users);
    this.items.set(weights.items);
    this.mean = meanRow(weights.users, userCount, width);
    this.scores = new Float32Array(buffer, scoring.scores, Math.max(itemCount, PAIRS_PER_CALL));
    this.pairUsers = new Int32Array(buffer, scoring.pairUsers, PAIRS_PER_CALL);
    this.pairItems = new Int32Array(buffer, scoring.pairItems, PAIRS_PER_CALL);
    this.history = {
      items: new Int32Array(buffer, folding.positiveItems, itemCount),
      offsets: new Int32Array(buffer, folding.offsets, 2),
      order: new Int32Array(buffer, folding.permutation, itemCount),
      bits: new Uint8Array(buffer, folding.bitmap, Math.ceil(itemCount / 8)),
    };
    // there are as many plans as addresses
    this.scoring = new MatrixPlan(buffer, plans[0]!);
    this.scoring.set({ itemCount, rowWidth: width, userRows, itemRows, ...scoring });
    this.folding = new MatrixPlan(buffer, plans[1]!);
    this.folding.set({ itemCount, rowWidth: width, userRows: row, itemRows, ...folding });
    this.folding.set({ userCount: 1, negatives, regularization, bias, lossKind: MATRIX_LOSSES[loss] });
    this.kernel = kernels.instantiate(KERNEL, { buffer });
  }

  /** @returns A copy of the rows. */
  weights(): MatrixWeights {
    // constructed from a view: a copy outside the shared memory
    return { users: new Float32Array(this.users), items: new Float32Array(this.items) };
  }

  /** @returns A copy of a user's row. Shape (width). */
  rowOf(user: number): Float32Array {
    return new Float32Array(this.users.subarray(user * this.width, (user + 1) * this.width));
  }

  /** @returns Scores of every item for `user`, in `out`. Shape (itemCount). */
  scoreAll(user: number, out: Float32Array): Float32Array {
    return this.scoreItems(this.scoring.get('userRows') + user * this.width * 4, out);
  }

  /** @returns Scores of every item for somebody with `row`, in `out`. Shape (itemCount). */
  scoreRow(row: Float32Array, out: Float32Array): Float32Array {
    this.row.set(row);
    return this.scoreItems(this.row.byteOffset, out);
  }

  /** @returns Scores of each pair. Shape (users.length). */
  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    const scores = new Float32Array(users.length);
    for (let from = 0; from < users.length; from += PAIRS_PER_CALL) {
      const to = Math.min(users.length, from + PAIRS_PER_CALL);
      this.pairUsers.set(users.subarray(from, to));
      this.pairItems.set(items.subarray(from, to));
      this.kernel.call('scorePairs', this.scoring.address, to - from);
      scores.set(this.scores.subarray(0, to - from), from);
    }
    return scores;
  }

  /**
   * Descends from the mean row of all users as training does, items left as they are.
   *
   * @param items Distinct, ascending. Shape (n), n ≥ 0.
   * @returns A row whose products with those of items are scores. Shape (width).
   */
  foldInRow(items: Int32Array): Float32Array {
    const { row, mean, foldIn, history, folding } = this;
    const bias = row.length - 3;
    row.set(mean);
    if (items.length === 0) return new Float32Array(row);
    row[bias]! -= foldIn.bias;
    history.items.set(items);
    history.offsets.set([0, items.length]);
    // a row of the history each; all are of the one user, 0
    const order = Int32Array.from(items, (_, index) => index);
    for (const item of items) history.bits[item >> 3]! |= 1 << (item & 7);
    const random = createRandom(FOLD_IN_SEED);
    folding.seed(deriveSeed(FOLD_IN_SEED, 0), deriveSeed(FOLD_IN_SEED, 1));
    for (const learningRate of foldIn.rates) {
      for (let last = order.length - 1; last > 0; last -= 1) {
        const other = drawBelow(random, last + 1);
        // both are indices of the order
        [order[last], order[other]] = [order[other]!, order[last]!];
      }
      history.order.set(order);
      folding.set({ learningRate, cursor: 0, end: items.length });
      this.kernel.call('foldIn', folding.address, items.length);
    }
    for (const item of items) history.bits[item >> 3] = 0;
    row[bias]! += foldIn.bias;
    return new Float32Array(row);
  }

  private scoreItems(address: number, out: Float32Array): Float32Array {
    this.kernel.call('scoreItems', this.scoring.address, address);
    out.set(this.scores.subarray(0, out.length));
    return out;
  }
}

function meanRow(rows: Float32Array, count: number, width: number): Float32Array {
  const sums = new Float64Array(width);
  // hot: one pass over all rows
  for (let start = 0; start < rows.length; start += width) {
    for (let k = 0; k < width; k += 1) sums[k]! += rows[start + k]!;
  }
  return Float32Array.from(sums, (sum) => sum / count);
}
