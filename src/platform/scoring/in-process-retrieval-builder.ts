import type { KernelRuntime } from '../../ml/kernels/kernel-runtime.js';
import { createLearner } from '../../ml/learners.js';
import { planRetrieval, type MeasuredPlan } from '../../ml/retrieval/model-retriever.js';
import { RetrievalBuilder } from '../../ports/retrieval-builder.js';
import type { ScoringModel } from '../../ports/scoring-pool.js';

/** The same model always gives the same plan. */
const SEED = 1;

/** Builds on the calling thread, which turns to other things in between. */
export class InProcessRetrievalBuilder extends RetrievalBuilder {
  constructor(private readonly kernels: KernelRuntime) {
    super();
  }

  async build({ type, state }: ScoringModel, signal: AbortSignal): Promise<MeasuredPlan> {
    const { kernels } = this;
    const model = createLearner(type).load(state, { kernels });
    return planRetrieval(model, { kernels, seed: SEED, signal });
  }
}
