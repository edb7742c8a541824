/**
 * What does an answer cost, in a small shop and in one of a million products, alone and while batches run?
 *
 * npm run bench -- serving [--items 1000000]
 *
 * `p50Ms4k`, `p50Ms50k`: filter marks, scores of all products by a NeuMF of the default size, and the best 100 that
 * are allowed, at 4,000 and 50,000 products (which the index would take over, and here does not). `batch100x4kMs`: the
 * same for 100 users on the threads of the pool, and `batch100x4kCpuMs` its processor time on all of them; `p99SingleWhileBatchMs` and `p99SingleAloneMs`: single requests, one
 * every 2 ms, from the moment they were due, with and without batches one after the other.
 * `p50Ms1m`, `p99Ms1m`, `recall1m`: the best 100 of a million by an index over taste vectors of width 64 (drawn, see
 * support/taste-model.ts: there is no public data of that size), a quarter of the requests filtered by category or certificate;
 * recall against all products scored. `indexMb1m` is what the index takes beside the vectors, `catalogMb1m` the
 * catalogue, `mbAt1m` both.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { topK } from '../src/ml/math/top-k.js';
import { planRetrieval } from '../src/ml/retrieval/model-retriever.js';
import type { CatalogFilter, CatalogIndex } from '../src/modules/inference/catalog-index.js';
import type { LoadedRecommender } from '../src/modules/inference/loaded-recommender.js';
import { PooledCandidates } from '../src/modules/inference/pooled-candidates.js';
import { WorkerScoringPool } from '../src/platform/scoring/worker-scoring-pool.js';
import { WasmKernelRuntime } from '../src/platform/wasm/wasm-kernel-runtime.js';
import { catalogOf, load, network } from './support/serving-fixture.js';
import { report, round, say } from './support/report.js';
import { drawTasteModel } from './support/taste-model.js';

const COUNT = 100;
const USERS = 500;
const BATCH = 100;
const BATCHES = 15;
const DUE_EVERY_MS = 2;
const EVERYTHING: CatalogFilter = {
  categories: [],
  organicOnly: false,
  biodynamicOnly: false,
  inSeasonOnly: true,
  day: '2026-06-15',
};
const FILTERS: readonly CatalogFilter[] = [
  ...Array.from({ length: 6 }, () => EVERYTHING),
  { ...EVERYTHING, categories: ['FRUITS'] },
  { ...EVERYTHING, organicOnly: true },
];

const kernels = new WasmKernelRuntime();
const { values } = parseArgs({ options: { items: { type: 'string', default: '1000000' } } });

let room = new Uint8Array();

function ask(recommender: LoadedRecommender, catalog: CatalogIndex, user: number, filter = EVERYTHING) {
  if (room.length < catalog.marksLength) room = new Uint8Array(catalog.marksLength);
  return recommender.candidates(catalog, { user, forbidden: catalog.forbidden(filter, room), count: COUNT });
}

function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN, 3);
}

function timesOf(recommender: LoadedRecommender, catalog: CatalogIndex): number[] {
  return Array.from({ length: 2 * USERS }, (_, i) => {
    const startedAt = performance.now();
    ask(recommender, catalog, i % USERS);
    return performance.now() - startedAt;
  }).slice(USERS);
}

/** Answers single requests until `work` is done; latencies from the moment each was due. */
async function singlesDuring(
  recommender: LoadedRecommender,
  catalog: CatalogIndex,
  work: Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  const state = { isDone: false };
  void work.finally(() => {
    state.isDone = true;
  });
  for (let dueAt = performance.now(); !state.isDone; dueAt += DUE_EVERY_MS) {
    const wait = dueAt - performance.now();
    // a timer is never early, and up to a millisecond late, which counts
    if (wait > 0) await sleep(wait);
    else await new Promise(setImmediate);
    ask(recommender, catalog, times.length % USERS);
    times.push(performance.now() - dueAt);
  }
  return times;
}

async function measureBatches(recommender: LoadedRecommender, catalog: CatalogIndex) {
  const pool = new WorkerScoringPool(2);
  const pooled = new PooledCandidates(pool);
  const batch = async (first: number): Promise<number> => {
    const startedAt = performance.now();
    const found: Promise<unknown>[] = [];
    for (let i = 0; i < BATCH; i += 1) {
      const forbidden = catalog.forbidden(EVERYTHING);
      found.push(pooled.find(recommender, catalog, { user: (first + i) % USERS, forbidden, count: COUNT }));
      // as PredictionsService does
      if (i % 8 === 7) await new Promise(setImmediate);
    }
    await Promise.all(found);
    return performance.now() - startedAt;
  };
  const batches = async (): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < BATCHES; i += 1) times.push(await batch(i * BATCH));
    return times;
  };
  await batch(0); // starts the threads
  const before = process.cpuUsage();
  const alone = await batches();
  const { user, system } = process.cpuUsage(before);
  const calm = await singlesDuring(recommender, catalog, sleep(1000));
  const busy = batches();
  const during = await singlesDuring(recommender, catalog, busy);
  await pool.close();
  return {
    batch100x4kMs: quantile(alone, 0.5),
    batch100x4kCpuMs: round((user + system) / 1000 / BATCHES, 1),
    batchWhileSinglesMs: quantile(await busy, 0.5),
    p99SingleAloneMs: quantile(calm, 0.99),
    p99SingleWhileBatchMs: quantile(during, 0.99),
  };
}

function memoryMb(): number {
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return (heapUsed + Math.max(external, arrayBuffers)) / 2 ** 20;
}

async function measureLarge(itemCount: number) {
  const before = memoryMb();
  const catalog = catalogOf(itemCount);
  const catalogMb = memoryMb() - before;
  say(`the catalogue of ${itemCount} products takes ${round(catalogMb)} MB`);
  const model = drawTasteModel({ itemCount, userCount: USERS, width: 64, seed: 1 });
  const recommender = load('TASTE', model, model.save());
  await recommender.align(catalog);
  const startedAt = performance.now();
  const plan = await planRetrieval(model, { kernels, seed: 1 });
  const buildSeconds = (performance.now() - startedAt) / 1000;
  const { codes, scales, items, centers, offsets } = plan.book;
  const bytes = [codes, scales, items, centers, offsets].reduce((sum, { byteLength }) => sum + byteLength, 0);
  say(
    `the index was built in ${round(buildSeconds, 1)} s, recall ${round(plan.recall, 4)}, ` +
      `looks at ${round(100 * plan.book.lookedAt, 1)} %`,
  );
  await recommender.useIndex(plan, kernels, catalog);
  let found = 0;
  const times: number[] = [];
  const scores = new Float32Array(itemCount);
  const filterOf = (user: number): CatalogFilter => FILTERS[user % FILTERS.length]!;
  for (let i = 0; i < 3 * USERS; i += 1) {
    const user = i % USERS;
    const start = performance.now();
    ask(recommender, catalog, user, filterOf(user));
    times.push(performance.now() - start);
    await new Promise(setImmediate);
  }
  for (let user = 0; user < USERS; user += 5) {
    const { products } = ask(recommender, catalog, user, filterOf(user));
    // products and items have the same order here
    const mask = catalog.forbidden(filterOf(user), room);
    const exact = new Set(topK(model.scoreAll(user, scores), COUNT, mask).indices);
    found += products.filter((product) => exact.has(product)).length / exact.size;
  }
  return {
    p50Ms1m: quantile(times.slice(USERS), 0.5),
    p99Ms1m: quantile(times.slice(USERS), 0.99),
    recall1m: round(found / (USERS / 5), 4),
    lookedAt1m: round(plan.book.lookedAt, 3),
    indexBuildSeconds1m: round(buildSeconds, 1),
    indexMb1m: round(bytes / 2 ** 20),
    catalogMb1m: round(catalogMb),
    mbAt1m: round(catalogMb + bytes / 2 ** 20),
    items: itemCount,
  };
}

say('4,000 products …');
const small = await network(kernels, USERS, 4000);
const smallCatalog = catalogOf(4000);
const p50Ms4k = quantile(timesOf(small, smallCatalog), 0.5);
const batches = await measureBatches(small, smallCatalog);
say(`p50 ${p50Ms4k} ms; batch of 100 ${batches.batch100x4kMs} ms`);
say('50,000 products …');
const p50Ms50k = quantile(timesOf(await network(kernels, USERS, 50_000), catalogOf(50_000)), 0.5);
say(`p50 ${p50Ms50k} ms`);
const large = await measureLarge(Number(values.items));
report({ p50Ms4k, p50Ms50k, ...large, ...batches });
