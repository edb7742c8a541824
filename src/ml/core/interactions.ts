import { InvalidDataError } from './errors.js';
import { runInSlices } from './event-loop.js';

/** Who took what, and when. Three columns of equal length n ≥ 1; repeated rows are allowed. */
export interface Interactions {
  /** Users are 0 … userCount − 1. */
  readonly userCount: number;
  /** Items are 0 … itemCount − 1. */
  readonly itemCount: number;
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** Milliseconds since the epoch. */
  readonly timestamps: Float64Array;
  /** Region of each user, 0 … 2³¹ − 1, −1 where it is not known. Shape (userCount). */
  readonly userRegions?: Int32Array;
}

/** Interactions without repetition, sorted by user, then item. */
export interface DistinctInteractions extends Interactions {
  /** Rows of user u are offsets[u] … offsets[u + 1] − 1. Length userCount + 1. */
  readonly offsets: Int32Array;
}

const ROWS_PER_SLICE = 2 ** 18;

/** @throws InvalidDataError naming the first bad row, or the column or count that is wrong. */
export function validateInteractions(interactions: Interactions): void {
  const { userCount, itemCount, users, items, timestamps, userRegions } = interactions;
  expectCount('userCount', userCount);
  expectCount('itemCount', itemCount);
  expectRegions(userRegions, userCount);
  if (users.length !== items.length || users.length !== timestamps.length) {
    throw new InvalidDataError(
      `Columns must be equally long, received ${users.length} users, ${items.length} items and ${timestamps.length} timestamps.`,
    );
  }
  if (users.length === 0) throw new InvalidDataError('Interactions need at least 1 row, received 0.');
  // hot: one pass over all rows, every index is below the common length
  for (let row = 0; row < users.length; row += 1) {
    const user = users[row]!;
    const item = items[row]!;
    if (user < 0 || user >= userCount) {
      throw new InvalidDataError(`User of row ${row} must be in 0 … ${userCount - 1}, received ${user}.`);
    }
    if (item < 0 || item >= itemCount) {
      throw new InvalidDataError(`Item of row ${row} must be in 0 … ${itemCount - 1}, received ${item}.`);
    }
    if (!Number.isFinite(timestamps[row])) {
      throw new InvalidDataError(`Timestamp of row ${row} must be finite, received ${timestamps[row]}.`);
    }
  }
}

/**
 * Keeps one row for each pair of user and item, with the latest of its timestamps.
 *
 * A radix sort in two stable counting passes, by item, then by user: O(n + users + items).
 * The result does not depend on the order of the rows.
 *
 * @throws InvalidDataError when a row is bad; the signal's reason when aborted.
 */
export async function distinctInteractions(
  interactions: Interactions,
  signal?: AbortSignal,
): Promise<DistinctInteractions> {
  validateInteractions(interactions);
  const { userCount, itemCount, users, items, timestamps, userRegions } = interactions;
  const byItem = await sortedRows(undefined, items, itemCount, signal);
  const order = await sortedRows(byItem, users, userCount, signal);

  const rowCount = order.length;
  const distinct = {
    users: new Int32Array(rowCount),
    items: new Int32Array(rowCount),
    timestamps: new Float64Array(rowCount),
  };
  const offsets = new Int32Array(userCount + 1);
  let last = -1;
  // hot: every index comes from a permutation of the rows
  const collect = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      const row = order[i]!;
      const user = users[row]!;
      const item = items[row]!;
      const timestamp = timestamps[row]!;
      if (last >= 0 && distinct.users[last] === user && distinct.items[last] === item) {
        distinct.timestamps[last] = Math.max(distinct.timestamps[last]!, timestamp);
        continue;
      }
      last += 1;
      distinct.users[last] = user;
      distinct.items[last] = item;
      distinct.timestamps[last] = timestamp;
      offsets[user + 1]! += 1;
    }
  };
  await runInSlices(rowCount, ROWS_PER_SLICE, collect, signal);
  for (let user = 0; user < userCount; user += 1) offsets[user + 1]! += offsets[user]!;

  return {
    userCount,
    itemCount,
    users: distinct.users.slice(0, last + 1),
    items: distinct.items.slice(0, last + 1),
    timestamps: distinct.timestamps.slice(0, last + 1),
    offsets,
    ...(userRegions && { userRegions }),
  };
}

/** Rows (or `order`, when given) stably sorted by `keys`, which are in 0 … keyCount − 1. */
async function sortedRows(
  order: Int32Array | undefined,
  keys: Int32Array,
  keyCount: number,
  signal: AbortSignal | undefined,
): Promise<Int32Array> {
  const next = new Int32Array(keyCount + 1);
  const sorted = new Int32Array(keys.length);
  // hot: keys were validated, so every index is in range
  const count = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) next[keys[i]! + 1]! += 1;
  };
  const place = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      const row = order === undefined ? i : order[i]!;
      const key = keys[row]!;
      sorted[next[key]!] = row;
      next[key]! += 1;
    }
  };
  await runInSlices(keys.length, ROWS_PER_SLICE, count, signal);
  for (let key = 0; key < keyCount; key += 1) next[key + 1]! += next[key]!;
  await runInSlices(keys.length, ROWS_PER_SLICE, place, signal);
  return sorted;
}

function expectCount(name: string, count: number): void {
  if (!(Number.isInteger(count) && count >= 1 && count < 2 ** 31)) {
    throw new InvalidDataError(`\`${name}\` must be an integer from 1 to 2³¹ − 1, received ${count}.`);
  }
}

function expectRegions(userRegions: Int32Array | undefined, userCount: number): void {
  if (userRegions === undefined) return;
  if (userRegions.length !== userCount) {
    throw new InvalidDataError(
      `\`userRegions\` must have ${userCount} entries, one a user, received ${userRegions.length}.`,
    );
  }
  const bad = userRegions.findIndex((region) => region < -1);
  if (bad >= 0) {
    throw new InvalidDataError(`Region of user ${bad} must be −1 or more, received ${userRegions[bad]}.`);
  }
}
