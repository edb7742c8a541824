import { IncompatibleStateError } from '../core/errors.js';
import type { Checkpoint, ModelState } from '../core/learner.js';
import { expectKind, readCount, readTensor } from '../core/state.js';
import { denseParts, rowWidth, type NeuMFShape, type NeuMFWeights } from '../kernels/neumf-network.js';
import type { NeuMFFoldIn } from '../kernels/neumf-scorer.js';
import type { AdamState } from '../kernels/neumf-trainer.js';
import { expectShape, prefixed, readBest, writeBest, type FitState } from './epoch-fit.js';

/** All that a fit needs to go on. */
export interface NeuMFResumption extends FitState<NeuMFWeights> {
  readonly weights: NeuMFWeights;
  readonly adam?: AdamState;
}

/** Learner and format version of NeuMF states. */
export const NEUMF_KIND = 'neural-collaborative-filtering/1';
const CHECKPOINT_KIND = 'neural-collaborative-filtering-checkpoint/1';

/** Of states that were saved before histories were folded in. */
const EARLIER_FOLD_IN: NeuMFFoldIn = {
  negatives: 4,
  regularization: 0,
  rates: [0.02, 0.016, 0.012, 0.008, 0.004],
};

export function writeModel(shape: NeuMFShape, weights: NeuMFWeights, foldIn: NeuMFFoldIn): ModelState {
  return { kind: NEUMF_KIND, fitted: { ...shape, foldIn }, tensors: { ...weights } };
}

/** @throws IncompatibleStateError when a size or tensor is missing or does not fit. */
export function readModel(state: ModelState): {
  shape: NeuMFShape;
  weights: NeuMFWeights;
  foldIn: NeuMFFoldIn;
} {
  const shape: NeuMFShape = {
    userCount: readCount(state, 'userCount'),
    itemCount: readCount(state, 'itemCount'),
    factors: readCount(state, 'factors'),
    layers: readWidths(state),
  };
  // the kernel reads whole vectors, and its blocks have room for no more
  if (shape.factors % 4 !== 0 || shape.factors > 256) throw incomplete(state, 'factors');
  if (shape.factors === 0 && shape.layers.length === 0) throw incomplete(state, 'factors');
  return { shape, weights: readWeights(state, '', shape), foldIn: readFoldIn(state) };
}

export function writeCheckpoint(resumption: NeuMFResumption, shape: NeuMFShape): Checkpoint {
  const { epoch, best, weights, adam } = resumption;
  return {
    kind: CHECKPOINT_KIND,
    epoch,
    fitted: {
      ...shape,
      steps: adam?.steps ?? [],
      ...writeBest(best),
    },
    tensors: {
      ...weights,
      ...prefixed('first.', adam?.first),
      ...prefixed('second.', adam?.second),
      ...prefixed('best.', best?.weights),
    },
  };
}

/** @throws IncompatibleStateError when the checkpoint is of another learner, or of data or hyperparameters of another size. */
export function readCheckpoint(checkpoint: Checkpoint, shape: NeuMFShape): NeuMFResumption {
  expectKind(checkpoint, CHECKPOINT_KIND);
  const { epoch } = checkpoint;
  expectShape(checkpoint, shape);
  const adam = {
    first: readWeights(checkpoint, 'first.', shape),
    second: readWeights(checkpoint, 'second.', shape),
    steps: readSteps(checkpoint),
  };
  const resumption = { epoch, weights: readWeights(checkpoint, '', shape), adam };
  const best = readBest(checkpoint);
  return best
    ? { ...resumption, best: { ...best, weights: readWeights(checkpoint, 'best.', shape) } }
    : resumption;
}

function readWeights(state: ModelState, prefix: string, shape: NeuMFShape): NeuMFWeights {
  const width = rowWidth(shape);
  return {
    users: readTensor(state, `${prefix}users`, shape.userCount * width),
    items: readTensor(state, `${prefix}items`, shape.itemCount * width),
    dense: readTensor(state, `${prefix}dense`, denseParts(shape).length),
  };
}

function readWidths(state: ModelState): number[] {
  const { layers } = state.fitted;
  const isWidth = (width: number): boolean => width >= 8 && width <= 1024 && width % 8 === 0;
  if (!isNumbers(layers) || layers.length === 1 || !layers.every(isWidth)) throw incomplete(state, 'layers');
  return layers;
}

function readSteps(checkpoint: Checkpoint): number[] {
  const { steps } = checkpoint.fitted;
  if (!isNumbers(steps)) throw incomplete(checkpoint, 'steps');
  return steps;
}

function readFoldIn(state: ModelState): NeuMFFoldIn {
  const { foldIn } = state.fitted;
  if (foldIn === undefined) return EARLIER_FOLD_IN;
  if (typeof foldIn === 'object' && foldIn !== null) {
    const { negatives, regularization, rates } = foldIn as Readonly<Record<string, unknown>>;
    if (isNumbers(rates) && isNumbers([negatives, regularization])) {
      // both are numbers, as the line above found
      return { negatives: negatives as number, regularization: regularization as number, rates };
    }
  }
  throw incomplete(state, 'foldIn');
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'number');
}

function incomplete(state: ModelState, field: string): IncompatibleStateError {
  return new IncompatibleStateError(state.kind, `${state.kind} without valid ${field}`);
}
