import { distinctInteractions, type DistinctInteractions, type Interactions } from '../core/interactions.js';
import type { FitContext, Learner, ModelContext, ModelState } from '../core/learner.js';
import { createRandom, deriveSeed, drawNormal, type Random } from '../core/random.js';
import { expectKind } from '../core/state.js';
import { NeuMFScorer } from '../kernels/neumf-scorer.js';
import { NeuMFTrainer, type NeuMFTraining, type StartNeuMFTraining } from '../kernels/neumf-trainer.js';
import { denseParts, rowWidth, type NeuMFShape, type NeuMFWeights } from '../kernels/neumf-network.js';
import { evaluateRanking, type RankingReport } from '../metrics/ranking.js';
import { leaveLatestOut, type HeldOut } from '../splits/leave-latest-out.js';
import {
  NEUMF_SEARCH_SPACE,
  readNeuMFHyperparameters,
  type NeuMFHyperparameters,
} from './neumf-hyperparameters.js';
import { NeuMFModel } from './neumf-model.js';
import { NEUMF_KIND, readCheckpoint, readModel, writeCheckpoint, type NeuMFFitState } from './neumf-state.js';

interface TrainingData {
  readonly positives: DistinctInteractions;
  readonly validation: HeldOut | undefined;
}

// purposes of the seed
const SPLIT = 1;
const WEIGHTS = 2;
const EPOCHS = 3;

/** Deviation of initial embeddings, as in the authors' code. */
const EMBEDDING_DEVIATION = 0.01;

/**
 * Recommends items from who took what, by a factor model and a perceptron over shared output (NeuMF).
 *
 * p(u, i) = σ(hᵀ[p_u ⊙ q_i ; φ_L(… φ_1([p′_u ; q′_i]))]) with ReLU layers φ, fitted by binary
 * cross-entropy on the positives and sampled negatives, without pre-training. Embeddings start at
 * N(0, 0.01²), kernels at Glorot's uniform range, biases at 0. Deviates from the paper in Adam's
 * lazy form: a batch updates only the embedding rows it holds. Repeated interactions count once.
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
    const { epochs, factors, layers } = this.hyperparameters;
    const seed = this.hyperparameters.seed ?? context.seed;
    const { positives, validation } = await this.prepare(interactions, seed, context);
    const shape = { userCount: positives.userCount, itemCount: positives.itemCount, factors, layers };
    const start = context.resumeFrom
      ? readCheckpoint(context.resumeFrom, shape)
      : { epoch: 0, weights: initialWeights(shape, createRandom(deriveSeed(seed, WEIGHTS))) };
    const startTraining = context.startNeuMFTraining ?? startOnKernels;
    const trainer = await startTraining(context.kernels, {
      ...this.hyperparameters,
      shape,
      positives,
      weights: start.weights,
      ...(start.adam && { adam: start.adam }),
      seed: deriveSeed(seed, EPOCHS),
      threads: this.hyperparameters.threads ?? context.threads ?? 1,
    });
    try {
      let state: NeuMFFitState = start;
      while (state.epoch < epochs && !this.isExhausted(state)) {
        state = await this.runEpoch(trainer, shape, { state, validation, context });
      }
      return new NeuMFModel(context.kernels, shape, state.best?.weights ?? trainer.weights());
    } finally {
      await trainer.close();
    }
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState, { kernels }: ModelContext): NeuMFModel {
    expectKind(state, NEUMF_KIND);
    const { shape, weights } = readModel(state);
    return new NeuMFModel(kernels, shape, weights);
  }

  private async prepare(
    interactions: Interactions,
    seed: number,
    { signal, validation }: FitContext,
  ): Promise<TrainingData> {
    if (this.hyperparameters.patience === 0) {
      return { positives: await distinctInteractions(interactions, signal), validation: undefined };
    }
    if (validation) return { positives: await distinctInteractions(interactions, signal), validation };
    const split = await leaveLatestOut(interactions, {
      seed: deriveSeed(seed, SPLIT),
      ...(signal && { signal }),
    });
    return { positives: split.training, validation: split.heldOut };
  }

  private isExhausted({ epoch, best }: NeuMFFitState): boolean {
    return best !== undefined && epoch - best.epoch >= this.hyperparameters.patience;
  }

  private async runEpoch(
    trainer: NeuMFTraining,
    shape: NeuMFShape,
    fit: { state: NeuMFFitState; validation: HeldOut | undefined; context: FitContext },
  ): Promise<NeuMFFitState> {
    const { signal, clock, kernels, onProgress, onCheckpoint } = fit.context;
    const epoch = fit.state.epoch + 1;
    const started = clock?.() ?? 0;
    const { loss, samples } = await trainer.trainEpoch(epoch, signal);
    const elapsed = (clock?.() ?? 0) - started;

    let state: NeuMFFitState = { ...fit.state, epoch };
    let metrics: RankingReport | undefined;
    if (fit.validation) {
      const weights = trainer.weights();
      metrics = await evaluateRanking(new NeuMFScorer(kernels, shape, weights), fit.validation, signal);
      if (metrics.ndcg10 > (state.best?.ndcg10 ?? -1)) {
        state = { ...state, best: { epoch, ndcg10: metrics.ndcg10, weights } };
      }
    }
    if (onCheckpoint) {
      const weights = trainer.weights();
      await onCheckpoint(writeCheckpoint({ ...state, weights, adam: trainer.adam() }, shape));
    }
    onProgress?.({
      epoch,
      epochs: this.hyperparameters.epochs,
      loss,
      samplesPerSecond: elapsed > 0 ? (1000 * samples) / elapsed : 0,
      ...(metrics && { metrics }),
    });
    return state;
  }
}

const startOnKernels: StartNeuMFTraining = async (kernels, options) => NeuMFTrainer.create(kernels, options);

/** Draws embeddings from N(0, 0.01²) and kernels uniformly from ±√(6 / (inputs + outputs)). */
function initialWeights(shape: NeuMFShape, random: Random): NeuMFWeights {
  const embedding = (): number => EMBEDDING_DEVIATION * drawNormal(random);
  const users = new Float32Array(shape.userCount * rowWidth(shape)).map(embedding);
  const items = new Float32Array(shape.itemCount * rowWidth(shape)).map(embedding);
  const { layers, output, length } = denseParts(shape);
  const dense = new Float32Array(length);
  for (const { start, inputs, outputs } of [...layers.map(({ kernel }) => kernel), output.kernel]) {
    const limit = Math.sqrt(6 / (inputs + outputs));
    for (let i = 0; i < inputs * outputs; i += 1) dense[start + i] = limit * (2 * random() - 1);
  }
  return { users, items, dense };
}
