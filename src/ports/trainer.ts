import type { FitProgress, MetricReport } from '../ml/core/learner.js';

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

/** Everything a training depends on. The same task gives the same artifact (with one thread). */
export interface TrainingTask {
  readonly jobId: string;
  readonly modelType: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly threads: number;
  readonly engine: EngineChoice;
  /** Hash of the dataset snapshot. */
  readonly snapshotHash: string;
}

export type TrainingEvent =
  | { readonly kind: 'engine'; readonly engine: TrainingEngine }
  | { readonly kind: 'progress'; readonly progress: FitProgress }
  | { readonly kind: 'validating' };

export interface TrainingOutcome {
  readonly metrics: MetricReport;
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
