import { InvalidDataError } from '../core/errors.js';
import { yieldToEventLoop } from '../core/event-loop.js';
import { validateInteractions, type Interactions } from '../core/interactions.js';
import { createRandom, deriveSeed, drawBelow, type Random } from '../core/random.js';
import { groupRowsByUser } from '../core/user-rows.js';
import {
  heldOutBaskets,
  latestBaskets,
  rowsWithout,
  type HeldOutBaskets,
  type LatestBasket,
} from './latest-basket.js';
import { drawUnowned, type HeldOut, type LeaveLatestOutOptions } from './leave-latest-out.js';

export interface LatestMomentOptions extends LeaveLatestOutOptions {
  /**
   * Whether an item that a user had taken before may be ranked as if it were new to him, its earlier rows being
   * hidden from the training. `hide` ranks an item of every user; `keep` takes no habit out of the model, and ranks
   * only what was new. Default: 'hide'.
   */
  readonly habits?: 'hide' | 'keep';
}

export interface LatestMomentSplit {
  /** Everything that is not held out, repetitions too, in the order of the data. */
  readonly training: Interactions;
  /** One item of each user who has one to spare, with negatives. */
  readonly heldOut: HeldOut;
  /** What each user took at his latest moment, without the item whose earlier rows are hidden. */
  readonly baskets: HeldOutBaskets;
  /** Item of each basket whose earlier rows are hidden, not to be listed for it; −1 for none. Shape (baskets). */
  readonly hidden: Int32Array;
}

/** What is held out of one user. */
interface Cut {
  /** To be ranked among negatives. */
  readonly item: number | undefined;
  readonly rows: Int32Array;
  readonly basket?: { readonly user: number; readonly rows: Int32Array; readonly hidden: number };
}

const USERS_PER_SLICE = 1024;
/** Purpose of a seed derived from the given one. */
const TIES = 1;

/**
 * Holds out all that each user took at his latest moment, to be measured in two ways by one training: as one item
 * ranked among sampled negatives (the NCF protocol) and as a basket, repeated purchases included.
 *
 * A moment is an exact time, as lines of one order share it. The item to be ranked is drawn from those of the moment,
 * as in `leaveLatestOut`; under `habits: 'keep'` from those that the user had not taken before. Where nobody takes
 * anything twice, as with ratings, the two are one. A basket whose ranked item is hidden goes without it: predicting
 * it from the rest of the history would be unfair. Users with a single moment keep it for training, but for the item,
 * and have no basket. Negatives are as in `leaveLatestOut`. O(rows + users · negatives).
 *
 * @throws InvalidDataError when a row is bad or nothing can be held out; the signal's reason when aborted.
 *
 * @see He et al., "Neural Collaborative Filtering", WWW 2017, §4.1, doi:10.1145/3038912.3052569, and
 * `leaveLatestBasketOut`.
 */
export async function leaveLatestMomentOut(
  interactions: Interactions,
  { seed, negativesPerUser = 99, habits = 'hide', signal }: LatestMomentOptions,
): Promise<LatestMomentSplit> {
  validateInteractions(interactions);
  const { userCount, itemCount, items, timestamps } = interactions;
  const { offsets, rows } = groupRowsByUser(interactions);
  const latest = new Map(latestBaskets(interactions, 'moment').map((basket) => [basket.user, basket]));
  const random = createRandom(seed);
  const tieRandom = createRandom(deriveSeed(seed, TIES));
  const isHeldOut = new Uint8Array(items.length);
  const owner = new Int32Array(itemCount).fill(-1);
  const ranked = { users: [] as number[], items: [] as number[], negatives: [] as number[], offsets: [0] };
  const moments: number[] = [];
  const baskets: NonNullable<Cut['basket']>[] = [];

  for (let user = 0; user < userCount; user += 1) {
    if (user % USERS_PER_SLICE === 0) {
      signal?.throwIfAborted();
      await yieldToEventLoop();
    }
    const own = rows.subarray(offsets[user], offsets[user + 1]);
    const owned = new Set(own.map((row) => items[row]!));
    const isRankable = owned.size > 1 && owned.size < itemCount;
    const basket = latest.get(user);
    const cut = basket
      ? cutBasket(items, basket, isRankable && habits === 'hide', tieRandom)
      : cutItem(items, own, tieRandom);
    if (basket || isRankable) for (const row of cut.rows) isHeldOut[row] = 1;
    if (cut.basket && cut.basket.rows.length > 0) baskets.push(cut.basket);
    if (cut.item === undefined || !isRankable) continue;
    ranked.users.push(user);
    ranked.items.push(cut.item);
    moments.push(timestamps[(basket?.rows ?? own)[0]!]!); // a user with an item has a row
    for (const item of owned) owner[item] = user;
    const count = Math.min(negativesPerUser, itemCount - owned.size);
    drawUnowned(owner, user, count, random, ranked.negatives);
    ranked.offsets.push(ranked.negatives.length);
  }
  if (ranked.users.length === 0 && baskets.length === 0) {
    throw new InvalidDataError('Holding out needs a user with 2 items, or with rows at 2 times.');
  }
  return {
    training: rowsWithout(interactions, isHeldOut),
    heldOut: {
      users: Int32Array.from(ranked.users),
      items: Int32Array.from(ranked.items),
      timestamps: Float64Array.from(moments),
      negatives: Int32Array.from(ranked.negatives),
      offsets: Int32Array.from(ranked.offsets),
    },
    baskets: heldOutBaskets(interactions, baskets),
    hidden: Int32Array.from(baskets, ({ hidden }) => hidden),
  };
}

/** Of a user with earlier moments: all of the latest, and what has to be hidden to rank an old item. */
function cutBasket(
  items: Int32Array,
  { user, rows, earlier }: LatestBasket,
  mayHide: boolean,
  random: Random,
): Cut {
  const known = new Set(earlier.map((row) => items[row]!));
  const last = drawItem(
    Array.from(rows, (row) => items[row]!),
    random,
  );
  const isNew = last !== undefined && !known.has(last);
  const unknown = [...rows].map((row) => items[row]!).filter((item) => !known.has(item));
  const newest = isNew ? last : drawItem(unknown, random);
  // a user whose one earlier item is hidden would have nothing to learn from
  if (!mayHide || last === newest || last === undefined || known.size === 1) {
    return { item: newest, rows, basket: { user, rows, hidden: -1 } };
  }
  const hiddenRows = earlier.filter((row) => items[row] === last);
  const rest = rows.filter((row) => items[row] !== last);
  return {
    item: last,
    rows: Int32Array.of(...rows, ...hiddenRows),
    basket: { user, rows: rest, hidden: last },
  };
}

/** Of a user with one moment: one of its items. */
function cutItem(items: Int32Array, own: Int32Array, random: Random): Cut {
  const item = drawItem(
    Array.from(own, (row) => items[row]!),
    random,
  );
  return { item, rows: own.filter((row) => items[row] === item) };
}

/** Each item with the same probability, however often it is there; undefined of none. */
function drawItem(items: readonly number[], random: Random): number | undefined {
  const distinct = [...new Set(items)].sort((a, b) => a - b);
  return distinct[drawBelow(random, distinct.length)];
}
