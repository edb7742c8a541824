import { widened } from './catalog-columns.js';

export const MONTHS = 12;
const TOTAL_WEIGHT = 1 / 1000;

/** How often each product was bought, by month of the year, over all years. 48 bytes a product. */
export class PurchaseCounts {
  private counts: Int32Array;
  /** By month in the middle of the season, from 0. */
  private readonly popularity = new Map<number, Float32Array>();

  constructor(capacity: number) {
    this.counts = new Int32Array(capacity * MONTHS);
  }

  get capacity(): number {
    return this.counts.length / MONTHS;
  }

  /** Makes room for `capacity` slots; the new ones were never bought. */
  grow(capacity: number): void {
    if (capacity <= this.capacity) return;
    this.counts = widened(this.counts, new Int32Array(capacity * MONTHS));
    for (const [month, values] of this.popularity) {
      this.popularity.set(month, widened(values, new Float32Array(capacity)));
    }
  }

  /** Adds purchases, or takes some off. @param month 1 … 12. */
  add(slot: number, month: number, count: number): void {
    const index = slot * MONTHS + month - 1;
    this.counts[index] = this.counts[index]! + count; // slots are below the capacity
    for (const [middle, values] of this.popularity) values[slot] = this.popularityOf(slot, middle);
  }

  /** Becomes what `other`, of at least this capacity, has counted; that one is not to be used any more. */
  takeOver(other: PurchaseCounts): void {
    this.counts = other.counts;
    this.popularity.clear();
  }

  monthsOf(slot: number): readonly number[] {
    return [...this.counts.subarray(slot * MONTHS, (slot + 1) * MONTHS)];
  }

  /**
   * Purchases in a month and the two beside it, with the rest of the year as tie-breaker. Kept up to date from
   * then on. Shape (capacity).
   *
   * @param month 1 … 12.
   */
  popularityInSeason(month: number): Float32Array {
    const known = this.popularity.get(month - 1);
    if (known) return known;
    const values = new Float32Array(this.capacity);
    for (let slot = 0; slot < values.length; slot += 1) values[slot] = this.popularityOf(slot, month - 1);
    this.popularity.set(month - 1, values);
    return values;
  }

  private popularityOf(slot: number, month: number): number {
    const first = slot * MONTHS;
    let total = 0;
    for (let i = first; i < first + MONTHS; i += 1) total += this.counts[i]!; // 12 numbers a slot
    const near = [(month + 11) % MONTHS, month, (month + 1) % MONTHS];
    return near.reduce((sum, index) => sum + this.counts[first + index]!, 0) + total * TOTAL_WEIGHT;
  }
}
