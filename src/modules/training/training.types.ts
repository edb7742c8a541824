import type { MetricReport } from '../../ml/core/learner.js';
import type { Trial } from '../../ml/search/trial.js';
import type { EngineChoice, SearchOrder, TrainingEngine } from '../../ports/trainer.js';

export type TrainingJobStatus =
  'QUEUED' | 'PREPARING_DATA' | 'TRAINING' | 'VALIDATING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

export const RUNNING: readonly TrainingJobStatus[] = ['PREPARING_DATA', 'TRAINING', 'VALIDATING'];
export const ENDED: readonly TrainingJobStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** What users did that counts as wanting a product. `order` is a line of an order, the others are events. */
export const INTERACTION_SOURCES = ['order', 'purchase', 'rating', 'cart', 'click', 'view'] as const;
export type InteractionSource = (typeof INTERACTION_SOURCES)[number];

/** Everything that was asked for when the job was created, with the defaults filled in. */
export interface TrainingConfig {
  /** Complete and valid for the model type. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly agriculturalContext: AgriculturalContext;
  readonly sources: readonly InteractionSource[];
  readonly seed: number;
  readonly threads: number;
  /** What a network trains on; `auto`: TensorFlow where ML_GPU_ENABLED is set, else the kernels. */
  readonly engine: EngineChoice;
  /** With it `hyperparameters` are where the search begins. */
  readonly search?: SearchOrder | undefined;
  /** `if-better` deploys the version when none is deployed and it beats the baselines; `never` waits for an admin. */
  readonly deployment: 'if-better' | 'never';
}

export interface AgriculturalContext {
  /** Products out of season are left out of answers. */
  readonly seasonalAware: boolean;
  /** Products of near farms are preferred when the place of the user is known. */
  readonly localityWeighting: boolean;
  /** Products that would not last from today to the delivery day are left out of answers. */
  readonly shelfLifeAware: boolean;
}

/** How far a running job is. */
export interface ProgressDetail {
  /** Trial of a search, from 1, and how many there may be. */
  readonly trial?: number;
  readonly trials?: number;
  readonly epoch?: number;
  readonly epochs?: number;
  readonly loss?: number;
  readonly samplesPerSecond?: number;
  readonly remainingSeconds?: number;
  readonly engine?: TrainingEngine | undefined;
}

export interface TrainingFailure {
  readonly code: string;
  readonly message: string;
}

export interface TrainingJob {
  readonly id: string;
  readonly modelType: string;
  readonly modelId: string | undefined;
  readonly status: TrainingJobStatus;
  readonly config: TrainingConfig;
  /** Percent, 0–100. */
  readonly progress: number;
  readonly progressDetail: ProgressDetail;
  /** What it trains on, and why; undefined until it trains. */
  readonly engine: TrainingEngine | undefined;
  /** Of a search, in their order; undefined without one. */
  readonly trials: readonly Trial[] | undefined;
  readonly metrics: MetricReport | undefined;
  readonly error: TrainingFailure | undefined;
  readonly attempt: number;
  readonly requestedBy: string | undefined;
  readonly isCancelRequested: boolean;
  readonly createdAt: Date;
  readonly startedAt: Date | undefined;
  readonly completedAt: Date | undefined;
}

export interface JobTransition {
  readonly status: TrainingJobStatus;
  readonly reason: string | undefined;
  readonly at: Date;
}
