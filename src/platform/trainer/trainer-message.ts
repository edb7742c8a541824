import type { TrainingEvent, TrainingOutcome, TrainingTask } from '../../ports/trainer.js';

/** What the worker tells a trainer process, once. */
export interface TrainerOrder {
  readonly task: TrainingTask;
  readonly modelsDirectory: string;
  readonly snapshotsDirectory: string;
  /** Networks train on TensorFlow unless their job says otherwise. */
  readonly gpuEnabled: boolean;
  /** 0 … 19: how far it steps back for other processes. */
  readonly nice: number;
}

/** What a trainer process tells the worker. After `done`, `refused` or `failed` it exits. */
export type TrainerMessage =
  | TrainingEvent
  | ({ readonly kind: 'done' } & TrainingOutcome)
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };
