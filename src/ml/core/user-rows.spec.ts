import { describe, expect, it } from '@jest/globals';

import { groupRowsByUser } from './user-rows.js';

describe('groupRowsByUser', () => {
  it('keeps the order of rows within a user, and empty users', () => {
    expect(groupRowsByUser({ userCount: 4, users: Int32Array.of(2, 0, 2, 3, 0) })).toEqual({
      offsets: Int32Array.of(0, 2, 2, 4, 5),
      rows: Int32Array.of(1, 4, 0, 2, 3),
    });
  });
});
