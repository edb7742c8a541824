import { CatalogColumns } from './catalog-columns.js';
import { filterKey, FilterMarks, type CatalogFilter } from './catalog-filter.js';
import type { CatalogProduct, ProductFacts, ProductImprint } from './catalog-product.js';
import { ProductView } from './product-view.js';
import { PurchaseCounts } from './purchase-counts.js';
import { SlotDirectory } from './slot-directory.js';

export type { CatalogFilter } from './catalog-filter.js';
export type { CatalogProduct, ProductFacts, ProductImprint } from './catalog-product.js';

/** Facts of a product, and in tests its purchases. */
export type CatalogEntry = ProductFacts & Partial<Pick<CatalogProduct, 'purchasesByMonth'>>;

/** What all filters that are kept may take together, bytes: each takes one byte a product. */
const FILTERS_BYTES = 2 ** 25;
const LEAST_FILTERS = 8;
const MOST_FILTERS = 256;
const FIRST_CAPACITY = 256;
/** Spare room when it grows: an eighth, so that growing is rare and little is wasted. */
const SPARE = 1.125;

/**
 * The catalogue in memory, kept up to date product by product. Some 250 bytes a product, names and ids included.
 *
 * A product has the same slot for life, also when it is deleted and comes again; a slot is never given to another
 * one. What is asked of it is of this moment: keep nothing of it over an `await`.
 */
export class CatalogIndex {
  private readonly views: ProductView[] = [];
  private readonly slots = new SlotDirectory();
  private readonly columns = new CatalogColumns();
  private readonly purchases = new PurchaseCounts(FIRST_CAPACITY);
  /** Least recently asked for first. */
  private readonly filters = new Map<string, FilterMarks>();
  private presentCount = 0;
  private changeCount = 0;

  constructor(products: readonly CatalogEntry[] = []) {
    for (const product of products) this.put(product);
  }

  /** By slot. One that was deleted stays, and is not available. */
  get products(): readonly CatalogProduct[] {
    return this.views;
  }

  /** Products that there are, without those that were deleted. */
  get size(): number {
    return this.presentCount;
  }

  /** Differs after a product has come, changed or gone. */
  get revision(): number {
    return this.changeCount;
  }

  /** @returns −1 when the catalogue has no such product. */
  indexOf(productId: string): number {
    const slot = this.slots.get(productId);
    return slot !== undefined && this.isPresent(slot) ? slot : -1;
  }

  /** Slot of a product that there is or was. @returns −1 when it was never there. */
  slotOf(productId: string): number {
    return this.slots.get(productId) ?? -1;
  }

  /**
   * Marks with 1 the products that a filter forbids. Shape (products); a copy.
   *
   * @param room Where the copy may be written if it is large enough. A million bytes anew for each request would
   * bring the garbage collector in, which takes a hundred milliseconds.
   */
  forbidden(filter: CatalogFilter, room?: Uint8Array): Uint8Array {
    const marks = this.marksOf(filter);
    if (room === undefined || room.length < marks.length) return marks.slice();
    room.set(marks);
    return room.subarray(0, marks.length);
  }

  /** Bytes that the marks of a filter may need before long. */
  get marksLength(): number {
    return this.columns.capacity;
  }

  /** The same, not to be changed, and only good until the next `await`. */
  marksOf(filter: CatalogFilter): Uint8Array {
    const key = filterKey(filter);
    const marks = this.filters.get(key) ?? new FilterMarks(this.columns, filter);
    this.filters.delete(key);
    this.filters.set(key, marks);
    this.forgetFilters();
    return marks.upTo(this.views.length);
  }

  /** Whether these products are still as they were: price, stock, season and all that an answer shows. */
  isUnchanged(products: readonly ProductImprint[]): boolean {
    return products.every(([id, imprint]) => {
      const slot = this.slots.get(id);
      return slot !== undefined && this.columns.imprintAt(slot) === Number(imprint);
    });
  }

  /**
   * Popularity in the season of `day`: purchases in its month and the two beside it, over all years, with the
   * rest of the year as tie-breaker. Shape (products); not to be changed.
   */
  popularityInSeason(day: string): Float32Array {
    return this.purchases.popularityInSeason(Number(day.slice(5, 7))).subarray(0, this.views.length);
  }

  /** Takes in a product, new or changed. @returns Whether anything differs from before. */
  put(product: CatalogEntry): boolean {
    const known = this.slots.get(product.id);
    const slot = known ?? this.views.length;
    if (known === undefined) {
      Array.from(this.makeRoom(1)); // unannounced: all at once
      this.slots.set(product.id, slot);
    }
    const wasPresent = known !== undefined && this.isPresent(slot);
    const isChanged = this.columns.write(slot, product);
    if (isChanged) {
      this.views[slot] = new ProductView(this.columns, this.purchases, slot, product.id, product.name);
      for (const filter of this.filters.values()) filter.update(slot);
      if (!wasPresent) this.presentCount += 1;
      this.changeCount += 1;
    }
    product.purchasesByMonth?.forEach((count, month) => this.purchases.add(slot, month + 1, count));
    return isChanged;
  }

  /** Takes out a product that was deleted. */
  remove(productId: string): void {
    const slot = this.indexOf(productId);
    if (slot < 0) return;
    this.columns.clear(slot);
    for (const filter of this.filters.values()) filter.update(slot);
    this.presentCount -= 1;
    this.changeCount += 1;
  }

  /** Makes room for so many products more, some of it a turn: the caller may let the event loop turn in between. */
  *makeRoom(productCount: number): Generator<void> {
    const needed = this.views.length + productCount;
    if (needed <= this.columns.capacity) return;
    const capacity = Math.ceil(needed * SPARE);
    this.purchases.grow(capacity);
    yield;
    yield* this.columns.grow(capacity);
  }

  /** Adds purchases of a month, 1 … 12, or takes some off. @returns False when there is no such product. */
  addPurchases(productId: string, month: number, count: number): boolean {
    const slot = this.slots.get(productId);
    if (slot === undefined) return false;
    this.purchases.add(slot, month, count);
    return true;
  }

  /** Room for purchases counted anew, beside those that serve meanwhile. */
  countAnew(): PurchaseCounts {
    return new PurchaseCounts(this.columns.capacity);
  }

  /** Replaces all purchases by those counted anew. */
  replacePurchases(counts: PurchaseCounts): void {
    counts.grow(this.columns.capacity);
    this.purchases.takeOver(counts);
  }

  private isPresent(slot: number): boolean {
    return !Number.isNaN(this.columns.imprintAt(slot));
  }

  private forgetFilters(): void {
    const most = Math.min(
      MOST_FILTERS,
      Math.max(LEAST_FILTERS, Math.floor(FILTERS_BYTES / this.columns.capacity)),
    );
    for (const key of this.filters.keys()) {
      if (this.filters.size <= most) return;
      this.filters.delete(key);
    }
  }
}
