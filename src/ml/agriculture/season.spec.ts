import { describe, expect, it } from '@jest/globals';

import { InvalidParameterError } from '../core/errors.js';
import { isInSeason, seasonMask } from './season.js';

describe('season', () => {
  it('holds in its months and in no other', () => {
    const mask = seasonMask([12, 1, 2]);
    const months = Array.from({ length: 12 }, (_, index) => index + 1);
    expect(months.filter((month) => isInSeason(mask, month))).toEqual([1, 2, 12]);
  });

  it('is all year without months', () => {
    expect(seasonMask([])).toBe(0);
    expect(isInSeason(seasonMask([]), 7)).toBe(true);
  });

  it.each([0, 13, 1.5, Number.NaN])('refuses the month %d', (month) => {
    expect(() => seasonMask([month])).toThrow(InvalidParameterError);
  });
});
