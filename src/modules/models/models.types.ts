export const MODEL_TYPES = [
  'NEURAL_COLLABORATIVE_FILTERING',
  'MATRIX_FACTORIZATION',
  'LSTM_TIME_SERIES',
  'PRICE_OPTIMIZATION',
  'IMPLICIT_ALS',
  'EASE',
  'NEXT_BASKET',
  'ITEM_KNN',
  'POPULARITY',
  'TRENDING',
  'RECOMMENDER_BLEND',
] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

export const MODEL_STATUSES = [
  'UNTRAINED',
  'TRAINING',
  'TRAINED',
  'EVALUATING',
  'DEPLOYED',
  'DEPRECATED',
  'FAILED',
] as const;
export type ModelStatus = (typeof MODEL_STATUSES)[number];

/** One version of a model. */
export interface ModelVersion {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** From 1, within the type. */
  readonly version: number;
  readonly status: ModelStatus;
  readonly config: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly artifactHash: string | undefined;
  readonly snapshotHash: string | undefined;
  readonly trainedAt: Date | undefined;
  readonly deployedAt: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A change of what serves a type, and why. */
export interface Deployment {
  readonly modelType: string;
  readonly modelId: string;
  readonly previousModelId: string | undefined;
  readonly action: 'deploy' | 'deprecate' | 'rollback' | 'refuse';
  readonly actor: string | undefined;
  readonly reason: string | undefined;
  readonly at: Date;
}

/** Who asked for a change, and why. */
export interface Reason {
  readonly actor: string;
  readonly reason: string;
}
