/**
 * What does a request for a prediction cost?
 *
 * npm run bench -- http [--products 4000] [--seconds 8]
 *
 * The whole service (JWT, validation, cache, log of predictions in PostgreSQL) against a bare Fastify route
 * that reads the same body and writes an answer of the same size. `ratioToBareFastify` compares the
 * processor time that one request takes of its server while both answer 3,000 requests a second: how many
 * requests one core could answer. At the same rate, because a server that is asked as fast as it answers
 * pays less for waking its client up. Rounds of both alternate, and the median of their ratios is reported;
 * `throughputRatio` is what 16 connections got out of each, client and PostgreSQL sharing the cores.
 * Latencies are those of an open loop in this process at 1,000 requests a second, from the moment a request
 * was due, with the coarseness of its timer (1 ms) in them.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import autocannon from 'autocannon';

import { openLoop, type OpenLoopResult } from './support/open-loop.js';
import type { ProcessorTime, ServerReady } from './support/http-server.js';
import { report, say } from './support/report.js';

const ROUNDS = 7;
const CONNECTIONS = 16;
const RATE = 1000;
const COMPARED_RATE = 3000;
const UNCACHED_REQUESTS = 1000;
const PATH = '/api/ml/predictions';

interface Server extends ServerReady {
  readonly process: ChildProcess;
}

interface Round {
  readonly requestsPerSecond: number;
  /** Processor time a request. */
  readonly microseconds: number;
}

const { values } = parseArgs({
  options: { products: { type: 'string', default: '4000' }, seconds: { type: 'string', default: '8' } },
});
const seconds = Number(values.seconds);

say(`Starting Almanac with ${values.products} products, and training its model …`);
const almanac = await start('almanac', '{}', values.products);
try {
  const p50UncachedMs = await measureUncached(almanac);
  const input = {
    type: 'recommendation',
    input: { userId: 'user-1', preferences: { categories: ['VEGETABLES', 'FRUITS'] } },
  };
  const sample = await ask(almanac, input);
  const bare = await start('bare', JSON.stringify(sample), '0');
  const rounds: Record<'almanac' | 'bare', Round[]> = { almanac: [], bare: [] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`Round ${round} of ${ROUNDS}: ${COMPARED_RATE} requests a second, then as many as get answered …`);
    rounds.bare.push(await compare(bare, input));
    rounds.almanac.push(await compare(almanac, input));
  }
  bare.process.kill('SIGTERM');
  const median = (figure: (almanacRound: Round, bareRound: Round) => number): number => {
    // both lists hold one entry a round
    const sorted = rounds.almanac
      .map((round, index) => figure(round, rounds.bare[index]!))
      .sort((x, y) => x - y);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };

  say(`Cached answers at ${RATE} requests a second …`);
  const calm = await measureLatency(almanac, input);
  say('The same while a training runs …');
  await startTraining(almanac);
  const training = await measureLatency(almanac, input);

  report({
    ratioToBareFastify: round3(median((ours, bareRound) => bareRound.microseconds / ours.microseconds)),
    throughputRatio: round3(
      median((ours, bareRound) => ours.requestsPerSecond / bareRound.requestsPerSecond),
    ),
    microsecondsPerRequest: Math.round(median((ours) => ours.microseconds)),
    microsecondsPerBareRequest: Math.round(median((_, bareRound) => bareRound.microseconds)),
    p50CachedMs: round3(calm.p50),
    p99CachedMs: round3(calm.p99),
    p50UncachedMs,
    p99WhileTrainingMs: round3(training.p99),
    products: Number(values.products),
    failures: calm.failures + training.failures,
  });
} finally {
  almanac.process.kill('SIGTERM');
  await once(almanac.process, 'exit');
}

async function start(kind: string, answer: string, products: string): Promise<Server> {
  const entry = fileURLToPath(new URL('support/http-server.js', import.meta.url));
  const child = fork(entry, [kind, answer, products], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [ready] = (await once(child, 'message')) as [ServerReady]; // its first message
  return { ...ready, process: child };
}

async function ask(
  { url, token }: Server,
  body: object,
): Promise<{ readonly meta: { readonly inferenceTimeMs: number; readonly cached: boolean } }> {
  const response = await fetch(url + PATH, {
    method: 'POST',
    headers: headersOf(token),
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as Awaited<ReturnType<typeof ask>>;
}

/** Each user once, so that no answer is in the cache. */
async function measureUncached(server: Server): Promise<number> {
  say(`${UNCACHED_REQUESTS} users that are not in the cache …`);
  const times: number[] = [];
  for (let user = 1; user <= UNCACHED_REQUESTS; user += 1) {
    const { meta } = await ask(server, { type: 'recommendation', input: { userId: `user-${user}` } });
    if (!meta.cached) times.push(meta.inferenceTimeMs);
  }
  return round3(times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN);
}

async function compare(server: Server, body: object): Promise<Round> {
  await load(server, body, COMPARED_RATE, 1); // warm
  const before = await processorTime(server);
  const { requests } = await load(server, body, COMPARED_RATE);
  const used = (await processorTime(server)) - before;
  const saturated = await load(server, body, undefined, 2);
  return { requestsPerSecond: saturated.requests.average, microseconds: used / requests.total };
}

async function load(
  { url, token }: Server,
  body: object,
  overallRate: number | undefined,
  duration = seconds,
) {
  return autocannon({
    url: url + PATH,
    method: 'POST',
    headers: headersOf(token),
    body: JSON.stringify(body),
    connections: CONNECTIONS,
    duration,
    ...(overallRate === undefined ? {} : { overallRate }),
  });
}

async function measureLatency({ url, token }: Server, body: object): Promise<OpenLoopResult> {
  const options = { url: url + PATH, headers: headersOf(token), body: JSON.stringify(body), rate: RATE };
  await openLoop({ ...options, seconds: 1 }); // warm
  return openLoop({ ...options, seconds });
}

async function processorTime({ process: child }: Server): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [ProcessorTime];
  return cpu;
}

async function startTraining({ url, token }: Server): Promise<void> {
  const hyperparameters = { epochs: 500, factors: 64 };
  const body = JSON.stringify({
    modelType: 'NEURAL_COLLABORATIVE_FILTERING',
    config: { hyperparameters, deployment: 'never' },
  });
  const response = await fetch(`${url}/api/ml/training`, { method: 'POST', headers: headersOf(token), body });
  const { data } = (await response.json()) as { readonly data: { readonly id: string } };
  for (let status = ''; status !== 'TRAINING';) {
    const job = await fetch(`${url}/api/ml/training/${data.id}`, { headers: headersOf(token) });
    ({ status } = ((await job.json()) as { readonly data: { readonly status: string } }).data);
  }
}

function headersOf(token: string): Record<string, string> {
  return { 'content-type': 'application/json', authorization: `Bearer ${token}` };
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
