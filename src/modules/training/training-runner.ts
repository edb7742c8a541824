import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';

import { ArtifactStore } from '../../ports/artifact-store.js';
import { Notifications } from '../../ports/notifications.js';
import { SnapshotStore } from '../../ports/snapshot-store.js';
import {
  Trainer,
  TrainingRefusedError,
  type TrainingEngine,
  type TrainingOutcome,
} from '../../ports/trainer.js';
import { SHUTDOWN } from '../../ports/training-queue.js';
import { InteractionRepository } from './interaction.repository.js';
import { LeaseLostError, TrainingLeaseRepository, type Lease } from './training-lease.repository.js';
import { TrainingProgressMeter } from './training-progress-meter.js';
import type { ProgressDetail, TrainingJob } from './training.types.js';

const BEAT_MS = 1_000;
const CANCELLED = Symbol('cancelled');

/** Takes one job through data, training, evaluation and registration. */
@Injectable()
export class TrainingRunner {
  private readonly logger = new Logger(TrainingRunner.name);

  constructor(
    private readonly leases: TrainingLeaseRepository,
    private readonly interactions: InteractionRepository,
    private readonly snapshots: SnapshotStore,
    private readonly artifacts: ArtifactStore,
    private readonly trainer: Trainer,
    private readonly notifications: Notifications,
  ) {}

  /**
   * Runs the job to its end. A job that has ended already is left alone.
   *
   * @throws SHUTDOWN when `shutdown` aborts: the job is back in the queue. Whatever the database throws: the
   * job is as it was, and its lease runs out.
   */
  async run(jobId: string, shutdown: AbortSignal): Promise<void> {
    const lease: Lease = { jobId, token: randomUUID() };
    const job = await this.leases.claim(lease);
    if (!job) return;

    const stop = new AbortController();
    const endWatch = this.watch(lease, stop, shutdown);
    try {
      await this.train(job, lease, stop.signal);
    } catch (error) {
      await this.settle(lease, stop.signal.aborted ? stop.signal.reason : error);
    } finally {
      endWatch();
    }
    await this.artifacts.discard(jobId);
  }

  private async train(job: TrainingJob, lease: Lease, signal: AbortSignal): Promise<void> {
    if (job.isCancelRequested) throw CANCELLED;
    const { modelId } = job;
    if (modelId === undefined) {
      throw new TrainingRefusedError('training-model-removed', 'The model version of the job was deleted.');
    }
    const snapshotHash = await this.takeSnapshot(job, modelId, signal);
    await this.leases.startTraining(lease, modelId, snapshotHash);
    const outcome = await this.fit(job, lease, { snapshotHash, modelId, signal });
    signal.throwIfAborted();
    await this.artifacts.register(lease.jobId, modelId);
    await this.leases.complete(lease, { modelId, snapshotHash, ...outcome });
    this.logger.log(`Job ${job.id} trained ${job.modelType} ${modelId}.`);
  }

  /** A resumed job goes on with the data it began with, or its checkpoint would not fit. */
  private async takeSnapshot({ config }: TrainingJob, modelId: string, signal: AbortSignal): Promise<string> {
    const known = await this.leases.snapshotHash(modelId);
    if (known !== undefined && (await this.isWhole(known))) return known;
    const snapshot = await this.interactions.read(config.sources, signal);
    if (snapshot.interactions.users.length === 0) {
      throw new TrainingRefusedError(
        'no-training-data',
        `There are no interactions of the kinds ${config.sources.join(', ')}.`,
      );
    }
    return this.snapshots.write(snapshot);
  }

  private async isWhole(hash: string): Promise<boolean> {
    return this.snapshots.read(hash).then(
      () => true,
      () => false,
    );
  }

  private async fit(
    { id, modelType, config, trials }: TrainingJob,
    lease: Lease,
    { snapshotHash, modelId, signal }: { snapshotHash: string; modelId: string; signal: AbortSignal },
  ): Promise<TrainingOutcome & { readonly progress: ProgressDetail }> {
    const warn = (error: Error): void =>
      this.logger.warn(`Progress of job ${id} was not saved: ${error.message}`);
    const writes = new LatestOnly(warn);
    const trialWrites = new LatestOnly(warn);
    const meter = new TrainingProgressMeter(config.search, () => performance.now());
    let engine: TrainingEngine | undefined;
    let progress: ProgressDetail = {};
    const outcome = await this.trainer.run(
      {
        jobId: id,
        modelType,
        snapshotHash,
        hyperparameters: config.hyperparameters,
        seed: config.seed,
        threads: config.threads,
        // jobs from before there was a choice have none
        engine: config.engine ?? 'auto',
        search: config.search,
        finishedTrials: trials?.filter(({ state }) => state !== 'running'),
      },
      {
        signal,
        onEvent: (event) => {
          if (event.kind === 'engine') {
            engine = event.engine;
            progress = { ...progress, engine };
            this.logger.log(`Job ${id} trains on ${describeEngine(engine)}`);
            return;
          }
          if (event.kind === 'validating') {
            writes.add(async () => this.leases.startValidating(lease, modelId));
            return;
          }
          if (event.kind === 'trials') {
            trialWrites.add(async () => this.leases.saveTrials(lease, event.trials));
            return;
          }
          const { percent, detail } = meter.read(event.progress, event.trial);
          progress = { ...detail, engine };
          writes.add(async () => this.leases.saveProgress(lease, percent, { ...detail, engine }));
        },
      },
    );
    await writes.done();
    await trialWrites.done();
    return { ...outcome, progress };
  }

  /** Beats for the lease, and stops the work when it is cancelled, lost or the worker shuts down. */
  private watch(lease: Lease, stop: AbortController, shutdown: AbortSignal): () => void {
    const onShutdown = (): void => stop.abort(SHUTDOWN);
    if (shutdown.aborted) onShutdown();
    shutdown.addEventListener('abort', onShutdown, { once: true });
    const beat = (): void => {
      this.leases.beat(lease).then(
        (isCancelled) => isCancelled && stop.abort(CANCELLED),
        (error: Error) => {
          if (error instanceof LeaseLostError) stop.abort(error);
          else this.logger.warn(`Job ${lease.jobId}: ${error.message}`);
        },
      );
    };
    const timer = setInterval(beat, BEAT_MS);
    const unsubscribe = this.notifications.subscribe(({ topic, id }) => {
      if (topic === 'cancel' && id === lease.jobId) beat();
    });
    return () => {
      clearInterval(timer);
      unsubscribe();
      shutdown.removeEventListener('abort', onShutdown);
    };
  }

  private async settle(lease: Lease, reason: unknown): Promise<void> {
    if (reason === SHUTDOWN) {
      await this.leases.giveBack(lease);
      throw SHUTDOWN;
    }
    if (reason === CANCELLED) return this.leases.cancel(lease);
    if (reason instanceof LeaseLostError) throw reason;
    const message = reason instanceof Error ? reason.message : String(reason);
    this.logger.error(`Job ${lease.jobId} failed: ${message}`);
    const code = reason instanceof TrainingRefusedError ? reason.code : 'training-fault';
    await this.leases.fail(lease, { code, message });
  }
}

/** Runs writes one after the other; of those that wait only the latest matters. */
class LatestOnly {
  private next: (() => Promise<void>) | undefined;
  private active: Promise<void> | undefined;

  constructor(private readonly onError: (error: Error) => void) {}

  add(write: () => Promise<void>): void {
    this.next = write;
    this.active ??= this.drain();
  }

  async done(): Promise<void> {
    await this.active;
  }

  private async drain(): Promise<void> {
    while (this.next) {
      const write = this.next;
      this.next = undefined;
      await write().catch(this.onError);
    }
    this.active = undefined;
  }
}

function describeEngine({ name, backend, reason, skipped = [] }: TrainingEngine): string {
  const others = skipped.map((other) => ` ${other.name} ${other.reason}.`).join('');
  return `${backend === undefined ? name : `${name} (${backend})`}: ${reason}${others}`;
}
