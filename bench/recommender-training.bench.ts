/**
 * How fast do the recommenders with kernels train on MovieLens-1M (training rows of the NCF split)?
 *
 * npm run bench -- recommender-training [--epochs 5] [--factors 64]
 *
 * `ialsSecondsPerEpoch1` and `ialsSecondsPerEpoch2`: the fastest iALS epoch on one and two threads at `factors`.
 * `secondsToHr70`: training time of matrix factorization on two threads until HR@10 on the test part is .70.
 * `easeSeconds1` and `easeSeconds`: a whole EASE fit on one and two threads, from rows to weights. All are wall
 * clock on a machine that should do nothing else. `kerasSamplesPerSecond` stands beside `hr70SamplesPerSecond`: the best of
 * Keras 3 on TensorFlow 2.21 for NeuMF of f = 8, two cores of another machine, measured elsewhere.
 */
import { parseArgs } from 'node:util';

import type { Interactions } from '../src/ml/core/interactions.js';
import type { FitProgress } from '../src/ml/core/learner.js';
import { Ease } from '../src/ml/recommenders/ease.js';
import { ImplicitAls } from '../src/ml/recommenders/implicit-als.js';
import { WasmKernelRuntime } from '../src/platform/wasm/wasm-kernel-runtime.js';
import { findData } from './support/data.js';
import { readMovieLens } from './support/movielens.js';
import { peakMb, report, round, say } from './support/report.js';
import { measureSecondsToHr70 } from './support/seconds-to-hr70.js';

const DATA = 'movielens1m_ncf';
/** At batch 4096; 100,000 at batch 256. */
const KERAS_SAMPLES_PER_SECOND = 485_000;

const kernels = new WasmKernelRuntime();
const clock = (): number => performance.now();

/** Seconds of the fastest epoch. */
async function timeImplicitAls(
  training: Interactions,
  hyperparameters: { readonly epochs: number; readonly factors: number },
  threads: number,
): Promise<number> {
  let fastest = Infinity;
  let epochStartedAt = clock();
  const onProgress = ({ epoch, loss }: FitProgress): void => {
    const seconds = (clock() - epochStartedAt) / 1000;
    // the first one also sorts the rows and starts the threads
    if (epoch > 1) fastest = Math.min(fastest, seconds);
    say(`iALS, ${threads} thread(s), epoch ${epoch}: ${seconds.toFixed(3)} s, loss ${loss.toFixed(5)}`);
    epochStartedAt = clock();
  };
  await new ImplicitAls(hyperparameters).fit(training, { seed: 1, threads, kernels, onProgress });
  return fastest;
}

/** Seconds of a fit. */
async function timeEase(training: Interactions, threads: number): Promise<number> {
  const startedAt = clock();
  await new Ease().fit(training, { seed: 1, threads, kernels });
  const seconds = (clock() - startedAt) / 1000;
  say(`EASE, ${threads} thread(s): ${seconds.toFixed(2)} s`);
  return seconds;
}

async function main(): Promise<void> {
  const folder = findData(DATA);
  if (folder === undefined) {
    say(`The data set ${DATA} is in neither ../shared/data nor ALMANAC_DATA_DIR.`);
    report({ skipped: `${DATA} is absent` });
    return;
  }
  const { values } = parseArgs({
    options: { epochs: { type: 'string', default: '5' }, factors: { type: 'string', default: '64' } },
  });
  // at least two: the first epoch is not timed
  const options = { epochs: Math.max(2, Number(values.epochs)), factors: Number(values.factors) };
  const split = readMovieLens(folder);
  const { training } = split;
  report({
    ...(await measureSecondsToHr70(kernels, split)),
    kerasSamplesPerSecond: KERAS_SAMPLES_PER_SECOND,
    ialsSecondsPerEpoch1: round(await timeImplicitAls(training, options, 1), 3),
    ialsSecondsPerEpoch2: round(await timeImplicitAls(training, options, 2), 3),
    easeSeconds1: round(await timeEase(training, 1), 2),
    easeSeconds: round(await timeEase(training, 2), 2),
    peakMb: peakMb(),
    ...options,
  });
}

await main();
