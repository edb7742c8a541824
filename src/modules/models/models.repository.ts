import { Injectable } from '@nestjs/common';
import type pg from 'pg';

import { Database } from '../../platform/database/database.js';
import {
  ModelDeployedError,
  ModelInTrainingError,
  ModelNotDeployableError,
  ModelNotDeployedError,
} from './models.errors.js';
import type { Deployment, ModelStatus, ModelVersion, Reason } from './models.types.js';

interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly version: number;
  readonly status: ModelStatus;
  readonly config: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly artifact_hash: string | null;
  readonly snapshot_hash: string | null;
  readonly trained_at: Date | null;
  readonly deployed_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

interface DeploymentRow {
  readonly model_type: string;
  readonly model_id: string;
  readonly previous_model_id: string | null;
  readonly action: Deployment['action'];
  readonly actor: string | null;
  readonly reason: string | null;
  readonly at: Date;
}

export interface ModelFilter {
  readonly type?: string | undefined;
  readonly status?: ModelStatus | undefined;
  readonly limit: number;
  readonly after?: { readonly createdAt: Date; readonly id: string } | undefined;
}

const DEPLOYABLE: readonly ModelStatus[] = ['TRAINED', 'DEPRECATED', 'DEPLOYED'];
const IN_TRAINING: readonly ModelStatus[] = ['TRAINING', 'EVALUATING'];

/** Stores model versions and the history of what served. Changes of one type happen one after the other. */
@Injectable()
export class ModelsRepository {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<ModelVersion | undefined> {
    const { rows } = await this.database.pool.query<ModelRow>('SELECT * FROM ml_models WHERE id = $1', [id]);
    return rows[0] && toModel(rows[0]);
  }

  /** At most one of each type, the one deployed last first. */
  async findDeployed(types: readonly string[]): Promise<readonly ModelVersion[]> {
    const { rows } = await this.database.pool.query<ModelRow>(
      "SELECT * FROM ml_models WHERE type = ANY($1) AND status = 'DEPLOYED' ORDER BY deployed_at DESC, id",
      [types],
    );
    return rows.map(toModel);
  }

  /** Newest first. */
  async list({ type, status, limit, after }: ModelFilter): Promise<readonly ModelVersion[]> {
    const { rows } = await this.database.pool.query<ModelRow>(
      `SELECT * FROM ml_models
       WHERE ($1::text IS NULL OR type = $1) AND ($2::ml_model_status IS NULL OR status = $2)
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
       ORDER BY created_at DESC, id DESC LIMIT $5`,
      [type, status, after?.createdAt, after?.id, limit],
    );
    return rows.map(toModel);
  }

  async deployments(modelId: string): Promise<readonly Deployment[]> {
    const { rows } = await this.database.pool.query<DeploymentRow>(
      'SELECT * FROM ml_deployments WHERE model_id = $1 OR previous_model_id = $1 ORDER BY id DESC LIMIT 100',
      [modelId],
    );
    return rows.map((row) => ({
      modelType: row.model_type,
      modelId: row.model_id,
      previousModelId: row.previous_model_id ?? undefined,
      action: row.action,
      actor: row.actor ?? undefined,
      reason: row.reason ?? undefined,
      at: row.at,
    }));
  }

  /** The version that served before `model` and can serve again. */
  async findPrevious({ id, type }: ModelVersion): Promise<ModelVersion | undefined> {
    const { rows } = await this.database.pool.query<ModelRow>(
      `SELECT m.* FROM ml_deployments d JOIN ml_models m ON m.id = d.previous_model_id
       WHERE d.model_type = $1 AND d.model_id = $2 AND d.action = 'deploy' AND d.previous_model_id <> $2
         AND m.status IN ('TRAINED', 'DEPRECATED')
       ORDER BY d.id DESC LIMIT 1`,
      [type, id],
    );
    return rows[0] && toModel(rows[0]);
  }

  /**
   * Makes a version the one that serves its type; the one before becomes DEPRECATED in the same transaction.
   *
   * @param vacantAmong Changes nothing while another version of one of these types serves.
   * @returns The version, or undefined when it was not to be deployed.
   * @throws ModelNotDeployableError
   */
  async deploy(
    { id, type }: ModelVersion,
    action: 'deploy' | 'rollback',
    { actor, reason }: Reason,
    vacantAmong: readonly string[] = [],
  ): Promise<ModelVersion | undefined> {
    return this.database.transaction(async (client) => {
      await lockType(client, type);
      const model = await lockModel(client, id);
      if (!model || !DEPLOYABLE.includes(model.status)) {
        throw new ModelNotDeployableError(id, model?.status ?? 'UNTRAINED');
      }
      if (model.status === 'DEPLOYED') return model;
      const { rows: serving } = await client.query<{ id: string }>(
        "SELECT id FROM ml_models WHERE type = $1 AND status = 'DEPLOYED'",
        [type],
      );
      if (await servesAny(client, vacantAmong)) return undefined;
      await client.query("UPDATE ml_models SET status = 'DEPRECATED', updated_at = now() WHERE id = $1", [
        serving[0]?.id,
      ]);
      const { rows } = await client.query<ModelRow>(
        "UPDATE ml_models SET status = 'DEPLOYED', deployed_at = now(), updated_at = now() WHERE id = $1 RETURNING *",
        [id],
      );
      await record(client, {
        modelType: type,
        modelId: id,
        previousModelId: serving[0]?.id,
        action,
        actor,
        reason,
      });
      return rows[0] && toModel(rows[0]);
    });
  }

  /** Takes a deployed version out of service, or marks a trained one as not to be used. */
  async deprecate({ id, type }: ModelVersion, { actor, reason }: Reason): Promise<ModelVersion> {
    return this.database.transaction(async (client) => {
      await lockType(client, type);
      const { rows } = await client.query<ModelRow>(
        `UPDATE ml_models SET status = 'DEPRECATED', updated_at = now()
         WHERE id = $1 AND status IN ('DEPLOYED', 'TRAINED', 'DEPRECATED') RETURNING *`,
        [id],
      );
      if (!rows[0])
        throw new ModelNotDeployedError(id, 'deprecate', (await lockModel(client, id))?.status ?? 'FAILED');
      await record(client, {
        modelType: type,
        modelId: id,
        previousModelId: undefined,
        action: 'deprecate',
        actor,
        reason,
      });
      return toModel(rows[0]);
    });
  }

  /** Keeps in the history that a version was not deployed, and why. */
  async recordRefusal({ id, type }: ModelVersion, { actor, reason }: Reason): Promise<void> {
    await this.database.transaction(async (client) => {
      await lockType(client, type);
      const { rowCount } = await client.query(
        "SELECT 1 FROM ml_deployments WHERE model_id = $1 AND action = 'refuse' AND reason = $2",
        [id, reason],
      );
      if (rowCount !== 0) return;
      await record(client, {
        modelType: type,
        modelId: id,
        previousModelId: undefined,
        action: 'refuse',
        actor,
        reason,
      });
    });
  }

  /** @throws ModelDeployedError, ModelInTrainingError */
  async remove({ id, type }: ModelVersion): Promise<void> {
    await this.database.transaction(async (client) => {
      await lockType(client, type);
      const model = await lockModel(client, id);
      if (!model) return;
      if (model.status === 'DEPLOYED') throw new ModelDeployedError(id);
      const { rowCount } = await client.query(
        "SELECT 1 FROM ml_training_jobs WHERE model_id = $1 AND status NOT IN ('COMPLETED', 'FAILED', 'CANCELLED')",
        [id],
      );
      if (rowCount !== 0 || IN_TRAINING.includes(model.status))
        throw new ModelInTrainingError(id, model.status);
      await client.query('DELETE FROM ml_models WHERE id = $1', [id]);
    });
  }
}

async function lockType(client: pg.PoolClient, type: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`almanac.models.${type}`]);
}

/** Whether a version of these types serves; none begins to by itself before the transaction ends. */
async function servesAny(client: pg.PoolClient, types: readonly string[]): Promise<boolean> {
  if (types.length === 0) return false;
  await lockType(client, types.join('+'));
  const { rowCount } = await client.query(
    "SELECT 1 FROM ml_models WHERE type = ANY($1) AND status = 'DEPLOYED'",
    [types],
  );
  return rowCount !== 0;
}

async function lockModel(client: pg.PoolClient, id: string): Promise<ModelVersion | undefined> {
  const { rows } = await client.query<ModelRow>('SELECT * FROM ml_models WHERE id = $1 FOR UPDATE', [id]);
  return rows[0] && toModel(rows[0]);
}

async function record(client: pg.PoolClient, deployment: Omit<Deployment, 'at'>): Promise<void> {
  const { modelType, modelId, previousModelId, action, actor, reason } = deployment;
  await client.query(
    `INSERT INTO ml_deployments (model_type, model_id, previous_model_id, action, actor, reason)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [modelType, modelId, previousModelId, action, actor, reason],
  );
}

function toModel(row: ModelRow): ModelVersion {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    version: row.version,
    status: row.status,
    config: row.config,
    metrics: row.metrics,
    artifactHash: row.artifact_hash ?? undefined,
    snapshotHash: row.snapshot_hash ?? undefined,
    trainedAt: row.trained_at ?? undefined,
    deployedAt: row.deployed_at ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
