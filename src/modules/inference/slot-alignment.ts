import { runInSlices } from '../../ml/core/event-loop.js';
import type { CatalogIndex } from './catalog-index.js';

const IDS_PER_SLICE = 20_000;
const UNKNOWN = -1;

/** Where the items of a model are in the catalogue, kept up to date as products come: a slot is for life. */
export class SlotAlignment {
  private readonly slots: Int32Array;
  /** Items that were not in the catalogue when it was looked through. */
  private readonly missing = new Map<string, number>();
  private catalog: CatalogIndex | undefined;
  /** Slots of the catalogue that have been looked at. */
  private seen = 0;
  private changeCount = 0;

  constructor(private readonly itemIds: readonly string[]) {
    this.slots = new Int32Array(itemIds.length).fill(UNKNOWN);
  }

  /** Differs after the slot of an item has changed. */
  get revision(): number {
    return this.changeCount;
  }

  /** Looks a large model's items up without stopping the event loop; without it the first `slotsIn` does. */
  async prepare(catalog: CatalogIndex): Promise<void> {
    this.begin(catalog);
    await runInSlices(this.itemIds.length, IDS_PER_SLICE, (from, to) => this.lookUp(from, to));
  }

  /** Slot of every item, −1 for one that the catalogue never had. Shape (items); not to be changed. */
  slotsIn(catalog: CatalogIndex): Int32Array {
    if (this.catalog !== catalog) {
      this.begin(catalog);
      this.lookUp(0, this.itemIds.length);
    }
    const { products } = catalog;
    // an item that was missing may have come; one that was not keeps its slot
    for (; this.seen < products.length; this.seen += 1) {
      const id = products[this.seen]!.id;
      const item = this.missing.get(id);
      if (item === undefined) continue;
      this.slots[item] = this.seen;
      this.missing.delete(id);
      this.changeCount += 1;
    }
    return this.slots;
  }

  private begin(catalog: CatalogIndex): void {
    this.catalog = catalog;
    // products that come while items are looked up are looked at again
    this.seen = catalog.products.length;
    this.missing.clear();
    this.changeCount += 1;
  }

  private lookUp(from: number, to: number): void {
    for (let item = from; item < to; item += 1) {
      const id = this.itemIds[item]!;
      const slot = this.catalog?.slotOf(id) ?? UNKNOWN;
      this.slots[item] = slot;
      if (slot === UNKNOWN) this.missing.set(id, item);
    }
  }
}
