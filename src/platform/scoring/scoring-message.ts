import type { TopK } from '../../ml/math/top-k.js';
import type { ScoringModel, ScoringTask } from '../../ports/scoring-pool.js';

/** Tasks for a thread. */
export interface ScoringOrder {
  readonly id: number;
  readonly modelId: string;
  /** With the first order of a model. */
  readonly model: ScoringModel | undefined;
  readonly tasks: readonly ScoringTask[];
}

/** What a thread answers to an order. */
export type ScoringAnswer =
  | { readonly id: number; readonly results: readonly TopK[] }
  | { readonly id: number; readonly message: string };
