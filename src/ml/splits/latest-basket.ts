import { InvalidDataError } from '../core/errors.js';
import { validateInteractions, type Interactions } from '../core/interactions.js';
import { groupRowsByUser } from '../core/user-rows.js';

/** The latest basket of each of some users. */
export interface HeldOutBaskets {
  /** Users with a held-out basket, ascending. Shape (n). */
  readonly users: Int32Array;
  /** Distinct items of all baskets, one user after the other, ascending within one. */
  readonly items: Int32Array;
  /** Items of users[i] are offsets[i] … offsets[i + 1] − 1. Shape (n + 1). */
  readonly offsets: Int32Array;
  /** Earliest time of each basket, milliseconds since the epoch. Shape (n). */
  readonly timestamps: Float64Array;
}

export interface LatestBasketSplit {
  /** Every row before its user's held-out basket, repetitions too, in the order of the data. */
  readonly training: Interactions;
  readonly baskets: HeldOutBaskets;
}

/** What makes rows of one user one basket: the same day, UTC, or the very same time, as lines of one order have. */
export type BasketSpan = 'day' | 'moment';

const DAY_MS = 86_400_000;

/**
 * Holds out each user's latest basket, so that all of a user's training rows are before it.
 *
 * Repetitions stay: an item of the basket may be among the user's training rows. Users with one basket keep it for
 * training and are not evaluated. Like `leaveLatestOut` it cuts each user at a time of his own, so training rows of
 * others may be later than a held-out basket. O(rows + users).
 *
 * @param span Default: 'day'.
 * @throws InvalidDataError when a row is bad or no user has two baskets.
 *
 * @see Li, Jullien, Ariannezhad & de Rijke, "A Next Basket Recommendation Reality Check", TOIS 2023, §4, doi:10.1145/3587153.
 */
export function leaveLatestBasketOut(
  interactions: Interactions,
  span: BasketSpan = 'day',
): LatestBasketSplit {
  validateInteractions(interactions);
  const isHeldOut = new Uint8Array(interactions.users.length);
  const baskets = latestBaskets(interactions, span);
  if (baskets.length === 0) {
    throw new InvalidDataError('Holding out baskets needs a user with at least 2 of them.');
  }
  for (const { rows } of baskets) for (const row of rows) isHeldOut[row] = 1;
  return {
    training: rowsWithout(interactions, isHeldOut),
    baskets: heldOutBaskets(interactions, baskets),
  };
}

/** Rows of a user's latest basket, and those before it. */
export interface LatestBasket {
  readonly user: number;
  readonly rows: Int32Array;
  /** Shape (n), n ≥ 1. */
  readonly earlier: Int32Array;
}

/** Latest baskets of the users who have more than one. The rows must be valid. */
export function latestBaskets(interactions: Interactions, span: BasketSpan): LatestBasket[] {
  const { userCount, timestamps } = interactions;
  const { offsets, rows } = groupRowsByUser(interactions);
  // rows exist: they come from the grouping
  const basketOf = (row: number): number =>
    span === 'day' ? Math.floor(timestamps[row]! / DAY_MS) : timestamps[row]!;
  const baskets: LatestBasket[] = [];
  for (let user = 0; user < userCount; user += 1) {
    const own = rows.subarray(offsets[user], offsets[user + 1]);
    const latest = own.reduce((late, row) => Math.max(late, basketOf(row)), Number.NEGATIVE_INFINITY);
    const earlier = own.filter((row) => basketOf(row) < latest);
    if (earlier.length === 0) continue;
    baskets.push({ user, rows: own.filter((row) => basketOf(row) === latest), earlier });
  }
  return baskets;
}

/** Columns of the baskets of some users. */
export function heldOutBaskets(
  { items, timestamps }: Interactions,
  baskets: readonly Pick<LatestBasket, 'user' | 'rows'>[],
): HeldOutBaskets {
  const offsets = new Int32Array(baskets.length + 1);
  const held: number[] = [];
  baskets.forEach(({ rows }, index) => {
    held.push(...[...new Set(rows.map((row) => items[row]!))].sort((a, b) => a - b));
    offsets[index + 1] = held.length;
  });
  return {
    users: Int32Array.from(baskets, ({ user }) => user),
    items: Int32Array.from(held),
    offsets,
    timestamps: Float64Array.from(baskets, ({ rows }) =>
      rows.reduce((first, row) => Math.min(first, timestamps[row]!), Number.POSITIVE_INFINITY),
    ),
  };
}

/** The rows that are not marked, in their order. */
export function rowsWithout(interactions: Interactions, isMarked: Uint8Array): Interactions {
  const keep = (_: number, row: number): boolean => isMarked[row] === 0;
  return {
    ...interactions,
    users: interactions.users.filter(keep),
    items: interactions.items.filter(keep),
    timestamps: interactions.timestamps.filter(keep),
  };
}
