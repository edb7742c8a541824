import { Injectable } from '@nestjs/common';

import { Database } from '../../platform/database/database.js';
import type { PredictionRecord } from './inference.types.js';

interface PredictionRow {
  readonly id: string;
  readonly model_id: string | null;
  readonly model_version: number | null;
  readonly user_id: string | null;
  readonly type: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly confidence: string | null;
  readonly inference_time: number;
  readonly cached: boolean;
  readonly created_at: Date;
}

export interface PredictionFilter {
  readonly userId?: string | undefined;
  readonly modelId?: string | undefined;
  readonly type?: string | undefined;
  /** From this time on. */
  readonly from?: Date | undefined;
  /** Before this time. */
  readonly to?: Date | undefined;
  readonly limit: number;
  readonly after?: { readonly createdAt: Date; readonly id: string } | undefined;
}

/** Stores the log of predictions. */
@Injectable()
export class PredictionLogRepository {
  constructor(private readonly database: Database) {}

  /** @param rows JSON array of rows as `jsonb_to_recordset` below names them. */
  async append(rows: string): Promise<void> {
    await this.database.pool.query(
      `INSERT INTO ml_predictions (id, model_id, model_version, user_id, type, input, output, source_id, confidence, inference_time, cached, created_at)
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS row (
         id uuid, model_id uuid, model_version int, user_id text, type text, input jsonb, output jsonb, source_id uuid,
         confidence numeric, inference_time float8, cached boolean, created_at timestamptz)
       ON CONFLICT (id) DO NOTHING`,
      [rows],
    );
  }

  /** Newest first. */
  async list({
    userId,
    modelId,
    type,
    from,
    to,
    limit,
    after,
  }: PredictionFilter): Promise<readonly PredictionRecord[]> {
    const { rows } = await this.database.pool.query<PredictionRow>(
      `SELECT p.*, coalesce(p.output, source.output) AS output
       FROM ml_predictions p LEFT JOIN ml_predictions source ON source.id = p.source_id
       WHERE ($1::text IS NULL OR p.user_id = $1) AND ($2::uuid IS NULL OR p.model_id = $2)
         AND ($3::text IS NULL OR p.type = $3)
         AND ($4::timestamptz IS NULL OR p.created_at >= $4) AND ($5::timestamptz IS NULL OR p.created_at < $5)
         AND ($6::timestamptz IS NULL OR (p.created_at, p.id) < ($6, $7::uuid))
       ORDER BY p.created_at DESC, p.id DESC LIMIT $8`,
      [userId, modelId, type, from, to, after?.createdAt, after?.id, limit],
    );
    return rows.map((row) => ({
      id: row.id,
      modelId: row.model_id ?? undefined,
      modelVersion: row.model_version ?? undefined,
      userId: row.user_id ?? '',
      type: row.type,
      input: row.input,
      output: row.output,
      confidence: row.confidence === null ? undefined : Number(row.confidence),
      inferenceTime: row.inference_time,
      cached: row.cached,
      createdAt: row.created_at,
    }));
  }
}
