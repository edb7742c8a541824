import { InvalidParameterError } from '../core/errors.js';
import type { SearchSpace } from '../core/search-space.js';

/** What a NeuMF fit can be told. `readNeuMFHyperparameters` fills in defaults and checks ranges. */
export interface NeuMFHyperparameters {
  /** Passes over the data, integer in 1 … 500. @default 10 */
  readonly epochs: number;
  /** Samples an optimizer step, integer in 16 … 65536. Large batches learn less an epoch. @default 256 */
  readonly batchSize: number;
  /** Width of the GMF embeddings f, multiple of 4 in 4 … 256. More fit finer tastes, and overfit sooner. @default 32 */
  readonly factors: number;
  /**
   * Widths of the MLP, input first: 2 … 8 multiples of 8 in 8 … 1024. The first joins a user's and an
   * item's embedding of half its width. @default [64, 32, 16, 8]
   */
  readonly layers: readonly number[];
  /** Adam's step size, in (0, 1]. @default 0.001 */
  readonly learningRate: number;
  /** Negatives sampled for each positive and epoch, integer in 1 … 50. @default 4 */
  readonly negatives: number;
  /** L2 penalty λ on the embeddings of each sample, in [0, 1]. 0 turns it off. @default 0 */
  readonly regularization: number;
  /**
   * Epochs without a better validation NDCG@10 after which the fit stops and keeps its best epoch,
   * integer in 0 … 100. 0 trains on all data for all epochs. @default 0
   */
  readonly patience: number;
  /** Overrides the context's seed, uint32. @default the context's */
  readonly seed?: number;
  /** Overrides the context's threads, integer in 1 … 64. 1 is deterministic. @default the context's */
  readonly threads?: number;
}

/** What a search tries unless it is told otherwise; `epochs` is the most a trial may take, early stopping ends it. */
export const NEUMF_SEARCH_SPACE: SearchSpace = {
  factors: [8, 16, 32, 64],
  learningRate: { min: 0.0003, max: 0.01, scale: 'log' },
  negatives: { min: 2, max: 8, step: 1 },
  regularization: [0, 1e-6, 1e-5, 1e-4, 1e-3],
  batchSize: [128, 256, 512, 1024],
  epochs: [20],
};

type Reader = (name: string, received: unknown) => number;

/**
 * Defaults of He et al. 2017 without pre-training, except for `factors` and `epochs`: on a validation part of
 * MovieLens-1M's training rows 32 reached an NDCG@10 of .558 after 9 epochs, 16 of .551 after 12.
 */
export const NEUMF_DEFAULTS: NeuMFHyperparameters = {
  epochs: 10,
  batchSize: 256,
  factors: 32,
  layers: [64, 32, 16, 8],
  learningRate: 0.001,
  negatives: 4,
  regularization: 0,
  patience: 0,
};

const NUMBERS: Readonly<Record<Exclude<keyof NeuMFHyperparameters, 'layers'>, Reader>> = {
  epochs: integer(1, 500),
  batchSize: integer(16, 65_536),
  factors: integer(4, 256, 4),
  learningRate: number('in (0, 1]', (value) => value > 0 && value <= 1),
  negatives: integer(1, 50),
  regularization: number('in [0, 1]', (value) => value >= 0 && value <= 1),
  patience: integer(0, 100),
  seed: integer(0, 2 ** 32 - 1),
  threads: integer(1, 64),
};
const NAMES = [...Object.keys(NUMBERS), 'layers'].sort();
const readWidth = integer(8, 1024, 8);

/**
 * Checks hyperparameters that come from outside and fills in the defaults.
 *
 * @param received An object with any of the names of `NeuMFHyperparameters`, or `undefined`.
 * @throws InvalidParameterError naming the parameter, its range and what was received; unknown names too.
 */
export function readNeuMFHyperparameters(received: unknown = {}): NeuMFHyperparameters {
  if (typeof received !== 'object' || received === null || Array.isArray(received)) {
    throw new InvalidParameterError('hyperparameters', 'an object', received);
  }
  const read: Partial<Record<keyof NeuMFHyperparameters, unknown>> = {};
  for (const [name, value] of Object.entries(received)) {
    if (value === undefined) continue;
    if (name === 'layers') read.layers = readLayers(value);
    else if (isNumberName(name)) read[name] = NUMBERS[name](name, value);
    else throw new InvalidParameterError(name, `absent: known are ${NAMES.join(', ')}`, value);
  }
  // every value was read by the reader of its name
  return { ...NEUMF_DEFAULTS, ...(read as Partial<NeuMFHyperparameters>) };
}

function isNumberName(name: string): name is keyof typeof NUMBERS {
  return Object.hasOwn(NUMBERS, name);
}

function readLayers(received: unknown): readonly number[] {
  if (!Array.isArray(received) || received.length < 2 || received.length > 8) {
    throw new InvalidParameterError('layers', 'an array of 2 to 8 widths', received);
  }
  return received.map((width: unknown, index) => readWidth(`layers[${index}]`, width));
}

function integer(min: number, max: number, step = 1): Reader {
  const expected = `${step === 1 ? 'an integer' : `a multiple of ${step}`} from ${min} to ${max}`;
  const isValid = (value: number): boolean => value >= min && value <= max && value % step === 0;
  return number(expected, isValid);
}

function number(expected: string, isValid: (value: number) => boolean): Reader {
  return (name, received) => {
    if (typeof received !== 'number' || !isValid(received)) {
      throw new InvalidParameterError(name, expected, received);
    }
    return received;
  };
}
