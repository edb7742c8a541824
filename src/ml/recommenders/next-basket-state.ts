import { IncompatibleStateError, InvalidParameterError } from '../core/errors.js';
import type { ModelState } from '../core/learner.js';
import { readCount, readTensor } from '../core/state.js';
import {
  readNextBasketHyperparameters,
  type NextBasketHyperparameters,
} from './next-basket-hyperparameters.js';
import type { SparseRows } from './sparse-rows.js';

/** Learner and format version of next-basket states. */
export const NEXT_BASKET_KIND = 'next-basket/1';

/** Most items whose indices a float32 tensor holds exactly. */
export const MAX_ITEMS = 2 ** 24;

/** Lengths of rows and indices of items are written as float32: exact below 2²⁴. */
export function writeNextBasket(rows: SparseRows, hyperparameters: NextBasketHyperparameters): ModelState {
  const { columnCount, offsets, columns, weights } = rows;
  const userCount = offsets.length - 1;
  return {
    kind: NEXT_BASKET_KIND,
    fitted: { userCount, itemCount: columnCount, entries: columns.length, hyperparameters },
    tensors: {
      lengths: Float32Array.from({ length: userCount }, (_, user) => offsets[user + 1]! - offsets[user]!),
      items: Float32Array.from(columns),
      weights: weights.slice(),
    },
  };
}

/** @throws IncompatibleStateError when a number or tensor is missing, or they do not fit together. */
export function readNextBasket(state: ModelState): {
  readonly rows: SparseRows;
  readonly hyperparameters: NextBasketHyperparameters;
} {
  const userCount = readCount(state, 'userCount');
  const columnCount = readCount(state, 'itemCount');
  const entries = readCount(state, 'entries');
  const offsets = new Int32Array(userCount + 1);
  readTensor(state, 'lengths', userCount).forEach((length, user) => {
    offsets[user + 1] = offsets[user]! + length;
  });
  if (offsets[userCount] !== entries) throw incomplete(state, 'lengths');
  const columns = Int32Array.from(readTensor(state, 'items', entries));
  if (columns.some((item) => item < 0 || item >= columnCount)) throw incomplete(state, 'items');
  const weights = readTensor(state, 'weights', entries).slice();
  return { rows: { columnCount, offsets, columns, weights }, hyperparameters: hyperparametersOf(state) };
}

function hyperparametersOf(state: ModelState): NextBasketHyperparameters {
  const { hyperparameters } = state.fitted;
  if (hyperparameters === undefined) throw incomplete(state, 'hyperparameters');
  try {
    return readNextBasketHyperparameters(hyperparameters);
  } catch (error) {
    if (error instanceof InvalidParameterError) throw incomplete(state, error.parameter);
    throw error;
  }
}

function incomplete(state: ModelState, field: string): IncompatibleStateError {
  return new IncompatibleStateError(state.kind, `${state.kind} without valid ${field}`);
}
