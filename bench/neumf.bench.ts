// how fast does NeuMF train, and how well does it rank, on MovieLens-1M in the NCF split?
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
const EPOCHS = 10;

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

/** Samples per second of one epoch on one thread. */
async function measureOneThread(folder: string, { seed, factors }: Options): Promise<number> {
  let speed = 0;
  const onProgress = ({ samplesPerSecond }: FitProgress): void => {
    speed = samplesPerSecond;
  };
  const { training } = readMovieLens(folder);
  await new NeuMF({ epochs: 1, factors }).fit(training, { seed, threads: 1, kernels, clock, onProgress });
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
  say('one epoch on one thread');
  const samplesPerSecond1 = await measureOneThread(folder, options);

  const trainSeconds = history.reduce((sum, { seconds }) => sum + seconds, 0);
  const last = history.at(-1);
  const meanSpeed = history.reduce((sum, epoch) => sum + epoch.samplesPerSecond, 0) / history.length;
  report({
    hr10: round(last?.hr10 ?? 0, 4),
    ndcg10: round(last?.ndcg10 ?? 0, 4),
    trainSeconds: round(trainSeconds, 2),
    [`samplesPerSecond${options.threads}`]: round(meanSpeed),
    samplesPerSecond1: round(samplesPerSecond1),
    peakMb: trainingPeakMb,
    popularityHr10: round(popularity.hr10, 4),
    popularityNdcg10: round(popularity.ndcg10, 4),
    f: options.factors,
    ...options,
  });
}

await main();
