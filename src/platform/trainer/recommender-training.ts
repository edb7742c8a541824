import type { Checkpoint, FitContext, MetricReport } from '../../ml/core/learner.js';
import type { Interactions } from '../../ml/core/interactions.js';
import { createLearner } from '../../ml/learners.js';
import { leaveLatestMomentOut } from '../../ml/splits/latest-moment.js';
import type { Artifact } from '../../ports/artifact-store.js';
import type { InteractionSnapshot } from '../../ports/snapshot-store.js';
import type { TrainingTask } from '../../ports/trainer.js';
import type { Hyperparameters } from '../../ml/search/trial.js';
import { chooseHyperparameters, type SearchReport } from './hyperparameter-search.js';
import { measureRecommender } from './recommender-metrics.js';

export interface TrainedRecommender {
  readonly artifact: Artifact;
  readonly metrics: MetricReport;
  /** What it was fitted with, when a search chose it. */
  readonly hyperparameters?: Hyperparameters;
}

interface Procedure {
  readonly context: Omit<FitContext, 'seed' | 'threads'>;
  readonly resumeFrom?: Checkpoint | undefined;
  readonly onTrialProgress: SearchReport['onProgress'];
  readonly onTrials: SearchReport['onTrials'];
  readonly onValidating: () => void;
}

/** What it learns is habits: none is hidden from it. */
const HABIT_TYPE = 'NEXT_BASKET';

/**
 * Fits a recommender on everything before each user's latest moment and measures how well it foresees that moment,
 * popularity beside it: see `measureRecommender`. The model that is kept is the one that was measured.
 * A search for hyperparameters sees no more than what is fitted.
 */
export async function trainRecommender(
  task: TrainingTask,
  { interactions, userIds, itemIds }: InteractionSnapshot,
  { context, resumeFrom, onTrialProgress, onTrials, onValidating }: Procedure,
): Promise<TrainedRecommender> {
  const { signal, clock } = context;
  const split = await leaveLatestMomentOut(interactions, {
    seed: task.seed,
    habits: task.modelType === HABIT_TYPE ? 'keep' : 'hide',
    ...(signal && { signal }),
  });
  const chosen = await chooseHyperparameters(task, split.training, {
    context,
    isOver: resumeFrom !== undefined,
    onProgress: onTrialProgress,
    onTrials,
  });
  const learner = createLearner(task.modelType, chosen ?? task.hyperparameters);
  const fitContext: FitContext = { ...context, seed: task.seed, threads: task.threads };

  const startedAt = clock?.() ?? 0;
  const model = await learner.fit(split.training, { ...fitContext, ...(resumeFrom && { resumeFrom }) });
  const trainSeconds = ((clock?.() ?? 0) - startedAt) / 1000;

  onValidating();
  const measured = await measureRecommender(model, split, { kernels: context.kernels, signal });
  return {
    ...(chosen && { hyperparameters: chosen }),
    artifact: { state: model.save(), userIds, itemIds, history: historyOf(interactions) },
    metrics: {
      ...measured,
      users: userIds.length,
      items: itemIds.length,
      interactions: interactions.users.length,
      trainSeconds,
    },
  };
}

/** Distinct items of each user, in compressed rows. */
function historyOf({ userCount, users, items }: Interactions): Artifact['history'] {
  const owned: Set<number>[] = Array.from({ length: userCount }, () => new Set<number>());
  users.forEach((user, row) => owned[user]?.add(items[row] ?? 0));
  const offsets = new Int32Array(userCount + 1);
  owned.forEach((set, user) => {
    offsets[user + 1] = (offsets[user] ?? 0) + set.size;
  });
  return { offsets, items: Int32Array.from(owned.flatMap((set) => [...set].sort((a, b) => a - b))) };
}
