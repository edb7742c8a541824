import { createLearner } from '../../ml/learners.js';
import type { KernelRuntime } from '../../ml/kernels/kernel-runtime.js';
import { topK, type TopK } from '../../ml/math/top-k.js';
import type { ScoringModel, ScoringTask } from '../../ports/scoring-pool.js';

/** Makes what ranks with a model on the calling thread. */
export function loadScorer(
  { type, state }: ScoringModel,
  kernels: KernelRuntime,
): (task: ScoringTask) => TopK {
  const model = createLearner(type).load(state, { kernels });
  const scores = new Float32Array(model.itemCount);
  return ({ user, history, at, excluded, count }) =>
    topK(
      history ? model.scoreHistory(history, scores, at) : model.scoreAll(user, scores, at),
      count,
      excluded,
    );
}
