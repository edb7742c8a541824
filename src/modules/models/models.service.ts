import { Injectable, Logger } from '@nestjs/common';

import { isRecommenderType, RECOMMENDERS } from '../../ml/learners.js';
import { ArtifactError, ArtifactStore } from '../../ports/artifact-store.js';
import {
  ModelArtifactUnusableError,
  ModelNotDeployableError,
  ModelNotDeployedError,
  ModelNotFoundError,
  NoPreviousVersionError,
} from './models.errors.js';
import { ModelsRepository, type ModelFilter } from './models.repository.js';
import type { Deployment, ModelVersion, Reason } from './models.types.js';

const AUTOMATIC = 'almanac';
/** Judged by baskets: they are full of what was bought before, which HR@10 leaves out. */
const BASKET_TYPE = 'NEXT_BASKET';

/** The registry of model versions: which exist, which serves, and how that came about. */
@Injectable()
export class ModelsService {
  private readonly logger = new Logger(ModelsService.name);

  constructor(
    private readonly models: ModelsRepository,
    private readonly artifacts: ArtifactStore,
  ) {}

  async list(filter: ModelFilter): Promise<readonly ModelVersion[]> {
    return this.models.list(filter);
  }

  /** @throws ModelNotFoundError */
  async get(id: string): Promise<ModelVersion> {
    const model = await this.models.find(id);
    if (!model) throw new ModelNotFoundError(id);
    return model;
  }

  /** At most one of each type, the one deployed last first. */
  async findDeployed(types: readonly string[]): Promise<readonly ModelVersion[]> {
    return this.models.findDeployed(types);
  }

  async history(id: string): Promise<readonly Deployment[]> {
    return this.models.deployments(id);
  }

  /**
   * Makes a version serve; repeating it changes nothing.
   *
   * @throws ModelNotFoundError, ModelNotDeployableError, ModelArtifactUnusableError
   */
  async deploy(id: string, reason: Reason): Promise<ModelVersion> {
    const model = await this.get(id);
    await this.expectUsable(model);
    return (await this.models.deploy(model, 'deploy', reason)) ?? model;
  }

  /**
   * Brings back the version that served before `id`.
   *
   * @throws ModelNotFoundError, ModelNotDeployedError, NoPreviousVersionError, ModelArtifactUnusableError
   */
  async rollback(id: string, reason: Reason): Promise<ModelVersion> {
    const model = await this.get(id);
    if (model.status !== 'DEPLOYED') throw new ModelNotDeployedError(id, 'roll back', model.status);
    const previous = await this.models.findPrevious(model);
    if (!previous) throw new NoPreviousVersionError(id);
    await this.expectUsable(previous);
    return (await this.models.deploy(previous, 'rollback', reason)) ?? previous;
  }

  /** @throws ModelNotFoundError, ModelNotDeployedError */
  async deprecate(id: string, reason: Reason): Promise<ModelVersion> {
    return this.models.deprecate(await this.get(id), reason);
  }

  /** Removes a version, then its artifact. @throws ModelNotFoundError, ModelDeployedError, ModelInTrainingError */
  async remove(id: string): Promise<void> {
    await this.models.remove(await this.get(id));
    await this.artifacts.remove(id);
  }

  /**
   * Deploys a freshly trained version if nothing serves in its place yet and it beats the baseline; otherwise the
   * reason is kept in its history. Recommenders of all types serve in one place. Repeating it changes nothing.
   */
  async deployIfBetter(id: string): Promise<void> {
    const model = await this.models.find(id);
    if (!model || model.status !== 'TRAINED') return;
    const loss = lostBaseline(model);
    if (loss !== undefined) return this.refuse(model, loss);

    await this.expectUsable(model);
    const reason = { actor: AUTOMATIC, reason: 'It beats the baseline, and no other version served.' };
    if (await this.models.deploy(model, 'deploy', reason, rivalsOf(model.type))) {
      this.logger.log(`Deployed ${model.type} version ${model.version}.`);
    } else {
      await this.refuse(model, 'Another version serves; an admin decides which one is to.');
    }
  }

  private async refuse(model: ModelVersion, reason: string): Promise<void> {
    this.logger.log(`Did not deploy ${model.type} version ${model.version}: ${reason}`);
    await this.models.recordRefusal(model, { actor: AUTOMATIC, reason });
  }

  private async expectUsable({ id, status, artifactHash }: ModelVersion): Promise<void> {
    if (artifactHash === undefined) throw new ModelNotDeployableError(id, status);
    try {
      await this.artifacts.load(id, artifactHash);
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      throw new ModelArtifactUnusableError(id, error.message, { cause: error });
    }
  }
}

/** Types that answer the same requests. */
function rivalsOf(type: string): readonly string[] {
  return isRecommenderType(type) ? Object.keys(RECOMMENDERS) : [type];
}

/** In words, by which measure a version does not beat popularity; undefined when it does, or is it. */
function lostBaseline({ type, metrics }: ModelVersion): string | undefined {
  if (type === 'POPULARITY') return undefined;
  for (const [name, value, baseline] of comparisons(type, metrics)) {
    if (value === undefined || baseline === undefined || !(value > baseline)) {
      return `It does not beat popularity: ${name} ${value?.toFixed(4) ?? 'unknown'} against ${baseline?.toFixed(4) ?? 'unknown'}.`;
    }
  }
  return undefined;
}

/** What a measure is called, its value and that of popularity. */
function comparisons(
  type: string,
  metrics: ModelVersion['metrics'],
): readonly (readonly [string, number | undefined, number | undefined])[] {
  if (type === BASKET_TYPE) {
    return [
      ['basket recall@10', metrics['basketRecall10'], metrics['popularityBasketRecall10']],
      ['basket NDCG@10', metrics['basketNdcg10'], metrics['popularityBasketNdcg10']],
    ];
  }
  return [
    ['HR@10', metrics['hr10'], metrics['popularityHr10']],
    ['NDCG@10', metrics['ndcg10'], metrics['popularityNdcg10']],
  ];
}
