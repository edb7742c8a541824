import { Injectable } from '@nestjs/common';

import type { MetricReport } from '../../ml/core/learner.js';
import type { Hyperparameters, Trial } from '../../ml/search/trial.js';
import { Database } from '../../platform/database/database.js';
import { recordTransition, toJob, type JobRow } from './training.repository.js';
import { RUNNING, type ProgressDetail, type TrainingFailure, type TrainingJob } from './training.types.js';

/** A running job in the hands of one worker. */
export interface Lease {
  readonly jobId: string;
  readonly token: string;
}

/** The worker no longer holds the job: another one took it over, or it ended. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

export interface TrainedVersion {
  readonly modelId: string;
  readonly metrics: MetricReport;
  readonly artifactHash: string;
  readonly snapshotHash: string;
  /** How far it was when it ended. */
  readonly progress: ProgressDetail;
  /** What a search chose. */
  readonly hyperparameters?: Hyperparameters | undefined;
}

/** What a worker may do to the job that it holds; every write checks the lease. */
@Injectable()
export class TrainingLeaseRepository {
  constructor(private readonly database: Database) {}

  /** Takes a job over, waiting or left behind by a dead worker. @returns undefined when it has ended. */
  async claim({ jobId, token }: Lease): Promise<TrainingJob | undefined> {
    return this.database.transaction(async (client) => {
      const { rows } = await client.query<JobRow>(
        `UPDATE ml_training_jobs SET status = 'PREPARING_DATA', lease_token = $2,
           started_at = coalesce(started_at, now()), updated_at = now()
         WHERE id = $1 AND (status = 'QUEUED' OR status = ANY($3::ml_training_job_status[])) RETURNING *`,
        [jobId, token, RUNNING],
      );
      if (!rows[0]) return undefined;
      await client.query("UPDATE ml_models SET status = 'TRAINING', updated_at = now() WHERE id = $1", [
        rows[0].model_id,
      ]);
      await recordTransition(client, jobId, 'PREPARING_DATA');
      return toJob(rows[0]);
    });
  }

  /** Says that the worker lives. @returns Whether somebody asked to cancel. @throws LeaseLostError */
  async beat({ jobId, token }: Lease): Promise<boolean> {
    const { rows } = await this.database.pool.query<{ cancelled: boolean }>(
      `UPDATE ml_training_jobs SET updated_at = now() WHERE id = $1 AND lease_token = $2
       RETURNING cancel_at IS NOT NULL AS cancelled`,
      [jobId, token],
    );
    if (!rows[0]) throw new LeaseLostError(`Another worker holds job ${jobId}.`);
    return rows[0].cancelled;
  }

  async saveProgress({ jobId, token }: Lease, progress: number, detail: ProgressDetail): Promise<void> {
    await this.database.pool.query(
      `WITH saved AS (
         UPDATE ml_training_jobs SET progress = $3, progress_detail = $4, updated_at = now()
         WHERE id = $1 AND lease_token = $2 RETURNING id
       )
       SELECT pg_notify('almanac', 'job:' || id) FROM saved`,
      [jobId, token, progress, detail],
    );
  }

  /** Keeps the trials of a search: a job that is taken over goes on after them. */
  async saveTrials({ jobId, token }: Lease, trials: readonly Trial[]): Promise<void> {
    await this.database.pool.query(
      `WITH saved AS (
         UPDATE ml_training_jobs SET trials = $3, updated_at = now() WHERE id = $1 AND lease_token = $2 RETURNING id
       )
       SELECT pg_notify('almanac', 'job:' || id) FROM saved`,
      // the driver would write an array as one of PostgreSQL's
      [jobId, token, JSON.stringify(trials)],
    );
  }

  /** Which snapshot a job that is resumed was begun with. */
  async snapshotHash(modelId: string): Promise<string | undefined> {
    const { rows } = await this.database.pool.query<{ snapshot_hash: string | null }>(
      'SELECT snapshot_hash FROM ml_models WHERE id = $1',
      [modelId],
    );
    return rows[0]?.snapshot_hash ?? undefined;
  }

  async startTraining(lease: Lease, modelId: string, snapshotHash: string): Promise<void> {
    await this.database.transaction(async (client) => {
      await this.move(client, lease, 'TRAINING');
      await client.query('UPDATE ml_models SET snapshot_hash = $2 WHERE id = $1', [modelId, snapshotHash]);
    });
  }

  async startValidating(lease: Lease, modelId: string): Promise<void> {
    await this.database.transaction(async (client) => {
      await this.move(client, lease, 'VALIDATING');
      await client.query("UPDATE ml_models SET status = 'EVALUATING', updated_at = now() WHERE id = $1", [
        modelId,
      ]);
    });
  }

  /** Ends the job and registers its version, both or neither. @throws LeaseLostError */
  async complete(
    lease: Lease,
    { modelId, metrics, artifactHash, snapshotHash, progress, hyperparameters }: TrainedVersion,
  ): Promise<void> {
    await this.database.transaction(async (client) => {
      await this.move(client, lease, 'COMPLETED');
      await client.query(
        `UPDATE ml_training_jobs SET progress = 100, metrics = $2, progress_detail = progress_detail || $3::jsonb,
           completed_at = now() WHERE id = $1`,
        // the last word of its progress may have been overtaken
        [lease.jobId, metrics, progress],
      );
      await client.query(
        `UPDATE ml_models SET status = 'TRAINED', metrics = $2, artifact_hash = $3, snapshot_hash = $4,
           config = config || $5::jsonb, trained_at = now(), updated_at = now() WHERE id = $1`,
        [modelId, metrics, artifactHash, snapshotHash, { hyperparameters }],
      );
    });
  }

  async fail(lease: Lease, failure: TrainingFailure): Promise<void> {
    await this.end(lease, 'FAILED', failure);
  }

  async cancel(lease: Lease): Promise<void> {
    await this.end(lease, 'CANCELLED', undefined);
  }

  /** Gives the job back to the queue, to be taken by another worker. */
  async giveBack(lease: Lease): Promise<void> {
    await this.database.transaction(async (client) => {
      await this.move(client, lease, 'QUEUED', 'the worker was stopped');
      await client.query('UPDATE ml_training_jobs SET lease_token = NULL WHERE id = $1', [lease.jobId]);
    });
  }

  private async end(
    lease: Lease,
    status: 'FAILED' | 'CANCELLED',
    failure: TrainingFailure | undefined,
  ): Promise<void> {
    await this.database.transaction(async (client) => {
      await this.move(client, lease, status, failure?.message);
      const { rows } = await client.query<{ model_id: string | null }>(
        `UPDATE ml_training_jobs SET error = $2, completed_at = now() WHERE id = $1 RETURNING model_id`,
        [lease.jobId, failure],
      );
      await client.query("UPDATE ml_models SET status = 'FAILED', updated_at = now() WHERE id = $1", [
        rows[0]?.model_id,
      ]);
    });
  }

  private async move(
    client: Parameters<typeof recordTransition>[0],
    { jobId, token }: Lease,
    status: TrainingJob['status'],
    reason?: string,
  ): Promise<void> {
    const { rowCount } = await client.query(
      'UPDATE ml_training_jobs SET status = $3, updated_at = now() WHERE id = $1 AND lease_token = $2',
      [jobId, token, status],
    );
    if (rowCount === 0) throw new LeaseLostError(`Another worker holds job ${jobId}.`);
    await recordTransition(client, jobId, status, reason);
  }
}
