import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';

import { Notifications } from '../../ports/notifications.js';
import { CatalogIndexService } from './catalog-index.service.js';
import { Refresher } from './refresher.js';
import { poolSales, ShopStatistics } from './shop-statistics.js';
import { ShopStatisticsRepository } from './shop-statistics.repository.js';

const TOPICS = ['orders', 'reconnected'];
const PAUSE_MS = 5_000;
/** Counting goes over all orders, and what it finds changes slowly: it may take a hundredth of the time. */
const REST_PER_WORK = 100;
const BACKSTOP_MS = 600_000;

/** Keeps what the shop's own sales say: seasons, what is bought together, what is bought again. */
@Injectable()
export class ShopStatisticsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ShopStatisticsService.name);
  private statistics = new ShopStatistics();
  private unsubscribe: (() => void) | undefined;
  private restUntil = 0;
  private readonly refresher = new Refresher(
    PAUSE_MS,
    async () => this.refresh(),
    (error) => this.logger.warn(`The shop's sales were not counted: ${error.message}`),
  );

  constructor(
    private readonly counts: ShopStatisticsRepository,
    private readonly catalog: CatalogIndexService,
    private readonly notifications: Notifications,
  ) {}

  get current(): ShopStatistics {
    return this.statistics;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.unsubscribe = this.notifications.subscribe(({ topic }) => {
      if (TOPICS.includes(topic) && performance.now() >= this.restUntil) this.refresher.request();
    });
    this.refresher.request();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe?.();
    await this.refresher.close();
  }

  /** For changes whose notification was lost. */
  @Interval(BACKSTOP_MS)
  backstop(): void {
    this.refresher.request();
  }

  /** Counts anew, now. */
  async refresh(): Promise<void> {
    const startedAt = performance.now();
    const counts = await this.counts.count();
    this.statistics = new ShopStatistics(counts, await poolSales(counts, this.catalog.current.products));
    this.restUntil = performance.now() + REST_PER_WORK * (performance.now() - startedAt);
  }
}
