import { describe, expect, it } from '@jest/globals';

import { tasteInteractions } from '../../../test/support/random.js';
import { InvalidDataError } from '../core/errors.js';
import { leaveLatestOut } from './leave-latest-out.js';

describe('leaveLatestOut', () => {
  it('holds out the latest item by its latest time', async () => {
    const { training, heldOut } = await leaveLatestOut(
      {
        userCount: 4,
        itemCount: 5,
        // user 0 takes item 1 twice, last; user 1 only item 2; user 2 item 4 after item 3; user 3 nothing
        users: Int32Array.of(0, 0, 0, 1, 1, 2, 2),
        items: Int32Array.of(1, 0, 1, 2, 2, 4, 3),
        timestamps: Float64Array.of(10, 20, 30, 1, 2, 6, 5),
      },
      { seed: 1 },
    );
    expect([...heldOut.users]).toEqual([0, 2]);
    expect([...heldOut.items]).toEqual([1, 4]);
    expect([...training.users]).toEqual([0, 1, 2]);
    expect([...training.items]).toEqual([0, 2, 3]);
    expect([...training.timestamps]).toEqual([20, 2, 5]);
    expect([...training.offsets]).toEqual([0, 1, 2, 3, 3]);
    // fewer than 99 items are left: all of them
    expect([...heldOut.offsets]).toEqual([0, 3, 6]);
    expect([...heldOut.negatives.slice(0, 3).sort()]).toEqual([2, 3, 4]);
    expect([...heldOut.negatives.slice(3).sort()]).toEqual([0, 1, 2]);
  });

  it('holds out any of the items taken last at once', async () => {
    const userCount = 300;
    // all take item 0 first, then items 1, 2 and 3 in one order
    const users = Int32Array.from({ length: 4 * userCount }, (_, row) => row >> 2);
    const items = users.map((_, row) => row % 4);
    const timestamps = Float64Array.from(items, (item) => Math.min(item, 1));
    const { heldOut } = await leaveLatestOut(
      { userCount, itemCount: 5, users, items, timestamps },
      { seed: 3 },
    );
    const counts = [0, 1, 2, 3].map((item) => heldOut.items.filter((held) => held === item).length);
    expect(counts[0]).toBe(0);
    // 100 ± 4 deviations of a binomial draw
    for (const count of counts.slice(1)) expect(Math.abs(count - 100)).toBeLessThan(33);
  });

  it('draws distinct negatives that the user does not have', async () => {
    const interactions = tasteInteractions({ userCount: 60, itemCount: 130, rowsPerUser: 40 });
    const { training, heldOut } = await leaveLatestOut(interactions, { seed: 9 });
    const owned = Array.from({ length: 60 }, () => new Set<number>());
    interactions.users.forEach((user, row) => owned[user]!.add(interactions.items[row]!));
    expect(heldOut.users.length).toBe(60);
    heldOut.users.forEach((user, i) => {
      const negatives = heldOut.negatives.subarray(heldOut.offsets[i], heldOut.offsets[i + 1]);
      expect(negatives.length).toBe(Math.min(99, 130 - owned[user]!.size));
      expect(new Set(negatives).size).toBe(negatives.length);
      expect(negatives.some((item) => owned[user]!.has(item))).toBe(false);
      const rows = training.items.subarray(training.offsets[user], training.offsets[user + 1]);
      expect(rows.length).toBe(owned[user]!.size - 1);
      expect(rows.includes(heldOut.items[i]!)).toBe(false);
    });
  });

  it('depends on the seed only', async () => {
    const interactions = tasteInteractions({ itemCount: 500 });
    const first = await leaveLatestOut(interactions, { seed: 1 });
    expect(await leaveLatestOut(interactions, { seed: 1 })).toEqual(first);
    const other = await leaveLatestOut(interactions, { seed: 2 });
    expect(other.training).toEqual(first.training);
    expect(other.heldOut.negatives).not.toEqual(first.heldOut.negatives);
  });

  it('refuses data without a user to hold out', async () => {
    const single = { userCount: 1, itemCount: 3, users: Int32Array.of(0), items: Int32Array.of(1) };
    const splitting = leaveLatestOut({ ...single, timestamps: new Float64Array(1) }, { seed: 1 });
    await expect(splitting).rejects.toThrow(InvalidDataError);
  });
});
