import type { Interactions } from '../core/interactions.js';
import type { FitContext, Learner, ModelContext, ModelState } from '../core/learner.js';
import { learningRateAt } from '../core/learning-rate.js';
import { createRandom, deriveSeed, drawNormal, type Random } from '../core/random.js';
import { expectKind } from '../core/state.js';
import { biasColumns, matrixRowWidth, type MatrixShape, type MatrixWeights } from '../kernels/mf-matrix.js';
import { MatrixScorer, type MatrixFoldIn } from '../kernels/mf-scorer.js';
import { MatrixTrainer } from '../kernels/mf-trainer.js';
import { prepareFit, runEpochs, type FitState } from './epoch-fit.js';
import {
  readMatrixFactorizationHyperparameters,
  type MatrixFactorizationHyperparameters,
} from './matrix-factorization-hyperparameters.js';
import { MatrixFactorizationModel } from './matrix-factorization-model.js';
import { MATRIX_KIND, readCheckpoint, readModel, writeCheckpoint } from './matrix-factorization-state.js';

// purposes of the seed
const SPLIT = 1;
const WEIGHTS = 2;
const EPOCHS = 3;

/** Passes over a history: as many steps as it takes to come near the end, measured on MovieLens-1M. */
const FOLD_IN_PASSES = 20;

/**
 * Recommends items from who took what, by the product of a user's and an item's vector (matrix factorization).
 *
 * s(u, i) = b + b_u + b_i + ⟨p_u, q_i⟩, fitted by stochastic gradient descent on the logistic loss of positives and
 * sampled negatives with an L2 penalty a sample: the tuned dot product of the paper. Deviates in that b is fixed at the
 * log-odds of a positive among the samples, −ln(negatives), that a positive and its negatives make one step, and in a
 * step size that is larger and falls: 20 epochs instead of 256. Repeated interactions count once.
 *
 * Assumes that what a user has not taken is mostly not wanted. For users and items without interactions it knows
 * nothing but its initial noise. Time O(epochs · rows · (1 + negatives) · factors).
 *
 * @see Rendle, Krichene, Zhang & Anderson, "Neural Collaborative Filtering vs. Matrix Factorization Revisited",
 * RecSys 2020, §3–4, doi:10.1145/3383313.3412488.
 *
 * @example
 * const model = await new MatrixFactorization({ factors: 64 }).fit(interactions, { seed: 7, kernels });
 * model.predict({ user: 3, count: 10 }).items;
 */
export class MatrixFactorization implements Learner<Interactions, MatrixFactorizationModel> {
  readonly kind = MATRIX_KIND;
  readonly hyperparameters: MatrixFactorizationHyperparameters;

  /**
   * @param hyperparameters Any of `MatrixFactorizationHyperparameters`; the rest take their defaults.
   * @throws InvalidParameterError naming the parameter, its range and what was received.
   */
  constructor(hyperparameters?: unknown) {
    this.hyperparameters = readMatrixFactorizationHyperparameters(hyperparameters);
  }

  /**
   * @throws InvalidDataError when a row is bad, or nothing can be held out though `patience` asks for it.
   * @throws IncompatibleStateError when `resumeFrom` belongs to another fit.
   * @throws The signal's reason when aborted.
   */
  async fit(interactions: Interactions, context: FitContext): Promise<MatrixFactorizationModel> {
    const { kernels, signal } = context;
    signal?.throwIfAborted();
    const { epochs, factors, learningRate, schedule, patience, initialDeviation } = this.hyperparameters;
    const seed = this.hyperparameters.seed ?? context.seed;
    const foldIn = this.foldIn();
    const { positives, validation } = await prepareFit(
      interactions,
      { patience, seed: deriveSeed(seed, SPLIT) },
      context,
    );
    const shape = { userCount: positives.userCount, itemCount: positives.itemCount, factors };
    const start = context.resumeFrom
      ? readCheckpoint(context.resumeFrom, shape)
      : {
          epoch: 0,
          weights: initialWeights(shape, initialDeviation, createRandom(deriveSeed(seed, WEIGHTS))),
        };
    const trainer = await MatrixTrainer.create(kernels, {
      ...this.hyperparameters,
      shape,
      positives,
      weights: start.weights,
      bias: foldIn.bias,
      seed: deriveSeed(seed, EPOCHS),
      threads: this.hyperparameters.threads ?? context.threads ?? 1,
    });
    try {
      const fit = {
        epochs,
        patience,
        validation,
        train: async (epoch: number) =>
          trainer.trainEpoch(epoch, learningRateAt(schedule, learningRate, epoch, epochs), signal),
        weights: () => trainer.weights(),
        scorer: (weights: MatrixWeights) => new MatrixScorer(kernels, shape, weights, foldIn),
        checkpoint: (state: FitState<MatrixWeights>) =>
          writeCheckpoint({ ...state, weights: trainer.weights() }, shape),
      };
      const weights = await runEpochs(fit, start, context);
      return new MatrixFactorizationModel(kernels, shape, withBias(weights, shape, foldIn.bias), foldIn);
    } finally {
      await trainer.close();
    }
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState, { kernels }: ModelContext): MatrixFactorizationModel {
    expectKind(state, MATRIX_KIND);
    const { shape, weights, foldIn } = readModel(state);
    return new MatrixFactorizationModel(kernels, shape, weights, foldIn);
  }

  private foldIn(): MatrixFoldIn {
    const { loss, negatives, regularization, learningRate } = this.hyperparameters;
    const passes = Array.from({ length: FOLD_IN_PASSES }, (_, i) => i + 1);
    return {
      loss,
      negatives,
      regularization,
      bias: loss === 'logistic' ? -Math.log(negatives) : 0,
      rates: passes.map((pass) => learningRateAt('linear', learningRate, pass, FOLD_IN_PASSES)),
    };
  }
}

/** Draws vectors from N(0, deviation²); biases start at 0. */
function initialWeights(shape: MatrixShape, deviation: number, random: Random): MatrixWeights {
  const width = matrixRowWidth(shape);
  const { user, item } = biasColumns(shape);
  const rows = (count: number, one: number): Float32Array =>
    new Float32Array(count * width).map((_, i) => {
      const column = i % width;
      if (column < shape.factors) return deviation * drawNormal(random);
      return column === one ? 1 : 0;
    });
  // the bias of an item is multiplied by a user's one, and the other way round
  return { users: rows(shape.userCount, item), items: rows(shape.itemCount, user) };
}

/** Users whose bias has the constant in it, so that a score is the product of two rows. */
function withBias({ users, items }: MatrixWeights, shape: MatrixShape, bias: number): MatrixWeights {
  const width = matrixRowWidth(shape);
  const { user } = biasColumns(shape);
  return { users: users.map((value, i) => (i % width === user ? value + bias : value)), items };
}
