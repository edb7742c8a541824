import { describe, expect, it } from '@jest/globals';

import { tasteInteractions } from '../../../test/support/random.js';
import { InvalidDataError } from '../core/errors.js';
import { leaveLatestMomentOut } from './latest-moment.js';
import { leaveLatestOut } from './leave-latest-out.js';

describe('leaveLatestMomentOut', () => {
  // user 0: {4, 0}, then {4, 1, 2}; user 1: {3}, then {3}; user 2: {5, 0} at once, 5 twice; user 3: {2};
  // user 4: {5}, then {5, 1}; user 5: nothing
  const shop = {
    userCount: 6,
    itemCount: 6,
    users: Int32Array.of(0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 4, 4, 4),
    items: Int32Array.of(4, 0, 4, 1, 2, 3, 3, 5, 0, 5, 2, 5, 5, 1),
    timestamps: Float64Array.of(1, 1, 7, 7, 7, 1, 2, 4, 4, 4, 3, 1, 2, 2),
  };

  it('ranks a new item and keeps habits, when asked to', async () => {
    const { training, heldOut, baskets, hidden } = await leaveLatestMomentOut(shop, {
      seed: 1,
      habits: 'keep',
    });
    expect([...baskets.users]).toEqual([0, 1, 4]);
    expect([...baskets.items]).toEqual([1, 2, 4, 3, 1, 5]);
    expect([...baskets.offsets]).toEqual([0, 3, 4, 6]);
    expect([...hidden]).toEqual([-1, -1, -1]);
    // user 1 took nothing new; user 2 has no basket, but an item to spare
    expect([...heldOut.users]).toEqual([0, 2, 4]);
    // of 1 and 2, and of 0 and 5, the seed draws
    expect([...heldOut.items]).toEqual([2, 0, 1]);
    expect([...heldOut.offsets]).toEqual([0, 2, 6, 10]);
    expect([...heldOut.negatives.slice(0, 2).sort()]).toEqual([3, 5]);
    expect([...heldOut.negatives.slice(2, 6).sort()]).toEqual([1, 2, 3, 4]);
    expect([...training.users]).toEqual([0, 0, 1, 2, 2, 3, 4]);
    expect([...training.items]).toEqual([4, 0, 3, 5, 5, 2, 5]);
  });

  it('hides an old item to rank it, and leaves it out of the basket', async () => {
    const { training, heldOut, baskets, hidden } = await leaveLatestMomentOut(shop, { seed: 1 });
    expect([...heldOut.users]).toEqual([0, 2, 4]);
    // of user 4 the only earlier item is not hidden: the new one is ranked
    expect([...heldOut.items]).toEqual([4, 0, 1]);
    expect([...baskets.users]).toEqual([0, 1, 4]);
    expect([...baskets.items]).toEqual([1, 2, 3, 1, 5]);
    expect([...hidden]).toEqual([4, -1, -1]);
    expect([...training.items]).toEqual([0, 3, 5, 5, 2, 5]);
  });

  it('holds out what the NCF protocol does where nothing is taken twice and times differ', async () => {
    const { itemCount, userCount, users } = tasteInteractions({
      userCount: 20,
      itemCount: 90,
      rowsPerUser: 15,
    });
    // items of a user differ: steps of 6 modulo 90
    const data = {
      userCount,
      itemCount,
      users,
      items: users.map((user, row) => (user * 7 + 6 * Math.floor(row / userCount)) % itemCount),
      timestamps: Float64Array.from(users, (_, row) => row),
    };
    const ncf = await leaveLatestOut(data, { seed: 5 });
    const { heldOut, training } = await leaveLatestMomentOut(data, { seed: 5 });
    expect(heldOut).toEqual(ncf.heldOut);
    expect(training.users).toHaveLength(ncf.training.users.length);
  });

  it.each(['hide', 'keep'] as const)('trains on nothing of a held-out moment (%s)', async (habits) => {
    const data = tasteInteractions({ rowsPerUser: 30 });
    const moments = { ...data, timestamps: data.timestamps.map((at) => Math.floor(at / 6e6)) };
    const { training, baskets, heldOut } = await leaveLatestMomentOut(moments, { seed: 1, habits });
    const cut = new Map([...baskets.users].map((user, i) => [user, baskets.timestamps[i]!]));
    expect(cut.size).toBeGreaterThan(30);
    expect(training.users.some((user, row) => training.timestamps[row]! >= cut.get(user)!)).toBe(false);
    heldOut.users.forEach((user, i) => {
      const own = training.items.filter((_, row) => training.users[row] === user);
      expect(own.includes(heldOut.items[i]!)).toBe(false);
      const negatives = heldOut.negatives.subarray(heldOut.offsets[i], heldOut.offsets[i + 1]);
      const taken = new Set(data.items.filter((_, row) => data.users[row] === user));
      expect(negatives.some((item) => taken.has(item))).toBe(false);
    });
  });

  it('refuses what cannot be held out, and stops when aborted', async () => {
    const single = { userCount: 1, itemCount: 3, users: Int32Array.of(0), items: Int32Array.of(1) };
    const splitting = leaveLatestMomentOut({ ...single, timestamps: new Float64Array(1) }, { seed: 1 });
    await expect(splitting).rejects.toThrow(InvalidDataError);
    const aborted = leaveLatestMomentOut(tasteInteractions(), {
      seed: 1,
      signal: AbortSignal.abort('cancel'),
    });
    await expect(aborted).rejects.toBe('cancel');
  });
});
