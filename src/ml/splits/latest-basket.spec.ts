import { describe, expect, it } from '@jest/globals';

import { tasteInteractions } from '../../../test/support/random.js';
import { InvalidDataError } from '../core/errors.js';
import { leaveLatestBasketOut } from './latest-basket.js';

const DAY = 86_400_000;

// user 0: {0} on day 1, {1, 0} on day 2 in two orders; user 1: {2} on day 5 only; user 2: {3} on days 1 and 3
const interactions = {
  userCount: 4,
  itemCount: 5,
  users: Int32Array.of(0, 0, 1, 2, 0, 2, 0),
  items: Int32Array.of(1, 0, 2, 3, 0, 3, 0),
  timestamps: Float64Array.of(2 * DAY, 1 * DAY, 5 * DAY, 1 * DAY, 2 * DAY + 9, 3 * DAY, 2 * DAY + 9),
  userRegions: Int32Array.of(0, 1, -1, 0),
};

describe('leaveLatestBasketOut', () => {
  it('holds out the latest day of each user who has two', () => {
    const { training, baskets } = leaveLatestBasketOut(interactions);
    expect(baskets).toEqual({
      users: Int32Array.of(0, 2),
      items: Int32Array.of(0, 1, 3),
      offsets: Int32Array.of(0, 2, 3),
      timestamps: Float64Array.of(2 * DAY, 3 * DAY),
    });
    expect(training).toEqual({
      ...interactions,
      users: Int32Array.of(0, 1, 2),
      items: Int32Array.of(0, 2, 3),
      timestamps: Float64Array.of(1 * DAY, 5 * DAY, 1 * DAY),
    });
  });

  it('holds out the latest moment when asked to', () => {
    const { training, baskets } = leaveLatestBasketOut(interactions, 'moment');
    expect([...baskets.items]).toEqual([0, 3]);
    expect([...baskets.timestamps]).toEqual([2 * DAY + 9, 3 * DAY]);
    expect([...training.users]).toEqual([0, 0, 1, 2]);
  });

  it('trains on nothing of a user that is as late as his basket, and loses no row', () => {
    const data = tasteInteractions({ userCount: 20, rowsPerUser: 30 });
    const { training, baskets } = leaveLatestBasketOut(data, 'moment');
    const cut = new Map([...baskets.users].map((user, i) => [user, baskets.timestamps[i]!]));
    expect(training.users.some((user, row) => training.timestamps[row]! >= cut.get(user)!)).toBe(false);
    expect(training.users.length + baskets.items.length).toBe(data.users.length);
  });

  it('refuses data without a user of two baskets, and bad rows', () => {
    const single = { ...interactions, timestamps: new Float64Array(7) };
    expect(() => leaveLatestBasketOut(single)).toThrow(InvalidDataError);
    expect(() => leaveLatestBasketOut({ ...interactions, itemCount: 3 })).toThrow(/Item of row 3/);
  });
});
