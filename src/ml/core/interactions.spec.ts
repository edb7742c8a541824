import { describe, expect, it } from '@jest/globals';

import { tasteInteractions } from '../../../test/support/random.js';
import { distinctInteractions } from './interactions.js';

describe('distinctInteractions', () => {
  it('keeps the latest row of each pair, by user and item', async () => {
    const distinct = await distinctInteractions({
      userCount: 3,
      itemCount: 2,
      users: Int32Array.of(2, 0, 2, 0, 2),
      items: Int32Array.of(1, 1, 0, 1, 1),
      timestamps: Float64Array.of(9, 4, 5, 3, 7),
    });
    expect(distinct).toEqual({
      userCount: 3,
      itemCount: 2,
      users: Int32Array.of(0, 2, 2),
      items: Int32Array.of(1, 0, 1),
      timestamps: Float64Array.of(4, 5, 9),
      offsets: Int32Array.of(0, 1, 1, 3),
    });
  });

  it('agrees with a map of pairs', async () => {
    const interactions = tasteInteractions({ userCount: 30, itemCount: 20, rowsPerUser: 25 });
    const latest = new Map<number, number>();
    interactions.users.forEach((user, row) => {
      const pair = user * 20 + interactions.items[row]!;
      latest.set(pair, Math.max(latest.get(pair) ?? 0, interactions.timestamps[row]!));
    });
    const pairs = [...latest.keys()].sort((a, b) => a - b);
    const distinct = await distinctInteractions(interactions);
    expect([...distinct.users].map((user, row) => user * 20 + distinct.items[row]!)).toEqual(pairs);
    expect([...distinct.timestamps]).toEqual(pairs.map((pair) => latest.get(pair)));
  });

  it('stops when aborted', async () => {
    const sorting = distinctInteractions(tasteInteractions(), AbortSignal.abort('cancel'));
    await expect(sorting).rejects.toBe('cancel');
  });
});
