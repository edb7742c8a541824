import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { KernelRuntimeProvider } from '../../ports/kernel-runtime-provider.js';
import { RetrievalBuilder } from '../../ports/retrieval-builder.js';
import { CatalogIndexService } from './catalog-index.service.js';
import type { LoadedRecommender } from './loaded-recommender.js';

/** Gives large models their index while they serve without: every item is scored until it is there. */
@Injectable()
export class IndexBuilderService implements OnModuleDestroy {
  private readonly logger = new Logger(IndexBuilderService.name);
  /** One at a time for each model type: the version before is of no use any more. */
  private readonly underWay = new Map<string, AbortController>();

  constructor(
    private readonly builder: RetrievalBuilder,
    private readonly kernels: KernelRuntimeProvider,
    private readonly catalog: CatalogIndexService,
  ) {}

  onModuleDestroy(): void {
    for (const abort of this.underWay.values()) abort.abort();
  }

  /** Returns at once. */
  start(recommender: LoadedRecommender): void {
    const { type } = recommender.version;
    this.underWay.get(type)?.abort();
    this.underWay.delete(type);
    if (!recommender.needsIndex) return;
    const abort = new AbortController();
    this.underWay.set(type, abort);
    void this.build(recommender, abort.signal);
  }

  private async build(recommender: LoadedRecommender, signal: AbortSignal): Promise<void> {
    const { type, version } = recommender.version;
    const startedAt = performance.now();
    try {
      const plan = await this.builder.build(recommender.scoringModel, signal);
      await recommender.useIndex(plan, this.kernels.runtime, this.catalog.current);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      this.logger.log(
        `${type} version ${version} is searched by an index, built in ${seconds} s, recall@100 ${plan.recall.toFixed(3)}.`,
      );
    } catch (error) {
      if (!signal.aborted)
        this.logger.warn(`${type} version ${version} serves without an index: ${String(error)}`);
    }
  }
}
