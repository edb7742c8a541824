import { Injectable } from '@nestjs/common';
import type pg from 'pg';

import type { MetricReport } from '../../ml/core/learner.js';
import type { Trial } from '../../ml/search/trial.js';
import { Database } from '../../platform/database/database.js';
import {
  ENDED,
  RUNNING,
  type JobTransition,
  type ProgressDetail,
  type TrainingConfig,
  type TrainingFailure,
  type TrainingJob,
  type TrainingJobStatus,
} from './training.types.js';
import { TrainingQueueFullError } from './training.errors.js';

interface JobRow {
  readonly id: string;
  readonly model_type: string;
  readonly model_id: string | null;
  readonly status: TrainingJobStatus;
  readonly config: TrainingConfig;
  readonly progress: number;
  readonly progress_detail: ProgressDetail;
  readonly trials: readonly Trial[];
  readonly metrics: MetricReport | null;
  readonly error: TrainingFailure | null;
  readonly attempt: number;
  readonly requested_by: string | null;
  readonly cancel_at: Date | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
}

export interface NewTrainingJob {
  readonly modelType: string;
  readonly modelName: string;
  readonly config: TrainingConfig;
  readonly requestedBy: string;
}

/** How many may run and wait; a job that can start at once does not wait. */
export interface QueueLimits {
  readonly maxConcurrentJobs: number;
  readonly queueSize: number;
}

export interface JobFilter {
  readonly status?: TrainingJobStatus | undefined;
  readonly modelType?: string | undefined;
  readonly limit: number;
  readonly after?: { readonly createdAt: Date; readonly id: string } | undefined;
}

/** Any text that all writers of the queue agree on. */
const QUEUE_LOCK = 'almanac.training-queue';
const RETRY_AFTER_SECONDS = 30;

/** Stores training jobs and the model versions that they are to fill. */
@Injectable()
export class TrainingRepository {
  constructor(private readonly database: Database) {}

  /**
   * Creates a job and the version that it will train, if the queue has room.
   *
   * @throws TrainingQueueFullError
   */
  async create(
    { modelType, modelName, config, requestedBy }: NewTrainingJob,
    limits: QueueLimits,
  ): Promise<TrainingJob> {
    return this.database.transaction(async (client) => {
      await expectRoom(client, limits);
      const { rows } = await client.query<JobRow>(
        `WITH version AS (
           INSERT INTO ml_models (name, type, version, status, config)
           SELECT $1, $2, coalesce(max(version), 0) + 1, 'UNTRAINED', $3 FROM ml_models WHERE type = $2
           RETURNING id
         )
         INSERT INTO ml_training_jobs (model_type, model_id, config, requested_by)
         SELECT $2, id, $3, $4 FROM version RETURNING *`,
        [modelName, modelType, config, requestedBy],
      );
      return this.record(client, expectJob(rows[0]), undefined);
    });
  }

  async find(id: string): Promise<TrainingJob | undefined> {
    const { rows } = await this.database.pool.query<JobRow>('SELECT * FROM ml_training_jobs WHERE id = $1', [
      id,
    ]);
    return rows[0] && toJob(rows[0]);
  }

  /** Newest first. */
  async list({ status, modelType, limit, after }: JobFilter): Promise<readonly TrainingJob[]> {
    const { rows } = await this.database.pool.query<JobRow>(
      `SELECT * FROM ml_training_jobs
       WHERE ($1::ml_training_job_status IS NULL OR status = $1) AND ($2::text IS NULL OR model_type = $2)
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
       ORDER BY created_at DESC, id DESC LIMIT $5`,
      [status, modelType, after?.createdAt, after?.id, limit],
    );
    return rows.map(toJob);
  }

  async countByStatus(): Promise<ReadonlyMap<TrainingJobStatus, number>> {
    const { rows } = await this.database.pool.query<{ status: TrainingJobStatus; count: number }>(
      'SELECT status, count(*)::int AS count FROM ml_training_jobs GROUP BY status',
    );
    return new Map(rows.map(({ status, count }) => [status, count]));
  }

  async meanProgress(): Promise<number> {
    const { rows } = await this.database.pool.query<{ progress: number }>(
      `SELECT coalesce(avg(progress), 0)::float8 AS progress FROM ml_training_jobs
       WHERE status = ANY($1::ml_training_job_status[])`,
      [RUNNING],
    );
    return rows[0]?.progress ?? 0;
  }

  /** @returns The place of a waiting job in the queue, from 1. */
  async positionOf({ id, createdAt }: TrainingJob): Promise<number> {
    const { rows } = await this.database.pool.query<{ position: number }>(
      `SELECT count(*)::int + 1 AS position FROM ml_training_jobs
       WHERE status = 'QUEUED' AND (created_at, id) < ($1, $2::uuid)`,
      [createdAt, id],
    );
    return rows[0]?.position ?? 1;
  }

  async transitions(jobId: string): Promise<readonly JobTransition[]> {
    const { rows } = await this.database.pool.query<{
      status: TrainingJobStatus;
      reason: string | null;
      at: Date;
    }>('SELECT status, reason, at FROM ml_training_job_transitions WHERE job_id = $1 ORDER BY id', [jobId]);
    return rows.map(({ status, reason, at }) => ({ status, reason: reason ?? undefined, at }));
  }

  /** Cancels a waiting job at once and marks a running one. @returns The job, or undefined when it has ended. */
  async requestCancel(id: string): Promise<TrainingJob | undefined> {
    return this.database.transaction(async (client) => {
      const { rows } = await client.query<JobRow>(
        `UPDATE ml_training_jobs SET
           status = CASE WHEN status = 'QUEUED' THEN 'CANCELLED'::ml_training_job_status ELSE status END,
           completed_at = CASE WHEN status = 'QUEUED' THEN now() END,
           cancel_at = coalesce(cancel_at, now()), updated_at = now()
         WHERE id = $1 AND NOT status = ANY($2::ml_training_job_status[]) RETURNING *`,
        [id, ENDED],
      );
      if (!rows[0]) return undefined;
      const job = toJob(rows[0]);
      if (job.status !== 'CANCELLED') return job;
      await client.query("UPDATE ml_models SET status = 'FAILED', updated_at = now() WHERE id = $1", [
        job.modelId,
      ]);
      return this.record(client, job, 'cancelled while waiting');
    });
  }

  /**
   * Puts an ended job back into the queue, if it has room.
   *
   * @returns The job, or undefined when it is not FAILED or CANCELLED (any more).
   * @throws TrainingQueueFullError
   */
  async retry(id: string, limits: QueueLimits): Promise<TrainingJob | undefined> {
    return this.database.transaction(async (client) => {
      await expectRoom(client, limits);
      const { rows } = await client.query<JobRow>(
        `UPDATE ml_training_jobs SET status = 'QUEUED', attempt = attempt + 1, progress = 0, progress_detail = '{}', trials = '[]',
           error = NULL, cancel_at = NULL, lease_token = NULL, started_at = NULL, completed_at = NULL, updated_at = now()
         WHERE id = $1 AND status IN ('FAILED', 'CANCELLED') AND model_id IS NOT NULL RETURNING *`,
        [id],
      );
      if (!rows[0]) return undefined;
      const job = toJob(rows[0]);
      await client.query(
        "UPDATE ml_models SET status = 'UNTRAINED', snapshot_hash = NULL, updated_at = now() WHERE id = $1",
        [job.modelId],
      );
      return this.record(client, job, 'retried');
    });
  }

  private async record(
    client: pg.PoolClient,
    job: TrainingJob,
    reason: string | undefined,
  ): Promise<TrainingJob> {
    await recordTransition(client, job.id, job.status, reason);
    return job;
  }
}

/** Adds a line to a job's history and tells the other replicas. */
export async function recordTransition(
  client: pg.PoolClient,
  jobId: string,
  status: TrainingJobStatus,
  reason?: string,
): Promise<void> {
  await client.query('INSERT INTO ml_training_job_transitions (job_id, status, reason) VALUES ($1, $2, $3)', [
    jobId,
    status,
    reason,
  ]);
  await client.query("SELECT pg_notify('almanac', $1)", [`job:${jobId}`]);
}

export function toJob(row: JobRow): TrainingJob {
  return {
    id: row.id,
    modelType: row.model_type,
    modelId: row.model_id ?? undefined,
    status: row.status,
    config: row.config,
    progress: row.progress,
    progressDetail: row.progress_detail,
    engine: row.progress_detail.engine,
    trials: row.config.search && row.trials,
    metrics: row.metrics ?? undefined,
    error: row.error ?? undefined,
    attempt: row.attempt,
    requestedBy: row.requested_by ?? undefined,
    isCancelRequested: row.cancel_at !== null,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    completedAt: row.completed_at ?? undefined,
  };
}

export type { JobRow };

/** Serialises all who add to the queue, and refuses the one too many. */
async function expectRoom(
  client: pg.PoolClient,
  { maxConcurrentJobs, queueSize }: QueueLimits,
): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [QUEUE_LOCK]);
  const { rows } = await client.query<{ queued: number; running: number }>(
    `SELECT count(*) FILTER (WHERE status = 'QUEUED')::int AS queued,
            count(*) FILTER (WHERE status = ANY($1::ml_training_job_status[]))::int AS running FROM ml_training_jobs
     WHERE status = 'QUEUED' OR status = ANY($1::ml_training_job_status[])`,
    [RUNNING],
  );
  const { queued, running } = rows[0] ?? { queued: 0, running: 0 };
  const waiting = queued - Math.max(0, maxConcurrentJobs - running);
  if (waiting >= queueSize) throw new TrainingQueueFullError(waiting, queueSize, RETRY_AFTER_SECONDS);
}

function expectJob(row: JobRow | undefined): TrainingJob {
  if (!row) throw new Error('The statement returned no job.');
  return toJob(row);
}
