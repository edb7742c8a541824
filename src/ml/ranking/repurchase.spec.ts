import { describe, expect, it } from '@jest/globals';

import { defaultRepeatRate, isRepeatable, repeatRate } from './repurchase.js';

const NONE = { bought: 0, boughtAgain: 0 };

describe('repurchase', () => {
  it.each([
    ['VEGETABLES', true],
    ['DAIRY', true],
    ['A category nobody thought of', true],
    ['BEEHIVES', false],
    ['Garden tools', false],
    ['FRUIT TREES', false],
  ])('knows by default whether %s are bought again: %s', (category, expected) => {
    expect(isRepeatable(repeatRate(category, NONE))).toBe(expected);
    expect(repeatRate(category, NONE)).toBeCloseTo(defaultRepeatRate(category), 12);
  });

  it('believes the shop once it has sold enough', () => {
    // (0 + 30 · .4) / (200 + 30) = .052, (0 + 12) / 270 = .044
    expect(isRepeatable(repeatRate('WREATHS', { bought: 200, boughtAgain: 0 }))).toBe(true);
    expect(isRepeatable(repeatRate('WREATHS', { bought: 240, boughtAgain: 0 }))).toBe(false);
    // (2 + .6) / 60 = .043, (3 + .6) / 60 = .06
    expect(isRepeatable(repeatRate('TOOLS', { bought: 30, boughtAgain: 2 }))).toBe(false);
    expect(isRepeatable(repeatRate('TOOLS', { bought: 30, boughtAgain: 3 }))).toBe(true);
  });
});
