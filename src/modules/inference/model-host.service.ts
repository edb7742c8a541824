import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';

import { createLearner, RECOMMENDERS } from '../../ml/learners.js';
import { ArtifactStore } from '../../ports/artifact-store.js';
import { KernelRuntimeProvider } from '../../ports/kernel-runtime-provider.js';
import { Notifications } from '../../ports/notifications.js';
import { ReadinessProbe, ReadinessRegistry, type ReadinessState } from '../../ports/readiness.js';
import { shareTensors } from '../../ports/scoring-pool.js';
import type { ModelVersion } from '../models/models.types.js';
import { ModelsService } from '../models/models.service.js';
import { CatalogIndexService } from './catalog-index.service.js';
import { IndexBuilderService } from './index-builder.service.js';
import { LoadedRecommender } from './loaded-recommender.js';
import { Refresher } from './refresher.js';

const RECOMMENDER_TYPES = Object.keys(RECOMMENDERS);
const PAUSE_MS = 50;
const BACKSTOP_MS = 5_000;

/** Keeps the deployed versions in memory and swaps them in one assignment while requests run. */
@Injectable()
export class ModelHostService extends ReadinessProbe implements OnApplicationBootstrap, OnModuleDestroy {
  readonly name = 'models';
  private readonly logger = new Logger(ModelHostService.name);
  private readonly hosted = new Map<string, LoadedRecommender>();
  private readonly failures = new Map<string, string>();
  private readonly refresher = new Refresher(
    PAUSE_MS,
    async () => this.refresh(),
    (error) => this.logger.warn(`Deployed models were not looked up: ${error.message}`),
  );
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly models: ModelsService,
    private readonly artifacts: ArtifactStore,
    private readonly kernels: KernelRuntimeProvider,
    private readonly notifications: Notifications,
    private readonly catalog: CatalogIndexService,
    private readonly indexes: IndexBuilderService,
    readiness: ReadinessRegistry,
  ) {
    super();
    readiness.register(this);
  }

  /** Down while a deployed version could not be loaded and none before it serves. No version at all is fine. */
  async check(): Promise<ReadinessState> {
    const serving = [...this.hosted.values()].map(
      ({ version }) => `${version.type} version ${version.version}`,
    );
    const failures = [...this.failures.values()];
    const isDown = failures.length > 0 && serving.length === 0;
    const detail = [...failures, ...serving].join('; ') || 'no version is deployed';
    return { status: isDown ? 'down' : 'up', detail };
  }

  /** The recommender that serves: of all types the one deployed last. */
  get recommender(): LoadedRecommender | undefined {
    const since = ({ version }: LoadedRecommender): number => version.deployedAt?.getTime() ?? 0;
    return [...this.hosted.values()].reduce<LoadedRecommender | undefined>(
      (latest, loaded) => (latest === undefined || since(loaded) > since(latest) ? loaded : latest),
      undefined,
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    this.unsubscribe = this.notifications.subscribe(({ topic }) => {
      if (topic === 'ml_models' || topic === 'reconnected') this.refresher.request();
    });
    await this.refresh();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe?.();
    await this.refresher.close();
  }

  /** For deployments whose notification was lost. */
  @Interval(BACKSTOP_MS)
  backstop(): void {
    this.refresher.request();
  }

  private async refresh(): Promise<void> {
    const deployed = await this.models.findDeployed(RECOMMENDER_TYPES);
    const types = new Set(deployed.map(({ type }) => type));
    for (const type of RECOMMENDER_TYPES.filter((name) => !types.has(name))) {
      this.hosted.delete(type);
      this.failures.delete(type);
    }
    for (const version of deployed) {
      const { version: hosted } = this.hosted.get(version.type) ?? {};
      const isHosted =
        hosted?.id === version.id && hosted.deployedAt?.getTime() === version.deployedAt?.getTime();
      if (!isHosted) await this.host(version);
    }
  }

  /** A version that cannot be loaded leaves the one before in service. */
  private async host(version: ModelVersion): Promise<void> {
    try {
      const artifact = await this.artifacts.load(version.id, version.artifactHash ?? '');
      const state = shareTensors(artifact.state);
      const model = createLearner(version.type).load(state, { kernels: this.kernels.runtime });
      const loaded = new LoadedRecommender(version, model, { ...artifact, state });
      await loaded.align(this.catalog.current);
      loaded.warm();
      this.hosted.set(version.type, loaded);
      this.indexes.start(loaded);
      this.failures.delete(version.type);
      this.logger.log(`${version.type} version ${version.version} (${version.id}) serves.`);
    } catch (error) {
      const message = `${version.type} version ${version.version} (${version.id}) could not be loaded: ${String(error)}`;
      if (this.failures.get(version.type) !== message) this.logger.error(message);
      this.failures.set(version.type, message);
    }
  }
}
