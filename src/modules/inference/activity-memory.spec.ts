import { describe, expect, it } from '@jest/globals';

import { ActivityMemory } from './activity-memory.js';
import type { ActivityRow, UserActivity } from './user-activity.types.js';

const row: ActivityRow = { productId: 'p', source: 'order', at: 0 };
const activity = (cursor: number, rows = 1): UserActivity => ({
  place: undefined,
  rows: Array.from({ length: rows }, () => row),
  cursor,
});
const started = (capacity = 100, changeCapacity = 100): ActivityMemory => {
  const memory = new ActivityMemory(capacity, changeCapacity);
  memory.apply({ cursor: 100, users: undefined });
  return memory;
};

describe('ActivityMemory', () => {
  it('knows nothing before it was told where to begin', () => {
    const memory = new ActivityMemory(10, 10);
    memory.set('u', activity(1e9));
    expect(memory.get('u')).toBeUndefined();
    expect(memory.isCurrent('u', 1e9)).toBe(false);
  });

  it('keeps a user until it has changed', () => {
    const memory = started();
    const read = activity(100);
    memory.set('u', read);
    memory.apply({ cursor: 106, users: new Map([['other', 105]]) });
    expect(memory.get('u')).toBe(read);
    memory.apply({ cursor: 108, users: new Map([['u', 107]]) });
    expect(memory.get('u')).toBeUndefined();
  });

  it('takes a reading for outdated when the change committed after it began', () => {
    const memory = started();
    memory.apply({ cursor: 100, users: new Map([['u', 104]]) });
    expect(memory.isCurrent('u', 104)).toBe(false);
    expect(memory.isCurrent('u', 105)).toBe(true);
    memory.set('u', activity(104)); // began before transaction 104 was over
    expect(memory.get('u')).toBeUndefined();
    memory.set('u', activity(105));
    expect(memory.get('u')).toBeDefined();
  });

  it('trusts no answer from before it began, and every one since', () => {
    const memory = started();
    expect(memory.isCurrent('u', 99)).toBe(false);
    expect(memory.isCurrent('u', 100)).toBe(true);
  });

  it('forgets everybody when too many have changed', () => {
    const memory = started();
    memory.set('u', activity(100));
    memory.apply({ cursor: 200, users: undefined });
    expect(memory.get('u')).toBeUndefined();
    expect(memory.isCurrent('u', 199)).toBe(false);
    expect(memory.isCurrent('u', 200)).toBe(true);
  });

  it('doubts more when it has to forget a change, never less', () => {
    const memory = started(100, 2);
    memory.apply({
      cursor: 110,
      users: new Map([
        ['a', 103],
        ['b', 105],
        ['c', 107],
      ]),
    });
    expect(memory.isCurrent('a', 103)).toBe(false);
    expect(memory.isCurrent('a', 104)).toBe(true);
    expect(memory.isCurrent('stranger', 103)).toBe(false);
    expect(memory.isCurrent('c', 107)).toBe(false);
  });

  it('holds so many rows, those that were asked for last', () => {
    const memory = started(10);
    memory.set('a', activity(100, 4));
    memory.set('b', activity(100, 0)); // counts as one
    memory.set('c', activity(100, 4));
    memory.get('a');
    memory.set('d', activity(100, 5));
    expect(['a', 'b', 'c', 'd'].filter((user) => memory.get(user) !== undefined)).toEqual(['a', 'd']);
    memory.set('e', activity(100, 50)); // one that is larger than all of it is kept alone
    expect(['a', 'd', 'e'].filter((user) => memory.get(user) !== undefined)).toEqual(['e']);
  });
});
