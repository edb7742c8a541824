import { oneOf } from '../core/choice-reader.js';
import { InvalidParameterError } from '../core/errors.js';
import { integer, number, readNamed } from '../core/hyperparameter-readers.js';
import { LEARNING_RATE_SCHEDULES, type LearningRateSchedule } from '../core/learning-rate.js';
import type { SearchSpace } from '../core/search-space.js';

/** Which parts the network has: both, GMF alone, the MLP alone. */
export const NEUMF_ARCHITECTURES = ['neumf', 'gmf', 'mlp'] as const;

/** Name of an architecture. */
export type NeuMFArchitecture = (typeof NEUMF_ARCHITECTURES)[number];

/** What a NeuMF fit can be told. `readNeuMFHyperparameters` fills in defaults and checks ranges. */
export interface NeuMFHyperparameters {
  /** `neumf` joins GMF and MLP; `gmf` and `mlp` are either alone. @default 'neumf' */
  readonly architecture: NeuMFArchitecture;
  /** Passes over the data, integer in 1 … 500. @default 10 */
  readonly epochs: number;
  /**
   * First epochs in which GMF and MLP are trained apart, with a loss each, before they are joined: the paper's
   * pre-training. Integer in 0 … `epochs`, 0 unless the architecture is `neumf`. As many as `epochs` leave out the
   * fine-tuning. @default 0
   */
  readonly pretraining: number;
  /**
   * α of the pre-training: the share of the log-odds that GMF has where the parts are joined, in [0, 1]; the rest is
   * the MLP's. @default 0.5
   */
  readonly gmfShare: number;
  /** Samples an optimizer step, integer in 16 … 65536. Large batches learn less an epoch. @default 256 */
  readonly batchSize: number;
  /** Width of the GMF embeddings f, multiple of 4 in 4 … 256; `mlp` has none. More fit finer tastes, and overfit sooner. @default 32 */
  readonly factors: number;
  /**
   * Widths of the MLP, input first: 2 … 8 multiples of 8 in 8 … 1024. The first joins a user's and an
   * item's embedding of half its width; `gmf` has none. @default [64, 32, 16, 8]
   */
  readonly layers: readonly number[];
  /** Adam's step size of the first epoch, in (0, 1]. @default 0.001 */
  readonly learningRate: number;
  /**
   * Step size of embeddings in the first epoch by plain gradient descent, each sample counting whole, in [0, 1]. With
   * it `regularization` acts as in matrix factorization (Adam divides penalty and slope alike), and h of GMF stays as
   * it began, for it would grow where the penalty makes embeddings small. 0 lets embeddings follow Adam. @default 0
   */
  readonly embeddingLearningRate: number;
  /** How both step sizes fall until the last epoch: `constant`, `linear` or `cosine`. @default 'constant' */
  readonly schedule: LearningRateSchedule;
  /** Standard deviation of initial embeddings, in (0, 1]. @default 0.01 */
  readonly initialDeviation: number;
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

/**
 * Defaults of He et al. 2017 without pre-training, except for `factors` and `epochs`: on a validation part of
 * MovieLens-1M's training rows 32 reached an NDCG@10 of .558 after 9 epochs, 16 of .551 after 12.
 */
export const NEUMF_DEFAULTS: NeuMFHyperparameters = {
  architecture: 'neumf',
  epochs: 10,
  pretraining: 0,
  gmfShare: 0.5,
  batchSize: 256,
  factors: 32,
  layers: [64, 32, 16, 8],
  learningRate: 0.001,
  embeddingLearningRate: 0,
  schedule: 'constant',
  initialDeviation: 0.01,
  negatives: 4,
  regularization: 0,
  patience: 0,
};

const readWidth = integer(8, 1024, 8);

/**
 * Checks hyperparameters that come from outside and fills in the defaults.
 *
 * @param received An object with any of the names of `NeuMFHyperparameters`, or `undefined`.
 * @throws InvalidParameterError naming the parameter, its range and what was received; unknown names too.
 */
export function readNeuMFHyperparameters(received?: unknown): NeuMFHyperparameters {
  const read = readNamed<NeuMFHyperparameters>(received, NEUMF_DEFAULTS, {
    architecture: oneOf(NEUMF_ARCHITECTURES),
    epochs: integer(1, 500),
    pretraining: integer(0, 500),
    gmfShare: number('in [0, 1]', (value) => value >= 0 && value <= 1),
    batchSize: integer(16, 65_536),
    factors: integer(4, 256, 4),
    layers: readLayers,
    learningRate: number('in (0, 1]', (value) => value > 0 && value <= 1),
    embeddingLearningRate: number('in [0, 1]', (value) => value >= 0 && value <= 1),
    schedule: oneOf(LEARNING_RATE_SCHEDULES),
    initialDeviation: number('in (0, 1]', (value) => value > 0 && value <= 1),
    negatives: integer(1, 50),
    regularization: number('in [0, 1]', (value) => value >= 0 && value <= 1),
    patience: integer(0, 100),
    seed: integer(0, 2 ** 32 - 1),
    threads: integer(1, 64),
  });
  const { architecture, pretraining, epochs } = read;
  if (pretraining > epochs) {
    throw new InvalidParameterError('pretraining', `at most the ${epochs} epochs`, pretraining);
  }
  if (pretraining > 0 && architecture !== 'neumf') {
    throw new InvalidParameterError(
      'pretraining',
      `0 where the architecture is ${architecture}`,
      pretraining,
    );
  }
  return read;
}

function readLayers(name: string, received: unknown): readonly number[] {
  if (!Array.isArray(received) || received.length < 2 || received.length > 8) {
    throw new InvalidParameterError(name, 'an array of 2 to 8 widths', received);
  }
  return received.map((width: unknown, index) => readWidth(`${name}[${index}]`, width));
}
