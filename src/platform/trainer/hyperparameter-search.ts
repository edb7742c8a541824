import type { Interactions } from '../../ml/core/interactions.js';
import type { FitContext, FitProgress } from '../../ml/core/learner.js';
import { deriveSeed } from '../../ml/core/random.js';
import { createLearner } from '../../ml/learners.js';
import { evaluateRanking } from '../../ml/metrics/ranking.js';
import { planTrials, searchRandomly, type RunTrial } from '../../ml/search/random-search.js';
import { bestEpochOf, type Hyperparameters, type Trial } from '../../ml/search/trial.js';
import { leaveLatestOut } from '../../ml/splits/leave-latest-out.js';
import type { TrainingTask } from '../../ports/trainer.js';

/** What a search tells while it runs. */
export interface SearchReport {
  readonly onProgress: (progress: FitProgress, trial: number) => void;
  readonly onTrials: (trials: readonly Trial[]) => void;
}

interface SearchContext extends SearchReport {
  readonly context: Omit<FitContext, 'seed' | 'threads'>;
  /** The training was begun before, so no trial is missing. */
  readonly isOver: boolean;
}

/** Purpose of the seed. */
const VALIDATION = 102;

/** Epochs without a better validation after which a trial ends by itself, for learners that stop early. */
const PATIENCE = 3;

/**
 * Searches for hyperparameters on a validation part of `training`: each user's latest interaction there, among 99 others.
 *
 * A learner that stops early is given the validation part to watch, and is then to be fitted on everything for as many
 * epochs as its best validation took.
 *
 * @returns What to fit with; undefined when the task asks for no search.
 */
export async function chooseHyperparameters(
  task: TrainingTask,
  training: Interactions,
  { context, isOver, onProgress, onTrials }: SearchContext,
): Promise<Hyperparameters | undefined> {
  const { search, finishedTrials: finished = [] } = task;
  if (!search) return undefined;
  const { signal, clock = () => 0, kernels, startNeuMFTraining } = context;
  const planned = planTrials({
    ...search,
    base: task.hyperparameters,
    seed: task.seed,
  });
  const split = await leaveLatestOut(training, {
    seed: deriveSeed(task.seed, VALIDATION),
    ...(signal && { signal }),
  });

  const runTrial: RunTrial = async (hyperparameters, trial) => {
    const learner = createLearner(task.modelType, withEarlyStopping(hyperparameters));
    const number = planned.indexOf(hyperparameters) + 1;
    const model = await learner.fit(split.training, {
      kernels,
      ...(startNeuMFTraining && { startNeuMFTraining }),
      clock,
      seed: task.seed,
      threads: task.threads,
      signal: trial.signal,
      validation: split.heldOut,
      onProgress: (progress) => {
        onProgress(progress, number);
        trial.onEpoch(progress);
      },
    });
    return evaluateRanking(model, split.heldOut, trial.signal);
  };
  const { budgetSeconds } = search;
  const trials = await searchRandomly(isOver ? planned.slice(0, finished.length) : planned, runTrial, {
    finished,
    ...(budgetSeconds !== undefined && { budgetSeconds }),
    clock,
    signal,
    onTrials,
  });
  const chosen = trials.find(({ isChosen }) => isChosen);
  return chosen && withBestEpoch(chosen);
}

function withEarlyStopping(hyperparameters: Hyperparameters): Hyperparameters {
  return hyperparameters['patience'] === 0 ? { ...hyperparameters, patience: PATIENCE } : hyperparameters;
}

/** The final fit has no validation part of its own, so the epochs are those of the trial. */
function withBestEpoch(trial: Trial): Hyperparameters {
  const { hyperparameters } = trial;
  const epochs = bestEpochOf(trial);
  if (!('patience' in hyperparameters) || epochs === undefined) return hyperparameters;
  return { ...hyperparameters, epochs, patience: 0 };
}
