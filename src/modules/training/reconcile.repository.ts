import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import { recordTransition, toJob, type JobRow } from './training.repository.js';
import { RUNNING, type TrainingJob } from './training.types.js';

/** A job whose workers died this often is given up: it is probably what kills them. */
const MAX_ATTEMPTS = 5;
/** A living worker beats every second. */
const SILENCE = "interval '8 seconds'";

/** Finds jobs that fell between the table and the queue: the outbox of the queue. */
@Injectable()
export class ReconcileRepository {
  constructor(private readonly database: Database) {}

  /** Jobs that wait, or run without a sign of life, for longer than a healthy worker would leave them. */
  async findUnattended(): Promise<readonly Pick<TrainingJob, 'id' | 'attempt'>[]> {
    const { rows } = await this.database.pool.query<{ id: string; attempt: number }>(
      `SELECT id, attempt FROM ml_training_jobs
       WHERE (status = 'QUEUED' AND updated_at < now() - interval '3 seconds')
          OR (status = ANY($1::ml_training_job_status[]) AND updated_at < now() - ${SILENCE})
       ORDER BY created_at`,
      [RUNNING],
    );
    return rows;
  }

  /** Says that a job waits again which a dead worker left as running, and which the queue will hand out. */
  async releaseLease(id: string, attempt: number): Promise<TrainingJob | undefined> {
    return this.database.transaction(async (client) => {
      const { rows } = await client.query<JobRow>(
        `UPDATE ml_training_jobs SET status = 'QUEUED', lease_token = NULL, updated_at = now()
         WHERE id = $1 AND attempt = $2 AND status = ANY($3::ml_training_job_status[])
           AND updated_at < now() - ${SILENCE} RETURNING *`,
        [id, attempt, RUNNING],
      );
      if (!rows[0]) return undefined;
      await recordTransition(client, id, 'QUEUED', 'the worker was lost');
      return toJob(rows[0]);
    });
  }

  /** Makes a left-behind job wait again under a new attempt; after too many it has failed. */
  async requeue(id: string, attempt: number): Promise<TrainingJob | undefined> {
    return this.database.transaction(async (client) => {
      const { rows } = await client.query<JobRow>(
        `UPDATE ml_training_jobs SET updated_at = now(),
           lease_token = NULL,
           attempt = CASE WHEN status = 'QUEUED' THEN attempt ELSE attempt + 1 END,
           status = CASE WHEN attempt >= $3 AND status <> 'QUEUED' THEN 'FAILED'::ml_training_job_status
                         ELSE 'QUEUED'::ml_training_job_status END
         WHERE id = $1 AND attempt = $2 AND (status = 'QUEUED' OR status = ANY($4::ml_training_job_status[]))
         RETURNING *`,
        [id, attempt, MAX_ATTEMPTS, RUNNING],
      );
      const row = rows[0];
      if (!row) return undefined;
      if (row.status === 'FAILED') {
        const failure = {
          code: 'worker-lost',
          message: `The worker died ${MAX_ATTEMPTS} times while it ran the job.`,
        };
        await client.query('UPDATE ml_training_jobs SET error = $2, completed_at = now() WHERE id = $1', [
          id,
          failure,
        ]);
        await client.query("UPDATE ml_models SET status = 'FAILED', updated_at = now() WHERE id = $1", [
          row.model_id,
        ]);
        await recordTransition(client, id, 'FAILED', failure.message);
      } else if (row.attempt !== attempt) {
        await recordTransition(client, id, 'QUEUED', 'the worker was lost');
      }
      return toJob(row);
    });
  }
}
