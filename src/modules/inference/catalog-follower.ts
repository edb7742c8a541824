import { yieldToEventLoop } from '../../ml/core/event-loop.js';
import type { CatalogIndex } from './catalog-index.js';
import type { CatalogIndexRepository, CatalogReader } from './catalog-index.repository.js';
import type { LogPosition } from './change-log.js';

/** Changes are kept for this long. */
const KEPT_MINUTES = 60;
/** Whoever has not read for longer than this reads everything: what it missed may be forgotten already. */
const LONGEST_GAP_MS = 30 * 60_000;
const PRUNE_EVERY_MS = 10 * 60_000;

/** Keeps the products of the catalogue in memory: read once, then change by change. */
export class CatalogFollower {
  private position: LogPosition | undefined;
  private readAt = Number.NEGATIVE_INFINITY;
  private prunedAt = Number.NEGATIVE_INFINITY;

  /** @param onProduct Told of each product that is new or has changed. */
  constructor(
    private readonly repository: CatalogIndexRepository,
    private readonly catalog: CatalogIndex,
    private readonly onProduct: (productId: string) => void,
  ) {}

  async refresh(): Promise<void> {
    const startedAt = performance.now();
    const since = startedAt - this.readAt < LONGEST_GAP_MS ? this.position : undefined;
    this.position = since === undefined ? await this.readAll() : await this.readSince(since);
    this.readAt = startedAt;
    if (startedAt - this.prunedAt >= PRUNE_EVERY_MS) {
      this.prunedAt = startedAt;
      await this.repository.prune(KEPT_MINUTES);
    }
  }

  private async readSince(since: LogPosition): Promise<LogPosition> {
    return this.repository.readSince(since, {
      ...this.reader(() => undefined),
      onDeleted: async (productIds) => {
        for (const id of productIds) this.catalog.remove(id);
      },
    });
  }

  /** What is read no more was deleted. */
  private async readAll(): Promise<LogPosition> {
    const found = new Set<string>();
    const isFirst = this.catalog.size === 0;
    const position = await this.repository.readAll(this.reader((id) => !isFirst && found.add(id)));
    if (!isFirst) {
      for (const { id } of this.catalog.products) if (!found.has(id)) this.catalog.remove(id);
    }
    return position;
  }

  private reader(onRead: (productId: string) => void): Omit<CatalogReader, 'onDeleted'> {
    return {
      onCount: async (count) => {
        for (const _ of this.catalog.makeRoom(count)) await yieldToEventLoop();
      },
      onProducts: async (products) => {
        for (const product of products) {
          onRead(product.id);
          if (this.catalog.put(product)) this.onProduct(product.id);
        }
        await yieldToEventLoop();
      },
    };
  }
}
