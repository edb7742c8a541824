import type { FitProgress, MetricReport } from '../ml/core/learner.js';

/** Everything a training depends on. The same task gives the same artifact (with one thread). */
export interface TrainingTask {
  readonly jobId: string;
  readonly modelType: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly threads: number;
  /** Hash of the dataset snapshot. */
  readonly snapshotHash: string;
}

export type TrainingEvent =
  { readonly kind: 'progress'; readonly progress: FitProgress } | { readonly kind: 'validating' };

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
}
