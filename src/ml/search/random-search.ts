import { MlError } from '../core/errors.js';
import type { FitProgress } from '../core/learner.js';
import { createRandom, deriveSeed } from '../core/random.js';
import { drawConfiguration, type SearchSpace } from '../core/search-space.js';
import type { RankingReport } from '../metrics/ranking.js';
import { isHopeless } from './median-stopping.js';
import type { Hyperparameters, Trial } from './trial.js';

export interface SearchPlan {
  /** Where the search starts; every other trial changes what is in `space`. */
  readonly base: Hyperparameters;
  readonly space: SearchSpace;
  /** Configurations to try, ≥ 1, the base among them. */
  readonly trials: number;
  /** uint32. */
  readonly seed: number;
}

/** What a trial reports while it runs, and how it is told to stop. */
export interface TrialRun {
  readonly signal: AbortSignal;
  readonly onEpoch: (progress: Pick<FitProgress, 'epoch' | 'metrics'>) => void;
}

/** Fits a configuration and measures it on the validation part. */
export type RunTrial = (hyperparameters: Hyperparameters, run: TrialRun) => Promise<RankingReport>;

export interface SearchOptions {
  /** Trials of the same plan that ended before, in its order. */
  readonly finished?: readonly Trial[];
  /** Seconds of all trials together after which none is begun and the running one is stopped at its next epoch. */
  readonly budgetSeconds?: number;
  /** Milliseconds from any origin. */
  readonly clock: () => number;
  readonly signal: AbortSignal | undefined;
  /** Told after every change, all trials so far. */
  readonly onTrials: (trials: readonly Trial[]) => void;
}

/** Purpose of the seed: learners derive theirs from the same one. */
const CONFIGURATIONS = 101;
/** Draws for one more configuration before the space counts as exhausted. */
const DRAWS = 50;
const GIVEN_UP = Symbol('given up');

/**
 * Draws the configurations of a search: the base, then random ones, all different. The same plan gives the same list;
 * it is shorter than asked for when the space has no more.
 */
export function planTrials({ base, space, trials, seed }: SearchPlan): readonly Hyperparameters[] {
  const random = createRandom(deriveSeed(seed, CONFIGURATIONS));
  const planned: Hyperparameters[] = [base];
  const known = new Set([JSON.stringify(base)]);
  for (let draws = 0; planned.length < trials && draws < DRAWS; draws += 1) {
    const next = { ...base, ...drawConfiguration(space, random) };
    const key = JSON.stringify(next);
    if (known.has(key)) continue;
    known.add(key);
    planned.push(next);
    draws = -1;
  }
  return planned;
}

/**
 * Tries configurations one after the other and chooses the one with the best validation NDCG@10 (random search).
 *
 * Trials that fall behind the median of the others are given up, which leaves the budget to better ones. The first is
 * never cut short, so there is a choice whatever the budget. Without a budget of time the outcome depends on the plan
 * and the trials alone.
 *
 * @param planned From `planTrials`.
 * @returns All trials, one of them chosen.
 * @throws The error of the last trial when all failed; the signal's reason when aborted; whatever is no MlError.
 *
 * @see Bergstra & Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 13 (2012), 281–305.
 */
export async function searchRandomly(
  planned: readonly Hyperparameters[],
  runTrial: RunTrial,
  { finished = [], budgetSeconds = Number.POSITIVE_INFINITY, clock, signal, onTrials }: SearchOptions,
): Promise<readonly Trial[]> {
  const ended = [...finished];
  let failure: MlError | undefined;
  for (const [index, hyperparameters] of [...planned.entries()].slice(finished.length)) {
    const left = budgetSeconds - ended.reduce((sum, { seconds }) => sum + seconds, 0);
    if (index > 0 && left <= 0) break;
    const start: Trial = {
      number: index + 1,
      hyperparameters,
      state: 'running',
      seconds: 0,
      epochs: 0,
      curve: [],
    };
    onTrials([...ended, start]);
    const outcome = await tryOne(start, runTrial, { ended, left, clock, signal });
    if (outcome.failure) failure = outcome.failure;
    ended.push(outcome.trial);
    onTrials([...ended]);
  }

  const best = bestOf(ended.filter(({ state }) => state === 'completed')) ?? bestOf(ended);
  if (!best) throw failure ?? new RangeError('No trial came to a result.');
  const trials = ended.map((trial) => (trial === best ? { ...trial, isChosen: true } : trial));
  onTrials(trials);
  return trials;
}

async function tryOne(
  start: Trial,
  runTrial: RunTrial,
  rest: { ended: readonly Trial[]; left: number; clock: () => number; signal: AbortSignal | undefined },
): Promise<{ readonly trial: Trial; readonly failure?: MlError }> {
  const { ended, left, clock, signal } = rest;
  const giveUp = new AbortController();
  const startedAt = clock();
  const elapsed = (): number => Math.round(clock() - startedAt) / 1000;
  const reports: { readonly ndcg10: number; readonly hr10: number }[] = [];
  let epochs = 0;
  const curve = (): number[] => reports.map(({ ndcg10 }) => ndcg10);
  const onEpoch: TrialRun['onEpoch'] = ({ epoch, metrics }) => {
    epochs = epoch;
    const { ndcg10, hr10 } = metrics ?? {};
    if (ndcg10 !== undefined && hr10 !== undefined) reports.push({ ndcg10, hr10 });
    const isLate = start.number > 1 && elapsed() >= left;
    const isBehind = isHopeless(
      curve(),
      ended.map((trial) => trial.curve),
    );
    if (isLate || isBehind) giveUp.abort(GIVEN_UP);
  };
  const state = (): Trial => ({ ...start, seconds: elapsed(), epochs, curve: curve() });
  try {
    const both = signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal;
    const { ndcg10, hr10 } = await runTrial(start.hyperparameters, { signal: both, onEpoch });
    return { trial: { ...state(), state: 'completed', ndcg10, hr10 } };
  } catch (error) {
    signal?.throwIfAborted();
    if (error === GIVEN_UP) {
      const best = reports.reduce<(typeof reports)[number] | undefined>(
        (leading, report) => (leading && leading.ndcg10 >= report.ndcg10 ? leading : report),
        undefined,
      );
      return { trial: { ...state(), state: 'stopped', ...best } };
    }
    if (!(error instanceof MlError)) throw error;
    return { trial: { ...state(), state: 'failed', error: error.message }, failure: error };
  }
}

/** The highest NDCG@10, ties to the earlier trial. */
function bestOf(trials: readonly Trial[]): Trial | undefined {
  let best: Trial | undefined;
  for (const trial of trials) {
    if (trial.ndcg10 !== undefined && trial.ndcg10 > (best?.ndcg10 ?? -1)) best = trial;
  }
  return best;
}
