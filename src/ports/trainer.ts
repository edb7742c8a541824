import type { FitProgress, MetricReport } from '../ml/core/learner.js';
import type { SearchSpace } from '../ml/core/search-space.js';
import type { Hyperparameters, Trial } from '../ml/search/trial.js';

/** What a network may be trained on; `auto` leaves it to the configuration of the machine. */
export type EngineChoice = 'auto' | 'wasm-kernels' | 'tensorflow';

/** What a training runs on, and why. */
export interface TrainingEngine {
  readonly name: Exclude<EngineChoice, 'auto'>;
  /** Package that TensorFlow.js runs on, e.g. `tfjs-node-gpu`. */
  readonly backend?: string;
  /** In words. */
  readonly reason: string;
  /** Packages that were tried before, and what was wrong with each. */
  readonly skipped?: readonly { readonly name: string; readonly reason: string }[];
}

/** A search over hyperparameters before the training. */
export interface SearchOrder {
  /** Configurations to try, the requested one among them. */
  readonly trials: number;
  /** Seconds for all trials together; the training of the chosen one comes on top. */
  readonly budgetSeconds?: number | undefined;
  /** Complete. */
  readonly space: SearchSpace;
}

/** Everything a training depends on. The same task gives the same artifact (with one thread). */
export interface TrainingTask {
  readonly jobId: string;
  readonly modelType: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly threads: number;
  readonly engine: EngineChoice;
  /** With it `hyperparameters` are where the search begins. */
  readonly search?: SearchOrder | undefined;
  /** Trials that ended before the task was interrupted, in their order. */
  readonly finishedTrials?: readonly Trial[] | undefined;
  /** Hash of the dataset snapshot. */
  readonly snapshotHash: string;
}

export type TrainingEvent =
  | { readonly kind: 'engine'; readonly engine: TrainingEngine }
  /** An epoch ended: of the trial of that number, else of the training itself. */
  | { readonly kind: 'progress'; readonly progress: FitProgress; readonly trial?: number }
  | { readonly kind: 'trials'; readonly trials: readonly Trial[] }
  | { readonly kind: 'validating' };

export interface TrainingOutcome {
  readonly metrics: MetricReport;
  /** What the model was fitted with, when a search chose it. */
  readonly hyperparameters?: Hyperparameters | undefined;
  /** sha256 of the manifest of the staged artifact. */
  readonly artifactHash: string;
}

export interface TrainingRun {
  readonly signal: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
}

/** The task itself cannot succeed: bad data or hyperparameters. Trying again would not help. */
export class TrainingRefusedError extends Error {
  override readonly name = 'TrainingRefusedError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Runs trainings away from the event loop. */
export abstract class Trainer {
  /**
   * Trains, evaluates and stages the artifact under `task.jobId`.
   *
   * @throws TrainingRefusedError for bad data or hyperparameters; the abort reason when aborted; any other error
   * for a fault of the machine.
   */
  abstract run(task: TrainingTask, run: TrainingRun): Promise<TrainingOutcome>;

  /** In words, which engines are installed here and which is the default. Loads none of them. */
  abstract describeEngines(): string;
}
