import { yieldToEventLoop } from '../core/event-loop.js';
import { InvalidDataError } from '../core/errors.js';
import { integer, number, readNamed, type Reader } from '../core/hyperparameter-readers.js';
import { distinctInteractions, type Interactions } from '../core/interactions.js';
import type { FitContext, Learner, ModelContext, ModelState } from '../core/learner.js';
import { expectKind, readCount, readTensor } from '../core/state.js';
import { DenseItemWeights } from '../kernels/dense-item-weights.js';
import { EaseSolver } from '../kernels/ease-solver.js';
import {
  ItemToItemModel,
  readHistories,
  rememberHistories,
  type SavedWeights,
  type TrainedHistories,
} from './item-to-item-model.js';
import { SparseItemWeights, strongest, type Neighbors } from './sparse-item-weights.js';

/** What an EASE fit can be told. */
export interface EaseHyperparameters {
  /**
   * Strength λ of the regularization, in (0, 1e9], in the unit of interactions of an item. More of it trusts
   * frequent pairs only. @default 500
   */
  readonly regularization: number;
  /**
   * Strongest weights that are kept towards each item, integer in 0 … 10000; 0 keeps all. Fewer make a smaller
   * model: 8 bytes a weight instead of 4 · itemCount an item. @default 0
   */
  readonly neighbors: number;
  /** Items from which on a fit is refused, integer in 1 … 30000: it needs 4 · itemCount² bytes. @default 20000 */
  readonly maxItems: number;
  /** Overrides the context's threads, integer in 1 … 64. Any number gives the same model. @default the context's */
  readonly threads?: number;
}

/**
 * λ = 500 was the best of 20 … 2000 on a validation part of the demo marketplace (800 products, NDCG@10 .449 among 99
 * negatives; 1000: .433); MovieLens-1M prefers 1000 (.598, 500: .594).
 */
export const EASE_DEFAULTS: EaseHyperparameters = { regularization: 500, neighbors: 0, maxItems: 20_000 };

const READERS: Readonly<Record<keyof EaseHyperparameters, Reader>> = {
  regularization: number('in (0, 1e9]', (value) => value > 0 && value <= 1e9),
  neighbors: integer(0, 10_000),
  maxItems: integer(1, 30_000),
  threads: integer(1, 64),
};

const KIND = 'ease/1';
const ITEMS_PER_SLICE = 64;

/**
 * Recommends items by linear weights between items, in closed form (EASE).
 *
 * s = x·B with B = argmin |X − X·B|² + λ·|B|² and a diagonal of 0, which is B = I − P · diag(1 / diag P) with
 * P = (XᵀX + λ·I)⁻¹. Nothing is random and nothing is iterated. Repeated interactions count once.
 *
 * Strong where the catalogue is small beside the number of users; an item that nobody took scores 0.
 * Time I³ floating-point operations; memory 4 · I² bytes, at training and at serving. Does not checkpoint.
 *
 * @see Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, eq. 8, arXiv:1905.03375.
 *
 * @example
 * const model = await new Ease({ regularization: 500 }).fit(interactions, { seed: 0, kernels });
 * model.scoreHistory({ items: Int32Array.of(3, 17), timestamps: new Float64Array(2) });
 */
export class Ease implements Learner<Interactions, ItemToItemModel> {
  readonly kind = KIND;
  readonly hyperparameters: EaseHyperparameters;

  /** @throws InvalidParameterError naming the parameter, its range and what was received. */
  constructor(hyperparameters?: unknown) {
    this.hyperparameters = readNamed(hyperparameters, EASE_DEFAULTS, READERS);
  }

  /**
   * Reports the loss an interaction after each block of items is solved for.
   *
   * @throws InvalidDataError when a row is bad or there are more than `maxItems` items.
   * @throws The signal's reason when aborted.
   */
  async fit(interactions: Interactions, context: FitContext): Promise<ItemToItemModel> {
    const { signal, kernels, onProgress, clock } = context;
    signal?.throwIfAborted();
    const { regularization, neighbors, maxItems, threads } = this.hyperparameters;
    const positives = await distinctInteractions(interactions, signal);
    if (positives.itemCount > maxItems) {
      throw new InvalidDataError(
        `EASE needs at most ${maxItems} items (\`maxItems\`), for it keeps a weight a pair, received ${positives.itemCount}.`,
      );
    }
    const rowCount = positives.users.length;
    let startedAt = clock?.() ?? 0;
    const dense = await EaseSolver.solve(kernels, {
      positives,
      regularization,
      threads: threads ?? context.threads ?? 1,
      ...(signal && { signal }),
      onStep: (step, steps, loss) => {
        const now = clock?.() ?? 0;
        const samplesPerSecond = now > startedAt ? (1000 * rowCount) / (steps * (now - startedAt)) : 0;
        startedAt = now;
        onProgress?.({ epoch: step, epochs: steps, loss: loss / rowCount, samplesPerSecond });
      },
    });
    const weights = neighbors === 0 ? dense : await sparsify(dense, neighbors, signal);
    return createModel(weights, await rememberHistories(positives, weights, signal));
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState, { kernels }: ModelContext): ItemToItemModel {
    expectKind(state, KIND);
    const itemCount = readCount(state, 'itemCount');
    const weights =
      readCount(state, 'isSparse') === 0
        ? DenseItemWeights.from(kernels, itemCount, readTensor(state, 'weights', itemCount ** 2))
        : SparseItemWeights.read(state, itemCount);
    return createModel(weights, readHistories(state));
  }
}

function createModel(
  weights: DenseItemWeights | SparseItemWeights,
  trained: TrainedHistories,
): ItemToItemModel {
  const save = (): SavedWeights => {
    const isSparse = weights instanceof SparseItemWeights;
    return {
      fitted: { isSparse: Number(isSparse) },
      tensors: isSparse ? weights.tensors() : { weights: weights.toArray() },
    };
  };
  return new ItemToItemModel(KIND, weights, trained, save);
}

/** Keeps the strongest weights towards each item. */
async function sparsify(
  dense: DenseItemWeights,
  count: number,
  signal: AbortSignal | undefined,
): Promise<SparseItemWeights> {
  const { itemCount } = dense;
  const rows = Array.from({ length: itemCount }, (_, item) => dense.row(item));
  const items = Int32Array.from({ length: itemCount }, (_, item) => item);
  const neighbors: Neighbors[] = [];
  for (let target = 0; target < itemCount; target += 1) {
    if (target % ITEMS_PER_SLICE === 0) {
      signal?.throwIfAborted();
      await yieldToEventLoop();
    }
    const others = items.filter((item) => item !== target);
    const weights = Float32Array.from(others, (item) => rows[item]![target]!);
    neighbors.push(strongest({ items: others, weights }, count));
  }
  return SparseItemWeights.from(neighbors);
}
