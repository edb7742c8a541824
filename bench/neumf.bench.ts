/**
 * How fast does NeuMF train, and how well does it rank, on MovieLens-1M in the NCF split?
 *
 * npm run bench -- neumf [--epochs 10] [--threads 2] [--seed 1] [--factors 32]
 *
 * Trains with the defaults and ranks the held-out part after each epoch (`hr10`, `ndcg10`, `trainSeconds`,
 * `trainSamplesPerSecond` at `factors`). `samplesPerSecond1` and `samplesPerSecond2` are the speed of the
 * kernels on one and two threads at the 8 factors of the paper (`speedFactors`), whole epochs with sampling
 * and shuffling, the best of three each.
 */
import { parseArgs } from 'node:util';

import { distinctInteractions } from '../src/ml/core/interactions.js';
import type { Checkpoint, FitProgress } from '../src/ml/core/learner.js';
import { evaluateRanking, type RankingReport } from '../src/ml/metrics/ranking.js';
import { NEUMF_DEFAULTS } from '../src/ml/recommenders/neumf-hyperparameters.js';
import { NeuMF } from '../src/ml/recommenders/neumf.js';
import { Popularity } from '../src/ml/recommenders/popularity.js';
import { WasmKernelRuntime } from '../src/platform/wasm/wasm-kernel-runtime.js';
import { findData } from './support/data.js';
import { readMovieLens } from './support/movielens.js';
import { peakMb, report, round, say } from './support/report.js';

interface Options {
  readonly epochs: number;
  readonly threads: number;
  readonly seed: number;
  readonly factors: number;
}

interface Epoch extends RankingReport {
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

/** Where NDCG@10 peaked (.556) on a validation part of the training rows, at the default 32 factors; it fell to .549 by 20. */
const EPOCHS = NEUMF_DEFAULTS.epochs;
const SPEED_EPOCHS = 3;
const SPEED_FACTORS = 8;

const kernels = new WasmKernelRuntime();
const clock = (): number => performance.now();

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      epochs: { type: 'string', default: String(EPOCHS) },
      threads: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      factors: { type: 'string', default: String(NEUMF_DEFAULTS.factors) },
    },
  });
  return {
    epochs: Number(values.epochs),
    threads: Number(values.threads),
    seed: Number(values.seed),
    factors: Number(values.factors),
  };
}

/** Trains with a report on the held-out part after each epoch; only training counts as time. */
async function train(folder: string, { epochs, threads, seed, factors }: Options): Promise<Epoch[]> {
  const { training, heldOut } = readMovieLens(folder);
  const { users } = await distinctInteractions(training);
  const samples = users.length * (1 + NEUMF_DEFAULTS.negatives);
  const learner = new NeuMF({ epochs, factors });
  const history: Epoch[] = [];
  let ranking: RankingReport | undefined;

  const onCheckpoint = async (checkpoint: Checkpoint): Promise<void> => {
    ranking = await evaluateRanking(
      learner.load({ ...checkpoint, kind: learner.kind }, { kernels }),
      heldOut,
    );
  };
  const onProgress = ({ epoch, loss, samplesPerSecond }: FitProgress): void => {
    if (!ranking) return;
    const seconds = samples / samplesPerSecond;
    history.push({ ...ranking, seconds, samplesPerSecond });
    say(
      `epoch ${epoch}: ${seconds.toFixed(2)} s, ${(samplesPerSecond / 1e6).toFixed(2)} M samples/s, ` +
        `loss ${loss.toFixed(4)}, HR@10 ${ranking.hr10.toFixed(4)}, NDCG@10 ${ranking.ndcg10.toFixed(4)}`,
    );
  };
  await learner.fit(training, { seed, threads, kernels, clock, onCheckpoint, onProgress });
  return history;
}

/** Samples per second of the fastest of some epochs at the paper's shape. */
async function measureSpeed(folder: string, threads: number): Promise<number> {
  let speed = 0;
  const onProgress = ({ samplesPerSecond }: FitProgress): void => {
    speed = Math.max(speed, samplesPerSecond);
  };
  const { training } = readMovieLens(folder);
  const learner = new NeuMF({ epochs: SPEED_EPOCHS, factors: SPEED_FACTORS });
  await learner.fit(training, { seed: 1, threads, kernels, clock, onProgress });
  return speed;
}

async function rankByPopularity(folder: string): Promise<RankingReport> {
  const { training, heldOut } = readMovieLens(folder);
  return evaluateRanking(await new Popularity().fit(training, { seed: 0, kernels }), heldOut);
}

async function main(): Promise<void> {
  const folder = findData('movielens1m_ncf');
  if (folder === undefined) {
    say('The data set movielens1m_ncf is in neither ../shared/data nor ALMANAC_DATA_DIR.');
    report({ skipped: 'movielens1m_ncf is absent' });
    return;
  }
  const options = readOptions();
  const popularity = await rankByPopularity(folder);
  say(`popularity: HR@10 ${popularity.hr10.toFixed(4)}, NDCG@10 ${popularity.ndcg10.toFixed(4)}`);
  say(`NeuMF, ${options.factors} factors, ${options.threads} threads, ${options.epochs} epochs`);
  const history = await train(folder, options);
  const trainingPeakMb = peakMb();
  say(`speed at ${SPEED_FACTORS} factors: ${SPEED_EPOCHS} epochs on one thread, then on two`);
  const samplesPerSecond1 = await measureSpeed(folder, 1);
  const samplesPerSecond2 = await measureSpeed(folder, 2);

  const trainSeconds = history.reduce((sum, { seconds }) => sum + seconds, 0);
  const last = history.at(-1);
  const meanSpeed = history.reduce((sum, epoch) => sum + epoch.samplesPerSecond, 0) / history.length;
  report({
    hr10: round(last?.hr10 ?? 0, 4),
    ndcg10: round(last?.ndcg10 ?? 0, 4),
    trainSeconds: round(trainSeconds, 2),
    trainSamplesPerSecond: round(meanSpeed),
    samplesPerSecond1: round(samplesPerSecond1),
    samplesPerSecond2: round(samplesPerSecond2),
    speedFactors: SPEED_FACTORS,
    peakMb: trainingPeakMb,
    popularityHr10: round(popularity.hr10, 4),
    popularityNdcg10: round(popularity.ndcg10, 4),
    ...options,
  });
}

await main();
