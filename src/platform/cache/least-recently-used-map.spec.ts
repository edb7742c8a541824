import { describe, expect, it } from '@jest/globals';

import { LeastRecentlyUsedMap } from './least-recently-used-map.js';

describe('LeastRecentlyUsedMap', () => {
  it('forgets what was not used for longest', () => {
    const map = new LeastRecentlyUsedMap<string, number>(2);
    map.set('a', 1).set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([...map]).toEqual([
      ['a', 1],
      ['c', 3],
    ]);
  });

  it('keeps its size when an entry is replaced, and counts that as a use', () => {
    const map = new LeastRecentlyUsedMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    expect([...map.keys()]).toEqual(['a', 'c']);
    expect(map.get('a')).toBe(3);
  });

  it('gives nothing for what it does not know', () => {
    expect(new LeastRecentlyUsedMap<string, number>(1).get('a')).toBeUndefined();
  });
});
