import { describe, expect, it } from '@jest/globals';

import { groupByItem } from '../core/by-item.js';
import { distinctInteractions } from '../core/interactions.js';
import { PairCounter } from './pair-counter.js';

describe('PairCounter', () => {
  it('counts one item against the others, and starts anew for the next', async () => {
    // user 0 has items 0, 1, 3; user 1 has items 0, 3; user 2 has item 2
    const rows = await distinctInteractions({
      userCount: 3,
      itemCount: 4,
      users: Int32Array.of(0, 0, 0, 1, 1, 2),
      items: Int32Array.of(3, 1, 0, 3, 0, 2),
      timestamps: new Float64Array(6),
    });
    const counter = new PairCounter(rows, await groupByItem(rows), Float64Array.of(1, 0.5, 7));
    for (let turn = 0; turn < 2; turn += 1) {
      const towards0 = counter.count(0);
      expect([...towards0.items]).toEqual([1, 3]);
      expect([...towards0.counts]).toEqual([1, 1.5]);
      expect(towards0.visited).toBe(5);
      expect(counter.count(2).items.length).toBe(0);
    }
  });
});
