import { setTimeout as sleep } from 'node:timers/promises';

import { DemoService } from '../../src/modules/demo/demo.service.js';
import type { TestApp } from './test-app.js';

/** A job as the API shows it. */
export interface JobView {
  readonly id: string;
  readonly modelId: string;
  readonly status: string;
  readonly progress: number;
  readonly attempt: number;
  readonly position?: number;
  readonly progressDetail: Readonly<Record<string, number>>;
  readonly engine?: {
    readonly name: string;
    readonly backend?: string;
    readonly reason: string;
    readonly skipped?: readonly { readonly name: string; readonly reason: string }[];
  };
  readonly trials?: readonly {
    readonly number: number;
    readonly state: string;
    readonly hyperparameters: Readonly<Record<string, unknown>>;
    readonly ndcg10?: number;
    readonly hr10?: number;
    readonly seconds: number;
    readonly epochs: number;
    readonly curve: readonly number[];
    readonly isChosen?: boolean;
  }[];
  readonly metrics?: Readonly<Record<string, number>>;
  readonly error?: { readonly code: string; readonly message: string };
  readonly config: { readonly hyperparameters: Readonly<Record<string, unknown>>; readonly seed: number };
  readonly transitions?: readonly { readonly status: string; readonly reason?: string }[];
}

const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED'];
const DEADLINE_MS = 110_000;

/** Fills the database with a small simulated marketplace that ends at the last midnight. */
export async function seedSmallMarketplace({ app }: TestApp): Promise<void> {
  await app
    .get(DemoService, { strict: false })
    .seed({ farms: 8, products: 60, customers: 120, orderLines: 4000, years: 1, seed: 7 });
}

/** Starts a training over HTTP. */
export async function startTraining(app: TestApp, config: object = {}): Promise<JobView> {
  const response = await app.post(
    '/api/ml/training',
    { modelType: 'NEURAL_COLLABORATIVE_FILTERING', config },
    { token: await app.token('admin') },
  );
  if (response.status !== 202) throw new Error(`The training was not started: ${response.text}`);
  return response.body.data as JobView;
}

/** Polls a job until `isReached`, or its end when it is not given. */
export async function waitForJob(
  app: TestApp,
  jobId: string,
  isReached: (job: JobView) => boolean = ({ status }) => ENDED.includes(status),
): Promise<JobView> {
  const token = await app.token('admin');
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const { body } = await app.get(`/api/ml/training/${jobId}`, { token });
    const job = body.data as JobView;
    if (isReached(job)) return job;
    if (Date.now() > deadline) throw new Error(`Job ${jobId} is still ${job.status} at ${job.progress} %.`);
    await sleep(25);
  }
}

/** Polls until `isTrue`. */
export async function waitUntil(isTrue: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await sleep(25);
  }
}
