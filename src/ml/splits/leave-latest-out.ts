import { InvalidDataError } from '../core/errors.js';
import { yieldToEventLoop } from '../core/event-loop.js';
import { distinctInteractions, type DistinctInteractions, type Interactions } from '../core/interactions.js';
import { createRandom, deriveSeed, drawBelow, type Random } from '../core/random.js';

/** One held-out item for each of some users, with negatives to rank it among. */
export interface HeldOut {
  /** Users with a held-out item, ascending. Shape (n). */
  readonly users: Int32Array;
  /** Their held-out items. Shape (n). */
  readonly items: Int32Array;
  /** When they were taken, milliseconds since the epoch; absent where nobody knows. Shape (n). */
  readonly timestamps?: Float64Array;
  /** Negatives of all users, one user after the other. */
  readonly negatives: Int32Array;
  /** Negatives of users[i] are offsets[i] … offsets[i + 1] − 1. Shape (n + 1). */
  readonly offsets: Int32Array;
}

export interface LeaveLatestOutOptions {
  /** Seeds the draw of negatives, and of one among items with the same latest time, uint32. */
  readonly seed: number;
  /** Negatives a user, integer ≥ 1. Default 99. */
  readonly negativesPerUser?: number;
  readonly signal?: AbortSignal;
}

export interface LeaveLatestOutSplit {
  /** Everything that is not held out, without repetition. */
  readonly training: DistinctInteractions;
  readonly heldOut: HeldOut;
}

const USERS_PER_SLICE = 1024;
/** Purpose of a seed derived from the given one. */
const TIES = 1;

/**
 * Holds out each user's latest item, with sampled negatives to rank it among (the NCF protocol).
 *
 * Repeated pairs are merged first, at their latest time, so a held-out item is never among its
 * user's training rows. Users with one item keep it for training and are not evaluated. Of items
 * with the same time, as in one order, one is drawn. Negatives are distinct and never
 * among the user's items; a user with fewer other items than asked for gets all of them, and a user
 * with none is not held out. O(rows + users · negatives).
 *
 * @throws InvalidDataError when a row is bad or no user can be held out.
 *
 * @see He et al., "Neural Collaborative Filtering", WWW 2017, §4.1, doi:10.1145/3038912.3052569.
 */
export async function leaveLatestOut(
  interactions: Interactions,
  { seed, negativesPerUser = 99, signal }: LeaveLatestOutOptions,
): Promise<LeaveLatestOutSplit> {
  const distinct = await distinctInteractions(interactions, signal);
  const { userCount, itemCount, offsets } = distinct;
  const random = createRandom(seed);
  const tieRandom = createRandom(deriveSeed(seed, TIES));
  const isHeldOut = new Uint8Array(distinct.users.length);
  const owner = new Int32Array(itemCount).fill(-1);
  const users: number[] = [];
  const items: number[] = [];
  const timestamps: number[] = [];
  const negatives: number[] = [];
  const negativeOffsets: number[] = [0];

  for (let user = 0; user < userCount; user += 1) {
    if (user % USERS_PER_SLICE === 0) {
      signal?.throwIfAborted();
      await yieldToEventLoop();
    }
    // offsets has one entry more than users
    const start = offsets[user]!;
    const end = offsets[user + 1]!;
    if (end - start < 2 || end - start === itemCount) continue;
    const row = latestRow(distinct.timestamps, start, end, tieRandom);
    isHeldOut[row] = 1;
    users.push(user);
    items.push(distinct.items[row]!);
    timestamps.push(distinct.timestamps[row]!);
    for (let i = start; i < end; i += 1) owner[distinct.items[i]!] = user;
    const count = Math.min(negativesPerUser, itemCount - (end - start));
    drawUnowned(owner, user, count, random, negatives);
    negativeOffsets.push(negatives.length);
  }
  if (users.length === 0) {
    throw new InvalidDataError(
      'Holding out needs a user with at least 2 distinct items, and fewer than all.',
    );
  }
  return {
    training: withoutRows(distinct, isHeldOut),
    heldOut: {
      users: Int32Array.from(users),
      items: Int32Array.from(items),
      timestamps: Float64Array.from(timestamps),
      negatives: Int32Array.from(negatives),
      offsets: Int32Array.from(negativeOffsets),
    },
  };
}

/** The latest row; of several each with the same probability. */
function latestRow(timestamps: Float64Array, start: number, end: number, random: Random): number {
  let latest = start;
  let ties = 1;
  for (let row = start + 1; row < end; row += 1) {
    const ahead = timestamps[row]! - timestamps[latest]!;
    if (ahead < 0) continue;
    ties = ahead > 0 ? 1 : ties + 1;
    if (drawBelow(random, ties) === 0) latest = row;
  }
  return latest;
}

/** Appends `count` distinct items that `user` does not own, marking them owned; the caller made sure they exist. */
export function drawUnowned(
  owner: Int32Array,
  user: number,
  count: number,
  random: Random,
  into: number[],
): void {
  // random tries are cheap while many items are free; the walk bounds them when few are
  const maxTries = 20 * count;
  const first = into.length;
  for (let tries = 0; into.length - first < count && tries < maxTries; tries += 1) {
    const item = drawBelow(random, owner.length);
    if (owner[item] === user) continue;
    owner[item] = user;
    into.push(item);
  }
  let left = count - (into.length - first);
  let item = drawBelow(random, owner.length);
  for (; left > 0; item = (item + 1) % owner.length) {
    if (owner[item] === user) continue;
    owner[item] = user;
    into.push(item);
    left -= 1;
  }
}

function withoutRows(distinct: DistinctInteractions, isHeldOut: Uint8Array): DistinctInteractions {
  const keep = (_: number, row: number): boolean => isHeldOut[row] === 0;
  const offsets = new Int32Array(distinct.offsets.length);
  let removed = 0;
  for (let user = 0; user < distinct.userCount; user += 1) {
    // offsets has one entry more than users; at most one row a user is held out
    const end = distinct.offsets[user + 1]!;
    for (let row = distinct.offsets[user]!; row < end; row += 1) removed += isHeldOut[row]!;
    offsets[user + 1] = end - removed;
  }
  return {
    userCount: distinct.userCount,
    itemCount: distinct.itemCount,
    users: distinct.users.filter(keep),
    items: distinct.items.filter(keep),
    timestamps: distinct.timestamps.filter(keep),
    offsets,
    ...(distinct.userRegions && { userRegions: distinct.userRegions }),
  };
}
