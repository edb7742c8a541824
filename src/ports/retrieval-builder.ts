import type { MeasuredPlan } from '../ml/retrieval/model-retriever.js';
import type { ScoringModel } from './scoring-pool.js';

/** Makes what it takes to search a large model, away from the event loop. */
export abstract class RetrievalBuilder {
  /** @throws The signal's reason when it is aborted; an Error when the model or its vectors are not fit for it. */
  abstract build(model: ScoringModel, signal: AbortSignal): Promise<MeasuredPlan>;
}
