import { describe, expect, it } from '@jest/globals';

import { InvalidParameterError } from '../core/errors.js';
import { GroupCap } from './group-cap.js';

const admitted = (max: number, groups: readonly (string | undefined)[]): boolean[] => {
  const cap = new GroupCap(max);
  return groups.map((group) => {
    const isAdmitted = cap.admits(group);
    if (isAdmitted) cap.take(group);
    return isAdmitted;
  });
};

describe('GroupCap', () => {
  it('admits so many of each group, in order', () => {
    expect(admitted(2, ['a', 'a', 'b', 'a', 'b', 'b'])).toEqual([true, true, true, false, true, false]);
    expect(admitted(1, ['a', 'a'])).toEqual([true, false]);
  });

  it('admits everybody without a group', () => {
    expect(admitted(1, [undefined, undefined, undefined])).toEqual([true, true, true]);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a cap of %d', (max) => {
    expect(() => new GroupCap(max)).toThrow(InvalidParameterError);
  });
});
