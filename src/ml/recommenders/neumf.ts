import type { Interactions } from '../core/interactions.js';
import type { FitContext, Learner, ModelContext, ModelState } from '../core/learner.js';
import { learningRateAt } from '../core/learning-rate.js';
import { createRandom, deriveSeed, drawNormal, type Random } from '../core/random.js';
import { expectKind } from '../core/state.js';
import { joinParts } from '../kernels/neumf-join.js';
import { NeuMFScorer, type NeuMFFoldIn } from '../kernels/neumf-scorer.js';
import { NeuMFTrainer, type NeuMFTraining, type StartNeuMFTraining } from '../kernels/neumf-trainer.js';
import { denseParts, rowWidth, type NeuMFShape, type NeuMFWeights } from '../kernels/neumf-network.js';
import { prepareFit, runEpochs, type FitState } from './epoch-fit.js';
import {
  NEUMF_SEARCH_SPACE,
  readNeuMFHyperparameters,
  type NeuMFHyperparameters,
} from './neumf-hyperparameters.js';
import { NeuMFModel } from './neumf-model.js';
import { NEUMF_KIND, readCheckpoint, readModel, writeCheckpoint } from './neumf-state.js';

// purposes of the seed
const SPLIT = 1;
const WEIGHTS = 2;
const EPOCHS = 3;

/** Passes over a history that is folded in. */
const FOLD_IN_PASSES = 10;
/** Step size there of models whose embeddings followed Adam; .05 ranked worse for strangers of MovieLens-1M, .01 alike. */
const FOLD_IN_RATE = 0.02;

/**
 * Recommends items from who took what, by a factor model and a perceptron over shared output (NeuMF).
 *
 * p(u, i) = σ(hᵀ[p_u ⊙ q_i ; φ_L(… φ_1([p′_u ; q′_i]))]) with ReLU layers φ, fitted by binary
 * cross-entropy on the positives and sampled negatives; GMF or the MLP alone by `architecture`. With `pretraining`
 * both parts are first trained apart, on the same samples, and joined, α of the log-odds from GMF. Embeddings start at
 * N(0, `initialDeviation`²), kernels at Glorot's uniform range, h of GMF at 1, the output bias at −ln(negatives).
 * Deviates from the paper in Adam's lazy form, a batch updates only the embedding rows it holds; in plain gradient
 * descent for embeddings where `embeddingLearningRate` asks for it; in fine-tuning with the optimizer of before.
 * Repeated interactions count once.
 *
 * Assumes that what a user has not taken is mostly not wanted. For users and items without
 * interactions it knows nothing but its initial noise: take `Popularity` there.
 * Time O(epochs · rows · (1 + negatives) · Σ layers[l] · layers[l + 1]).
 *
 * @see He, Liao, Zhang, Nie, Hu & Chua, "Neural Collaborative Filtering", WWW 2017, §3.4, doi:10.1145/3038912.3052569.
 *
 * @example
 * const model = await new NeuMF({ epochs: 10, factors: 16 }).fit(interactions, { seed: 7, kernels });
 * model.predict({ user: 3, count: 10 }).items;
 */
export class NeuMF implements Learner<Interactions, NeuMFModel> {
  readonly kind = NEUMF_KIND;
  readonly hyperparameters: NeuMFHyperparameters;
  readonly searchSpace = NEUMF_SEARCH_SPACE;

  /**
   * @param hyperparameters Any of `NeuMFHyperparameters`; the rest take their defaults.
   * @throws InvalidParameterError naming the parameter, its range and what was received.
   */
  constructor(hyperparameters?: unknown) {
    this.hyperparameters = readNeuMFHyperparameters(hyperparameters);
  }

  /**
   * @throws InvalidDataError when a row is bad, or nothing can be held out though `patience` asks for it.
   * @throws IncompatibleStateError when `resumeFrom` belongs to another fit.
   * @throws The signal's reason when aborted.
   */
  async fit(interactions: Interactions, context: FitContext): Promise<NeuMFModel> {
    context.signal?.throwIfAborted();
    const { epochs, patience, initialDeviation, negatives } = this.hyperparameters;
    const { kernels, signal } = context;
    const seed = this.hyperparameters.seed ?? context.seed;
    const { positives, validation } = await prepareFit(
      interactions,
      { patience, seed: deriveSeed(seed, SPLIT) },
      context,
    );
    const shape = this.shapeOf(positives);
    const start = context.resumeFrom
      ? readCheckpoint(context.resumeFrom, shape)
      : {
          epoch: 0,
          weights: initialWeights(
            shape,
            { initialDeviation, negatives },
            createRandom(deriveSeed(seed, WEIGHTS)),
          ),
        };
    const startTraining = context.startNeuMFTraining ?? startOnKernels;
    const trainer = await startTraining(kernels, {
      ...this.hyperparameters,
      shape,
      positives,
      weights: start.weights,
      ...('adam' in start && start.adam && { adam: start.adam }),
      seed: deriveSeed(seed, EPOCHS),
      threads: this.hyperparameters.threads ?? context.threads ?? 1,
    });
    try {
      const fit = {
        epochs,
        patience,
        validation,
        train: async (epoch: number) => this.trainEpoch(trainer, shape, epoch, signal),
        weights: (epoch: number) => this.weightsAfter(epoch, shape, trainer.weights()),
        scorer: (weights: NeuMFWeights) => new NeuMFScorer(kernels, shape, weights),
        checkpoint: (state: FitState<NeuMFWeights>) =>
          writeCheckpoint({ ...state, weights: trainer.weights(), adam: trainer.adam() }, shape),
      };
      return new NeuMFModel(kernels, shape, await runEpochs(fit, start, context), this.foldIn());
    } finally {
      await trainer.close();
    }
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState, { kernels }: ModelContext): NeuMFModel {
    expectKind(state, NEUMF_KIND);
    const { shape, weights, foldIn } = readModel(state);
    return new NeuMFModel(kernels, shape, weights, foldIn);
  }

  private shapeOf({ userCount, itemCount }: Interactions): NeuMFShape {
    const { architecture, factors, layers } = this.hyperparameters;
    return {
      userCount,
      itemCount,
      factors: architecture === 'mlp' ? 0 : factors,
      layers: architecture === 'gmf' ? [] : layers,
    };
  }

  private async trainEpoch(
    trainer: NeuMFTraining,
    shape: NeuMFShape,
    epoch: number,
    signal: AbortSignal | undefined,
  ): Promise<{ loss: number; samples: number }> {
    const { epochs, pretraining, gmfShare, schedule, learningRate, embeddingLearningRate } =
      this.hyperparameters;
    // a checkpoint of the last epoch apart has not been joined either
    if (pretraining > 0 && epoch === pretraining + 1) {
      trainer.setDense(joinParts(shape, trainer.weights(), gmfShare));
    }
    trainer.setPace({
      learningRate: learningRateAt(schedule, learningRate, epoch, epochs),
      embeddingLearningRate: learningRateAt(schedule, embeddingLearningRate, epoch, epochs),
      isApart: epoch <= pretraining,
    });
    return trainer.trainEpoch(epoch, signal);
  }

  /** Of the model that a fit would give if it ended here. */
  private weightsAfter(epoch: number, shape: NeuMFShape, weights: NeuMFWeights): NeuMFWeights {
    const { pretraining, gmfShare } = this.hyperparameters;
    return epoch > 0 && epoch <= pretraining
      ? { ...weights, dense: joinParts(shape, weights, gmfShare) }
      : weights;
  }

  private foldIn(): NeuMFFoldIn {
    const { negatives, regularization, embeddingLearningRate } = this.hyperparameters;
    const rate = embeddingLearningRate > 0 ? embeddingLearningRate : FOLD_IN_RATE;
    const rates = Array.from({ length: FOLD_IN_PASSES }, (_, pass) =>
      learningRateAt('linear', rate, pass + 1, FOLD_IN_PASSES),
    );
    return { negatives, regularization, rates };
  }
}

const startOnKernels: StartNeuMFTraining = async (kernels, options) => NeuMFTrainer.create(kernels, options);

/**
 * Draws embeddings from N(0, initialDeviation²) and kernels uniformly from ±√(6 / (inputs + outputs)). GMF begins as
 * a plain product, h = 1, and the output bias at the log-odds of a positive among the samples.
 */
function initialWeights(
  shape: NeuMFShape,
  { initialDeviation, negatives }: Pick<NeuMFHyperparameters, 'initialDeviation' | 'negatives'>,
  random: Random,
): NeuMFWeights {
  const embedding = (): number => initialDeviation * drawNormal(random);
  const users = new Float32Array(shape.userCount * rowWidth(shape)).map(embedding);
  const items = new Float32Array(shape.itemCount * rowWidth(shape)).map(embedding);
  const { layers, output, gmfBias, length } = denseParts(shape);
  const dense = new Float32Array(length);
  for (const { start, inputs, outputs } of [...layers.map(({ kernel }) => kernel), output.kernel]) {
    const limit = Math.sqrt(6 / (inputs + outputs));
    for (let i = 0; i < inputs * outputs; i += 1) dense[start + i] = limit * (2 * random() - 1);
  }
  dense.fill(1, output.kernel.start, output.kernel.start + shape.factors);
  for (const { start } of [output.bias, gmfBias]) dense[start] = -Math.log(negatives);
  return { users, items, dense };
}
