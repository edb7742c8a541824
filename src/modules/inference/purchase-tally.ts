import { yieldToEventLoop } from '../../ml/core/event-loop.js';
import type { CatalogIndex } from './catalog-index.js';
import type { LogPosition } from './change-log.js';
import type { PurchaseChange, PurchaseCountsRepository } from './purchase-counts.repository.js';

/** Changes are kept one by one for this long, and then folded into the counts. */
const FOLD_MINUTES = 15;
/** Whoever has not read for longer than this counts anew: what it missed may be folded already. */
const LONGEST_GAP_MS = 10 * 60_000;
const FOLD_EVERY_MS = 5 * 60_000;

/** Keeps the purchases of the catalogue in memory: counted once, then change by change. */
export class PurchaseTally {
  private position: LogPosition | undefined;
  private readAt = Number.NEGATIVE_INFINITY;
  private foldedAt = Number.NEGATIVE_INFINITY;
  /** Purchases of products that the catalogue has not read yet. */
  private readonly early = new Map<string, PurchaseChange[]>();

  constructor(
    private readonly repository: PurchaseCountsRepository,
    private readonly catalog: CatalogIndex,
  ) {}

  async refresh(): Promise<void> {
    const startedAt = performance.now();
    const since = startedAt - this.readAt < LONGEST_GAP_MS ? this.position : undefined;
    // a refresh that fails half-way has counted some: the next one counts anew
    this.position = undefined;
    this.position = since === undefined ? await this.countAnew() : await this.countOn(since);
    this.readAt = startedAt;
    if (startedAt - this.foldedAt >= FOLD_EVERY_MS) {
      this.foldedAt = startedAt;
      await this.repository.fold(FOLD_MINUTES);
    }
  }

  /** Hands a product that has come the purchases that came before it. */
  adopt(productId: string): void {
    const changes = this.early.get(productId);
    if (!changes) return;
    this.early.delete(productId);
    for (const { month, count } of changes) this.catalog.addPurchases(productId, month, count);
  }

  private async countOn(since: LogPosition): Promise<LogPosition> {
    return this.repository.readSince(since, async (changes) => {
      this.count(changes);
      await yieldToEventLoop();
    });
  }

  private async countAnew(): Promise<LogPosition> {
    const counts = this.catalog.countAnew();
    const early: PurchaseChange[] = [];
    const position = await this.repository.readAll(async (changes) => {
      counts.grow(this.catalog.products.length);
      for (const change of changes) {
        const slot = this.catalog.slotOf(change.productId);
        if (slot >= 0) counts.add(slot, change.month, change.count);
        else early.push(change);
      }
      await yieldToEventLoop();
    });
    this.catalog.replacePurchases(counts);
    this.early.clear();
    this.count(early);
    return position;
  }

  private count(changes: readonly PurchaseChange[]): void {
    for (const change of changes) {
      if (this.catalog.addPurchases(change.productId, change.month, change.count)) continue;
      const kept = this.early.get(change.productId) ?? [];
      kept.push(change);
      this.early.set(change.productId, kept);
    }
  }
}
