import { IncompatibleStateError } from '../core/errors.js';
import type { Checkpoint, ModelState } from '../core/learner.js';
import { expectKind, readCount, readTensor } from '../core/state.js';
import { matrixRowWidth, type MatrixShape, type MatrixWeights } from '../kernels/mf-matrix.js';
import type { MatrixFoldIn } from '../kernels/mf-scorer.js';
import { MATRIX_LOSSES, type MatrixLoss } from '../kernels/mf-trainer.js';
import { expectShape, prefixed, readBest, writeBest, type FitState } from './epoch-fit.js';

/** All that a fit needs to go on. */
export interface MatrixResumption extends FitState<MatrixWeights> {
  readonly weights: MatrixWeights;
}

/** Learner and format version of the states of matrix factorizations. */
export const MATRIX_KIND = 'matrix-factorization/1';
const CHECKPOINT_KIND = 'matrix-factorization-checkpoint/1';

export function writeModel(shape: MatrixShape, weights: MatrixWeights, foldIn: MatrixFoldIn): ModelState {
  return { kind: MATRIX_KIND, fitted: { ...shape, ...foldIn }, tensors: { ...weights } };
}

/** @throws IncompatibleStateError when a size, setting or tensor is missing or does not fit. */
export function readModel(state: ModelState): {
  shape: MatrixShape;
  weights: MatrixWeights;
  foldIn: MatrixFoldIn;
} {
  const shape: MatrixShape = {
    userCount: readCount(state, 'userCount'),
    itemCount: readCount(state, 'itemCount'),
    factors: readCount(state, 'factors'),
  };
  // the kernel reads whole vectors
  if (shape.factors % 4 !== 0) throw incomplete(state, 'factors');
  const foldIn: MatrixFoldIn = {
    loss: readLoss(state),
    negatives: readCount(state, 'negatives'),
    regularization: readNumber(state, 'regularization'),
    bias: readNumber(state, 'bias'),
    rates: readRates(state),
  };
  return { shape, weights: readWeights(state, '', shape), foldIn };
}

export function writeCheckpoint({ epoch, best, weights }: MatrixResumption, shape: MatrixShape): Checkpoint {
  return {
    kind: CHECKPOINT_KIND,
    epoch,
    fitted: { ...shape, ...writeBest(best) },
    tensors: { ...weights, ...prefixed('best.', best?.weights) },
  };
}

/** @throws IncompatibleStateError when the checkpoint is of another learner, or of data or hyperparameters of another size. */
export function readCheckpoint(checkpoint: Checkpoint, shape: MatrixShape): MatrixResumption {
  expectKind(checkpoint, CHECKPOINT_KIND);
  expectShape(checkpoint, shape);
  const best = readBest(checkpoint);
  return {
    epoch: checkpoint.epoch,
    weights: readWeights(checkpoint, '', shape),
    ...(best && { best: { ...best, weights: readWeights(checkpoint, 'best.', shape) } }),
  };
}

function readWeights(state: ModelState, prefix: string, shape: MatrixShape): MatrixWeights {
  const width = matrixRowWidth(shape);
  return {
    users: readTensor(state, `${prefix}users`, shape.userCount * width),
    items: readTensor(state, `${prefix}items`, shape.itemCount * width),
  };
}

function readLoss(state: ModelState): MatrixLoss {
  const { loss } = state.fitted;
  if (typeof loss !== 'string' || !Object.hasOwn(MATRIX_LOSSES, loss)) throw incomplete(state, 'loss');
  // it is one of the names
  return loss as MatrixLoss;
}

function readNumber(state: ModelState, name: string): number {
  const value = state.fitted[name];
  if (typeof value !== 'number') throw incomplete(state, name);
  return value;
}

function readRates(state: ModelState): readonly number[] {
  const { rates } = state.fitted;
  if (!Array.isArray(rates) || !rates.every((rate): rate is number => typeof rate === 'number')) {
    throw incomplete(state, 'rates');
  }
  return rates;
}

function incomplete(state: ModelState, field: string): IncompatibleStateError {
  return new IncompatibleStateError(state.kind, `${state.kind} without valid ${field}`);
}
