/**
 * How fast does NeuMF train on TensorFlow.js, beside our kernels, at small and large batches?
 *
 * npm run bench -- tensorflow [--factors 8] [--seconds 4] [--batches 256,4096,16384,65536] [--backend tfjs-backend-wasm]
 *
 * Trains the paper's network on MovieLens-1M (on data of its shape where it is absent) for some seconds at each batch
 * size, sampling included, and prints samples/s: `kernels1` and `kernels2` on one and two threads, `tensorflow` on the
 * first backend that loads (`backend`; `skipped` says why not another). `ratio` is tensorflow / kernels2, `engine` the
 * faster one over all sizes: what the default should be on this machine.
 */
import { parseArgs } from 'node:util';

import { distinctInteractions, type DistinctInteractions } from '../src/ml/core/interactions.js';
import { createRandom, drawBelow } from '../src/ml/core/random.js';
import { denseParts, rowWidth, type NeuMFWeights } from '../src/ml/kernels/neumf-network.js';
import { NeuMFTrainer, type StartNeuMFTraining } from '../src/ml/kernels/neumf-trainer.js';
import { TENSORFLOW_BACKENDS, type TensorFlowBackendName } from '../src/ml/tensorflow/backend-names.js';
import { loadTensorFlow } from '../src/ml/tensorflow/backends.js';
import { WasmKernelRuntime } from '../src/platform/wasm/wasm-kernel-runtime.js';
import { findData } from './support/data.js';
import { readMovieLens } from './support/movielens.js';
import { report, round, say } from './support/report.js';

const LAYERS = [64, 32, 16, 8];
const NEGATIVES = 4;
const kernels = new WasmKernelRuntime();
const onKernels: StartNeuMFTraining = async (runtime, options) => NeuMFTrainer.create(runtime, options);

const { values } = parseArgs({
  options: {
    factors: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '4' },
    batches: { type: 'string', default: '256,4096,16384,65536' },
    backend: { type: 'string' },
  },
});
const factors = Number(values.factors);
const seconds = Number(values.seconds);
const batchSizes = values.batches.split(',').map(Number);

/** Samples a second over about `seconds`: parts of an epoch, cut at rows so that slow engines end too. */
async function measure(
  start: StartNeuMFTraining,
  { positives, batchSize, threads }: { positives: DistinctInteractions; batchSize: number; threads: number },
): Promise<number> {
  const shape = { userCount: positives.userCount, itemCount: positives.itemCount, factors, layers: LAYERS };
  const settings = {
    batchSize,
    negatives: NEGATIVES,
    learningRate: 0.001,
    regularization: 0,
    threads,
    seed: 1,
  };
  const speedOf = async (rows: number): Promise<number> => {
    const part = firstRows(positives, rows);
    const training = await start(kernels, {
      ...settings,
      shape,
      positives: part,
      weights: drawWeights(shape),
    });
    const warm = await training.trainEpoch(1);
    const startedAt = performance.now();
    const { samples } = await training.trainEpoch(2);
    const elapsed = (performance.now() - startedAt) / 1000;
    await training.close();
    if (warm.samples !== samples) throw new Error('Two epochs of the same rows differ in length.');
    return samples / elapsed;
  };
  // a first estimate on few rows, then as many as fill the time
  const few = Math.min(positives.users.length, Math.max(2000, Math.ceil(batchSize / (1 + NEGATIVES))));
  const estimate = await speedOf(few);
  const rows = Math.floor((estimate * seconds) / (1 + NEGATIVES));
  return rows <= few ? estimate : speedOf(Math.min(positives.users.length, rows));
}

function firstRows(positives: DistinctInteractions, count: number): DistinctInteractions {
  const { userCount, itemCount, users, items, timestamps, offsets } = positives;
  return {
    userCount,
    itemCount,
    users: users.slice(0, count),
    items: items.slice(0, count),
    timestamps: timestamps.slice(0, count),
    offsets: offsets.map((offset) => Math.min(offset, count)),
  };
}

function drawWeights(shape: Parameters<typeof denseParts>[0]): NeuMFWeights {
  const random = createRandom(1);
  const draw = (length: number): Float32Array => new Float32Array(length).map(() => 0.1 * (random() - 0.5));
  const width = rowWidth(shape);
  return {
    users: draw(shape.userCount * width),
    items: draw(shape.itemCount * width),
    dense: draw(denseParts(shape).length),
  };
}

/** MovieLens-1M, or as many users, items and rows drawn at random. */
async function readPositives(): Promise<{ positives: DistinctInteractions; source: string }> {
  const folder = findData('movielens1m_ncf');
  if (folder !== undefined) {
    return { positives: await distinctInteractions(readMovieLens(folder).training), source: 'MovieLens-1M' };
  }
  const random = createRandom(2);
  const [userCount, itemCount, rowCount] = [6040, 3706, 1_000_000];
  const positives = await distinctInteractions({
    userCount,
    itemCount,
    users: Int32Array.from({ length: rowCount }, () => drawBelow(random, userCount)),
    items: Int32Array.from({ length: rowCount }, () => Math.floor(itemCount * random() ** 2)),
    timestamps: new Float64Array(rowCount),
  });
  return { positives, source: 'random data of the shape of MovieLens-1M' };
}

function readBackends(): readonly TensorFlowBackendName[] {
  if (values.backend === undefined) return TENSORFLOW_BACKENDS;
  const known = TENSORFLOW_BACKENDS.filter((name) => name === values.backend);
  if (known.length === 0) throw new Error(`--backend must be one of ${TENSORFLOW_BACKENDS.join(', ')}.`);
  return known;
}

const { positives, source } = await readPositives();
const { backend, skipped } = await loadTensorFlow(readBackends());
for (const { name, reason } of skipped) say(`${name} ${reason}`);
say(`TensorFlow.js on ${backend.name}, ${backend.usesGpu ? 'with a GPU' : 'without a GPU'}; ${source}`);
const rows: { batch: number; kernels1: number; kernels2: number; tensorflow: number; ratio: number }[] = [];
for (const batchSize of batchSizes) {
  const kernels1 = await measure(onKernels, { positives, batchSize, threads: 1 });
  const kernels2 = await measure(onKernels, { positives, batchSize, threads: 2 });
  const tensorflow = await measure(backend.startNeuMFTraining, { positives, batchSize, threads: 1 });
  rows.push({
    batch: batchSize,
    kernels1: round(kernels1),
    kernels2: round(kernels2),
    tensorflow: round(tensorflow),
    ratio: round(tensorflow / kernels2, 3),
  });
  say(
    `batch ${batchSize}: kernels ${round(kernels1 / 1000)} k/s, on two threads ${round(kernels2 / 1000)} k/s, ` +
      `TensorFlow.js ${round(tensorflow / 1000, 1)} k/s`,
  );
}
const best = (name: 'kernels2' | 'tensorflow'): number => Math.max(...rows.map((row) => row[name]));
const engine = best('tensorflow') > best('kernels2') ? 'tensorflow' : 'wasm-kernels';
say(
  `${engine} is the faster one here${backend.usesGpu ? '' : '; no GPU took part, so this says nothing of one'}`,
);
report({ engine, backend: backend.name, gpu: backend.usesGpu, skipped, factors, source, rows });
