import { runInSlices } from './event-loop.js';
import type { DistinctInteractions } from './interactions.js';

/** The users of each item, in compressed rows. */
export interface UsersByItem {
  /** Users of item i are users[offsets[i]] … users[offsets[i + 1] − 1]. Length itemCount + 1. */
  readonly offsets: Int32Array;
  /** Ascending within an item. */
  readonly users: Int32Array;
}

const ROWS_PER_SLICE = 2 ** 18;

/** Turns rows sorted by user into rows sorted by item, then user: a counting pass, O(n + items). */
export async function groupByItem(
  { itemCount, users, items }: DistinctInteractions,
  signal?: AbortSignal,
): Promise<UsersByItem> {
  const offsets = new Int32Array(itemCount + 1);
  const byItem = new Int32Array(users.length);
  // hot: rows were validated, so every index is in range
  const count = (from: number, to: number): void => {
    for (let row = from; row < to; row += 1) offsets[items[row]! + 1]! += 1;
  };
  await runInSlices(users.length, ROWS_PER_SLICE, count, signal);
  for (let item = 0; item < itemCount; item += 1) offsets[item + 1]! += offsets[item]!;
  const next = offsets.slice();
  const place = (from: number, to: number): void => {
    for (let row = from; row < to; row += 1) {
      const item = items[row]!;
      byItem[next[item]!] = users[row]!;
      next[item]! += 1;
    }
  };
  await runInSlices(users.length, ROWS_PER_SLICE, place, signal);
  return { offsets, users: byItem };
}
