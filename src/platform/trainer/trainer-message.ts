import type { FitProgress, MetricReport } from '../../ml/core/learner.js';
import type { TrainingTask } from '../../ports/trainer.js';

/** What the worker tells a trainer process, once. */
export interface TrainerOrder {
  readonly task: TrainingTask;
  readonly modelsDirectory: string;
  readonly snapshotsDirectory: string;
}

/** What a trainer process tells the worker. After `done`, `refused` or `failed` it exits. */
export type TrainerMessage =
  | { readonly kind: 'progress'; readonly progress: FitProgress }
  | { readonly kind: 'validating' }
  | { readonly kind: 'done'; readonly metrics: MetricReport; readonly artifactHash: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };
