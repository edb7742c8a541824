import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

import {
  seedSmallMarketplace,
  startTraining,
  waitForJob,
  waitUntil,
  type JobView,
} from '../support/small-marketplace.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Some 10 s on a slow core: long enough to be interrupted, with checkpoints on the way. */
const LONG = { hyperparameters: { epochs: 200, factors: 64, layers: [256, 64], batchSize: 64 } };

describe('a training whose processes die', () => {
  let app: TestApp;
  let folder: string;
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-crash-'));
    app = await startTestApp({
      ALMANAC_ROLE: 'api',
      ALMANAC_DATA: join(folder, 'data'),
      ML_MODELS_DIR: join(folder, 'models'),
    });
    await seedSmallMarketplace(app);
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) {
      if (worker.exitCode !== null || worker.signalCode !== null) continue;
      worker.kill('SIGKILL');
      await once(worker, 'exit');
    }
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A worker as an operator would start it: a process of its own on the same database and folders. */
  const startWorker = (): ChildProcess => {
    const worker = spawn(process.execPath, ['dist/src/main.js'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ALMANAC_ROLE: 'worker',
        ALMANAC_TRAINER_NICE: '0',
        PORT: '0',
        DATABASE_URL: app.config.databaseUrl,
        ALMANAC_DATA: app.config.dataDirectory,
        ML_MODELS_DIR: app.config.modelsDirectory,
        ALMANAC_LOG_LEVEL: 'fatal',
      },
    });
    workers.push(worker);
    return worker;
  };
  const trainerOf = async (worker: ChildProcess): Promise<number> => {
    const children = await readFile(`/proc/${worker.pid}/task/${worker.pid}/children`, 'utf8');
    for (const child of children.trim().split(' ').map(Number)) {
      if ((await readFile(`/proc/${child}/cmdline`, 'utf8')).includes('trainer.js')) return child;
    }
    throw new Error(`Process ${worker.pid} has no trainer.`);
  };
  const hasCheckpoint = async (jobId: string): Promise<boolean> => {
    const names = await readdir(join(app.config.modelsDirectory, '.work', jobId)).catch(() => []);
    return names.some((name) => name.startsWith('checkpoint-'));
  };
  const isEpoch = (least: number) => (job: { readonly progressDetail: Readonly<Record<string, number>> }) =>
    (job.progressDetail['epoch'] ?? 0) >= least;

  it('goes on from its checkpoint with another worker after kill -9, and ends as if nothing had been', async () => {
    const undisturbed = startWorker();
    const reference = await waitForJob(app, (await startTraining(app, LONG)).id);
    undisturbed.kill('SIGKILL');

    const first = startWorker();
    const { id } = await startTraining(app, LONG);
    await waitUntil(async () => hasCheckpoint(id), 'there is a checkpoint');
    const before = await waitForJob(app, id, isEpoch(2));
    first.kill('SIGKILL');
    await once(first, 'exit');

    startWorker();
    const epochs: number[] = [];
    const job = await waitForJob(app, id, ({ status, progressDetail }) => {
      epochs.push(progressDetail['epoch'] ?? 0);
      return status === 'COMPLETED';
    });
    // it never went back to the beginning
    expect(Math.min(...epochs)).toBeGreaterThanOrEqual((before.progressDetail['epoch'] ?? 0) - 1);
    expect(job.transitions?.filter(({ status }) => status === 'COMPLETED')).toHaveLength(1);
    expect([job.metrics?.['hr10'], job.metrics?.['ndcg10']]).toEqual([
      reference.metrics?.['hr10'],
      reference.metrics?.['ndcg10'],
    ]);
    expect(await hasCheckpoint(id)).toBe(false);
  }, 120_000);

  it('keeps the trials that ended before kill -9, and chooses what it would have chosen', async () => {
    const search = {
      search: {
        trials: 6,
        space: { factors: [8, 16, 32], learningRate: { min: 0.001, max: 0.01, scale: 'log' } },
      },
      hyperparameters: { epochs: 8, batchSize: 64 },
    };
    const tried = ({ trials = [] }: JobView) => trials.filter(({ state }) => state !== 'running');
    const withoutSeconds = ({ trials = [] }: JobView) => trials.map((trial) => ({ ...trial, seconds: 0 }));
    const undisturbed = startWorker();
    const reference = await waitForJob(app, (await startTraining(app, search)).id);
    undisturbed.kill('SIGKILL');

    const first = startWorker();
    const { id } = await startTraining(app, search);
    await waitForJob(app, id, (job) => tried(job).length >= 2);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const kept = tried(await waitForJob(app, id, () => true));
    startWorker();
    const job = await waitForJob(app, id);
    // with their seconds: they were not tried again
    expect(job.trials?.slice(0, kept.length)).toMatchObject(kept);
    expect(withoutSeconds(job)).toEqual(withoutSeconds(reference));
    expect(job.metrics?.['ndcg10']).toBe(reference.metrics?.['ndcg10']);
  }, 180_000);

  it('goes back into the queue when its worker is told to stop', async () => {
    const worker = startWorker();
    const { id } = await startTraining(app, LONG);
    await waitForJob(app, id, isEpoch(1));
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    const job = await waitForJob(app, id, ({ status }) => status === 'QUEUED');
    expect(job).toMatchObject({ attempt: 1, position: 1 });
    expect(job.transitions?.at(-1)).toMatchObject({ status: 'QUEUED', reason: 'the worker was stopped' });

    startWorker();
    expect((await waitForJob(app, id)).status).toBe('COMPLETED');
  }, 120_000);

  it('fails in words when its trainer is killed, leaves no artifact, and can be tried again', async () => {
    const worker = startWorker();
    const { id, modelId } = await startTraining(app, LONG);
    await waitForJob(app, id, isEpoch(1));
    process.kill(await trainerOf(worker), 'SIGKILL');
    const job = await waitForJob(app, id);
    expect(job).toMatchObject({
      status: 'FAILED',
      error: { code: 'training-fault', message: 'The trainer process ended with SIGKILL.' },
    });
    expect(await readdir(app.config.modelsDirectory)).not.toContain(modelId);

    const token = await app.token('admin');
    await app.put('/api/ml/training', { jobId: id, action: 'retry' }, { token });
    expect(await waitForJob(app, id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  }, 120_000);

  it('runs on exactly one of three workers', async () => {
    for (let count = 0; count < 3; count += 1) startWorker();
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      ids.push((await startTraining(app, { hyperparameters: { epochs: 5 }, seed: count })).id);
    }
    for (const id of ids) {
      const { status, transitions } = await waitForJob(app, id);
      expect(status).toBe('COMPLETED');
      expect(transitions?.filter((step) => step.status === 'PREPARING_DATA')).toHaveLength(1);
    }
  }, 120_000);
});
