import type { UsersByItem } from '../core/by-item.js';
import type { DistinctInteractions } from '../core/interactions.js';

/** Counts how often items were taken together, one item against all others, in memory of a few floats an item. */
export class PairCounter {
  private readonly together: Float64Array;
  private readonly touched: Int32Array;
  private readonly counts: Float32Array;

  /** @param userWeights What a user counts. Shape (userCount). */
  constructor(
    private readonly byUser: DistinctInteractions,
    private readonly byItem: UsersByItem,
    private readonly userWeights: Float64Array,
  ) {
    this.together = new Float64Array(byUser.itemCount);
    this.touched = new Int32Array(byUser.itemCount);
    this.counts = new Float32Array(byUser.itemCount);
  }

  /**
   * @returns The other items of the users of `target`, ascending, the summed weights of the users they have in common,
   * and how many rows were visited. The arrays are reused by the next call.
   */
  count(target: number): { items: Int32Array; counts: Float32Array; visited: number } {
    const { together, touched } = this;
    const { items: rows, offsets } = this.byUser;
    let size = 0;
    let visited = 0;
    // hot: compressed rows of validated interactions
    for (let at = this.byItem.offsets[target]!; at < this.byItem.offsets[target + 1]!; at += 1) {
      const user = this.byItem.users[at]!;
      const weight = this.userWeights[user]!;
      const end = offsets[user + 1]!;
      visited += end - offsets[user]!;
      for (let row = offsets[user]!; row < end; row += 1) {
        const item = rows[row]!;
        if (together[item] === 0 && item !== target) {
          touched[size] = item;
          size += 1;
        }
        together[item]! += weight;
      }
    }
    together[target] = 0;
    const items = touched.subarray(0, size).sort();
    const counts = this.counts.subarray(0, size);
    for (let k = 0; k < size; k += 1) {
      const item = items[k]!;
      counts[k] = together[item]!;
      together[item] = 0;
    }
    return { items, counts, visited };
  }
}
