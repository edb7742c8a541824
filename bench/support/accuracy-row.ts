import { createLearner } from '../../src/ml/learners.js';
import type { Interactions } from '../../src/ml/core/interactions.js';
import type { RecommenderModel } from '../../src/ml/recommenders/recommender-model.js';
import { WasmKernelRuntime } from '../../src/platform/wasm/wasm-kernel-runtime.js';
import { round, say } from './report.js';

/** One learner on one data set. */
export interface AccuracyRow {
  readonly data: string;
  readonly learner: string;
  /** Measures by name, in the units of the data set's protocol. */
  readonly scores: Readonly<Record<string, number>>;
  /** Seconds of training. */
  readonly trainSeconds: number;
}

/** A learner with what was chosen for it on a validation part. */
export interface Candidate {
  /** Name of the row. */
  readonly name: string;
  readonly modelType: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
}

/** What is scored: the part that is held out for the report, or one cut from the training rows to choose by. */
export type Part = 'test' | 'validation';

/** How a benchmark fits. */
export interface FitOptions {
  readonly seed: number;
  readonly threads: number;
}

const kernels = new WasmKernelRuntime();
const DIGITS = 4;

/** Fits one candidate. @returns Its model, and the seconds it took. */
export async function fitCandidate(
  { name, modelType, hyperparameters }: Candidate,
  interactions: Interactions,
  { seed, threads }: FitOptions,
): Promise<{ readonly model: RecommenderModel; readonly trainSeconds: number }> {
  const startedAt = performance.now();
  const model = await createLearner(modelType, hyperparameters).fit(interactions, { kernels, seed, threads });
  const trainSeconds = round((performance.now() - startedAt) / 1000, 1);
  say(`  ${name} fitted in ${trainSeconds} s`);
  return { model, trainSeconds };
}

/** Rounds scores and says them. */
export function accuracyRow(
  data: string,
  learner: string,
  scores: Readonly<Record<string, number>>,
  trainSeconds = 0,
): AccuracyRow {
  const rounded = Object.fromEntries(
    Object.entries(scores).map(([name, score]) => [name, round(score, DIGITS)]),
  );
  const words = Object.entries(rounded).map(([name, score]) => `${name} ${score}`);
  say(`${data} · ${learner}: ${words.join(', ')}`);
  return { data, learner, scores: rounded, trainSeconds };
}
