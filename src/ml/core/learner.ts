import type { KernelRuntime } from '../kernels/kernel-runtime.js';
import type { StartNeuMFTraining } from '../kernels/neumf-trainer.js';
import type { HeldOut } from '../splits/leave-latest-out.js';

/** What `Model.save()` returns, ready for any artifact store. */
export interface ModelState {
  /** Learner that can load it, with its format version, e.g. `simple-exponential-smoothing/1`. */
  readonly kind: string;
  /** Plain JSON. */
  readonly fitted: Readonly<Record<string, unknown>>;
  /** Large weights; each array is a copy that later fits do not touch. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
}

/** A fit as it stood after a finished epoch. Whoever keeps it can continue the fit after a crash. */
export interface Checkpoint extends ModelState {
  /** Epochs finished, ≥ 1. */
  readonly epoch: number;
}

/** One finished epoch. */
export interface FitProgress {
  /** Epochs finished, from 1. */
  readonly epoch: number;
  /** Epochs asked for; early stopping may end before. */
  readonly epochs: number;
  /** Mean training loss of the epoch, in the unit of the learner's loss. */
  readonly loss: number;
  /** Throughput of the epoch, validation excluded; 0 without a clock. */
  readonly samplesPerSecond: number;
  /** Scores on the validation part, when the learner holds one out. */
  readonly metrics?: MetricReport;
}

/** What any model needs to run, fitted or loaded. */
export interface ModelContext {
  readonly kernels: KernelRuntime;
}

/** Everything non-deterministic or external that a fit may use. */
export interface FitContext extends ModelContext {
  /** Source of all randomness, uint32. The same seed and data give the same model, on one thread. */
  readonly seed: number;
  /** Threads to train on, ≥ 1, default 1. More than one is faster and differs from run to run. */
  readonly threads?: number;
  /** Trains networks elsewhere than in the kernels, e.g. on TensorFlow. */
  readonly startNeuMFTraining?: StartNeuMFTraining;
  /** What early stopping watches; without it, learners that stop early cut a part of their own. Not among the data. */
  readonly validation?: HeldOut;
  /** Aborting makes `fit` reject with `signal.reason` within some 50 ms. */
  readonly signal?: AbortSignal;
  /** Milliseconds from any origin, to measure throughput only. */
  readonly clock?: () => number;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Called, and awaited, after every epoch. Not calling for checkpoints saves their copies. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** Continues the fit that wrote it; data, hyperparameters and seed must be the same. */
  readonly resumeFrom?: Checkpoint;
}

/** Named scores of one evaluation, in the units their metric documents. */
export type MetricReport = Readonly<Record<string, number>>;

/** Immutable result of a fit. */
export interface Model<TQuery, TPrediction, TData> {
  predict(query: TQuery): TPrediction;
  evaluate(data: TData): MetricReport;
  save(): ModelState;
}

/**
 * Hyperparameters plus a fitting procedure.
 *
 * `fit` returns a new model and changes neither the learner nor the data, so "predict before fit"
 * does not compile and two fits never share state.
 */
export interface Learner<TData, TModel extends Model<never, unknown, TData>> {
  readonly kind: string;
  fit(data: TData, context: FitContext): Promise<TModel>;
  load(state: ModelState, context: ModelContext): TModel;
}
