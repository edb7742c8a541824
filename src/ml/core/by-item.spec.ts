import { describe, expect, it } from '@jest/globals';

import { tasteInteractions } from '../../../test/support/random.js';
import { groupByItem } from './by-item.js';
import { distinctInteractions } from './interactions.js';

describe('groupByItem', () => {
  it('lists the users of each item in order', async () => {
    const distinct = await distinctInteractions(tasteInteractions());
    const { offsets, users } = await groupByItem(distinct);
    expect(offsets.length).toBe(distinct.itemCount + 1);
    for (let item = 0; item < distinct.itemCount; item += 1) {
      const expected = [...distinct.users].filter((_, row) => distinct.items[row] === item);
      expect([...users.subarray(offsets[item], offsets[item + 1])]).toEqual(expected);
    }
  });

  it('stops when aborted', async () => {
    const distinct = await distinctInteractions(tasteInteractions());
    await expect(groupByItem(distinct, AbortSignal.abort('cancel'))).rejects.toBe('cancel');
  });
});
