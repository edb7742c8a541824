import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';

import { Notifications } from '../../ports/notifications.js';
import { CatalogFollower } from './catalog-follower.js';
import { CatalogIndex } from './catalog-index.js';
import { CatalogIndexRepository } from './catalog-index.repository.js';
import { PurchaseTally } from './purchase-tally.js';
import { PurchaseCountsRepository } from './purchase-counts.repository.js';
import { Refresher } from './refresher.js';

const CATALOG_TOPICS = ['products', 'farms', 'reconnected'];
const PURCHASE_TOPICS = ['orders', 'order_lines', 'events', 'reconnected'];
const CATALOG_PAUSE_MS = 250;
const PURCHASES_PAUSE_MS = 5_000;
const BACKSTOP_MS = 60_000;

/** Keeps the catalogue in memory, at most a moment behind the database; a refresh reads only what has changed. */
@Injectable()
export class CatalogIndexService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(CatalogIndexService.name);
  private readonly index = new CatalogIndex();
  private readonly tally: PurchaseTally;
  private readonly follower: CatalogFollower;
  private readonly catalogRefresher = this.refresher(CATALOG_PAUSE_MS, async () => this.follower.refresh());
  private readonly purchaseRefresher = this.refresher(PURCHASES_PAUSE_MS, async () => this.tally.refresh());
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly catalog: CatalogIndexRepository,
    purchases: PurchaseCountsRepository,
    private readonly notifications: Notifications,
  ) {
    this.tally = new PurchaseTally(purchases, this.index);
    this.follower = new CatalogFollower(catalog, this.index, (id) => this.tally.adopt(id));
  }

  get current(): CatalogIndex {
    return this.index;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.unsubscribe = this.notifications.subscribe(({ topic }) => {
      if (CATALOG_TOPICS.includes(topic)) this.catalogRefresher.request();
      if (PURCHASE_TOPICS.includes(topic)) this.purchaseRefresher.request();
    });
    await this.follower.refresh();
    await this.tally.refresh();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe?.();
    await Promise.all([this.catalogRefresher.close(), this.purchaseRefresher.close()]);
  }

  /** For changes whose notification was lost. Costs two look-ups by index where nothing has changed. */
  @Interval(BACKSTOP_MS)
  backstop(): void {
    this.catalogRefresher.request();
    this.purchaseRefresher.request();
  }

  private refresher(pauseMs: number, refresh: () => Promise<void>): Refresher {
    return new Refresher(pauseMs, refresh, (error) =>
      this.logger.warn(`The catalogue in memory was not refreshed: ${error.message}`),
    );
  }
}
