import { IncompatibleStateError } from '../core/errors.js';
import type { Checkpoint, ModelState } from '../core/learner.js';
import { expectKind, readCount, readTensor } from '../core/state.js';
import { denseParts, rowWidth, type NeuMFShape, type NeuMFWeights } from '../kernels/neumf-network.js';
import type { AdamState } from '../kernels/neumf-trainer.js';

/** Where a fit stands. */
export interface NeuMFFitState {
  /** Epochs finished. */
  readonly epoch: number;
  /** Best validation so far, when there is a validation part. */
  readonly best?: { readonly epoch: number; readonly ndcg10: number; readonly weights: NeuMFWeights };
}

/** All that a fit needs to go on. */
export interface NeuMFResumption extends NeuMFFitState {
  readonly weights: NeuMFWeights;
  readonly adam?: AdamState;
}

/** Learner and format version of NeuMF states. */
export const NEUMF_KIND = 'neural-collaborative-filtering/1';
const CHECKPOINT_KIND = 'neural-collaborative-filtering-checkpoint/1';

export function writeModel(shape: NeuMFShape, weights: NeuMFWeights): ModelState {
  return { kind: NEUMF_KIND, fitted: { ...shape }, tensors: { ...weights } };
}

/** @throws IncompatibleStateError when a size or tensor is missing or does not fit. */
export function readModel(state: ModelState): { shape: NeuMFShape; weights: NeuMFWeights } {
  const shape: NeuMFShape = {
    userCount: readCount(state, 'userCount'),
    itemCount: readCount(state, 'itemCount'),
    factors: readCount(state, 'factors'),
    layers: readWidths(state),
  };
  // the kernel reads whole vectors, and its blocks have room for no more
  if (shape.factors % 4 !== 0 || shape.factors > 256) throw incomplete(state, 'factors');
  return { shape, weights: readWeights(state, '', shape) };
}

export function writeCheckpoint(resumption: NeuMFResumption, shape: NeuMFShape): Checkpoint {
  const { epoch, best, weights, adam } = resumption;
  return {
    kind: CHECKPOINT_KIND,
    epoch,
    fitted: {
      ...shape,
      steps: adam?.steps ?? [],
      ...(best && { best: { epoch: best.epoch, ndcg10: best.ndcg10 } }),
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
  const { epoch, fitted } = checkpoint;
  for (const [name, expected] of Object.entries(shape)) {
    const received = JSON.stringify(fitted[name]);
    if (received !== JSON.stringify(expected)) {
      throw new IncompatibleStateError(
        `${CHECKPOINT_KIND} with ${name} = ${JSON.stringify(expected)}`,
        `${CHECKPOINT_KIND} with ${name} = ${received}`,
      );
    }
  }
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

function prefixed(prefix: string, weights: NeuMFWeights | undefined): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(weights ?? {}).map(([name, tensor]) => [prefix + name, tensor]));
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
  if (!isNumbers(layers) || layers.length < 2 || !layers.every(isWidth)) throw incomplete(state, 'layers');
  return layers;
}

function readSteps(checkpoint: Checkpoint): number[] {
  const { steps } = checkpoint.fitted;
  if (!isNumbers(steps)) throw incomplete(checkpoint, 'steps');
  return steps;
}

function readBest(checkpoint: Checkpoint): { epoch: number; ndcg10: number } | undefined {
  const { best } = checkpoint.fitted;
  if (best === undefined) return undefined;
  if (typeof best === 'object' && best !== null && 'epoch' in best && 'ndcg10' in best) {
    const { epoch, ndcg10 } = best;
    if (typeof epoch === 'number' && typeof ndcg10 === 'number') return { epoch, ndcg10 };
  }
  throw incomplete(checkpoint, 'best');
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'number');
}

function incomplete(state: ModelState, field: string): IncompatibleStateError {
  return new IncompatibleStateError(state.kind, `${state.kind} without valid ${field}`);
}
