import { oneOf } from '../core/choice-reader.js';
import { integer, number, readNamed } from '../core/hyperparameter-readers.js';
import { LEARNING_RATE_SCHEDULES, type LearningRateSchedule } from '../core/learning-rate.js';
import { MATRIX_LOSSES, type MatrixLoss } from '../kernels/mf-trainer.js';

/** What a matrix factorization can be told. `readMatrixFactorizationHyperparameters` fills in defaults and checks ranges. */
export interface MatrixFactorizationHyperparameters {
  /** Passes over the data, integer in 1 … 500. @default 20 */
  readonly epochs: number;
  /** Width of the vectors, multiple of 4 in 4 … 256. @default 64 */
  readonly factors: number;
  /** Step size of the first epoch, in (0, 1]. @default 0.06 */
  readonly learningRate: number;
  /** How the step size falls until the last epoch: `constant`, `linear` or `cosine`. @default 'linear' */
  readonly schedule: LearningRateSchedule;
  /** Negatives sampled for each positive and epoch, integer in 1 … 50. @default 8 */
  readonly negatives: number;
  /** L2 penalty λ on both rows of each sample, in [0, 1]. What keeps many factors from overfitting. @default 0.007 */
  readonly regularization: number;
  /** Standard deviation of initial vectors, in (0, 1]. @default 0.1 */
  readonly initialDeviation: number;
  /**
   * How a positive is told from its negatives: `logistic` each by itself, `softmax` the positive among its negatives,
   * `bpr` in pairs. Only `logistic` scores are log-odds. @default 'logistic'
   */
  readonly loss: MatrixLoss;
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

/**
 * Chosen on a validation part of MovieLens-1M's training rows, see docs/neural-recommenders.md: NDCG@10 .595, with λ =
 * .003 .582, .005 .592, .009 (30 epochs) .593; 192 factors and 30 epochs add .002.
 */
export const MATRIX_FACTORIZATION_DEFAULTS: MatrixFactorizationHyperparameters = {
  epochs: 20,
  factors: 64,
  learningRate: 0.06,
  schedule: 'linear',
  negatives: 8,
  regularization: 0.007,
  initialDeviation: 0.1,
  loss: 'logistic',
  patience: 0,
};

/**
 * Checks hyperparameters that come from outside and fills in the defaults.
 *
 * @param received An object with any of the names of `MatrixFactorizationHyperparameters`, or `undefined`.
 * @throws InvalidParameterError naming the parameter, its range and what was received; unknown names too.
 */
export function readMatrixFactorizationHyperparameters(
  received?: unknown,
): MatrixFactorizationHyperparameters {
  return readNamed<MatrixFactorizationHyperparameters>(received, MATRIX_FACTORIZATION_DEFAULTS, {
    epochs: integer(1, 500),
    factors: integer(4, 256, 4),
    learningRate: number('in (0, 1]', (value) => value > 0 && value <= 1),
    schedule: oneOf(LEARNING_RATE_SCHEDULES),
    negatives: integer(1, 50),
    regularization: number('in [0, 1]', (value) => value >= 0 && value <= 1),
    initialDeviation: number('in (0, 1]', (value) => value > 0 && value <= 1),
    loss: oneOf(Object.keys(MATRIX_LOSSES)),
    patience: integer(0, 100),
    seed: integer(0, 2 ** 32 - 1),
    threads: integer(1, 64),
  });
}
