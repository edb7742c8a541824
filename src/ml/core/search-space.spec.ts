import { describe, expect, it } from '@jest/globals';

import { mulberry32 } from '../../../test/support/random.js';
import { InvalidParameterError } from './errors.js';
import { drawConfiguration, readSearchSpace, type SearchSpace } from './search-space.js';

const drawMany = (space: SearchSpace, count = 2000): Record<string, unknown>[] => {
  const random = mulberry32(4);
  return Array.from({ length: count }, () => drawConfiguration(space, random));
};

describe('drawConfiguration', () => {
  it('draws every value of a choice', () => {
    const drawn = drawMany({
      layers: [
        [64, 8],
        [32, 8],
      ],
      factors: [8],
    });
    expect(new Set(drawn.map(({ layers }) => JSON.stringify(layers)))).toEqual(new Set(['[64,8]', '[32,8]']));
    expect(drawn.every(({ factors }) => factors === 8)).toBe(true);
  });

  it('draws each factor of ten as often on a logarithmic scale', () => {
    const drawn = drawMany({ rate: { min: 0.0001, max: 0.1, scale: 'log' } }).map(({ rate }) => Number(rate));
    for (const from of [0.0001, 0.001, 0.01]) {
      const count = drawn.filter((rate) => rate >= from && rate < 10 * from).length;
      // 2000 / 3 with a deviation of √(2000 · 2/9) = 21; 5 of them
      expect(Math.abs(count - 667)).toBeLessThan(105);
    }
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.0001);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(0.1);
  });

  it('keeps to steps from the minimum, and within the range', () => {
    const drawn = drawMany({ factors: { min: 8, max: 31, step: 4 } }).map(({ factors }) => factors);
    expect([...new Set(drawn)].sort((a, b) => Number(a) - Number(b))).toEqual([8, 12, 16, 20, 24, 28]);
    const tenths = drawMany({ rate: { min: 0.1, max: 0.4, step: 0.1 } }).map(({ rate }) => rate);
    expect(new Set(tenths)).toEqual(new Set([0.1, 0.2, 0.3, 0.4]));
  });

  it('does not depend on the order of the names', () => {
    const [a, b] = [[1, 2, 3, 4], { min: 0, max: 1 }] as const;
    expect(drawMany({ a, b }, 20)).toEqual(drawMany({ b, a }, 20));
  });
});

describe('readSearchSpace', () => {
  const declared: SearchSpace = {
    rate: { min: 0.001, max: 0.01, scale: 'log' },
    epochs: { min: 1, max: 9, step: 1 },
  };

  it('takes what is declared where nothing is given, and its scale and step where a range leaves them out', () => {
    expect(readSearchSpace(undefined, declared)).toBe(declared);
    expect(
      readSearchSpace(
        { rate: { min: 0.002, max: 0.02 }, epochs: { min: 2, max: 4 }, factors: [8] },
        declared,
      ),
    ).toEqual({
      rate: { min: 0.002, max: 0.02, scale: 'log' },
      epochs: { min: 2, max: 4, scale: 'linear', step: 1 },
      factors: [8],
    });
  });

  it.each<[unknown, string | RegExp]>([
    [[], /`space` must be an object/],
    [{}, /`space` must be of at least one hyperparameter/],
    [{ factors: 8 }, /`space.factors` must be an array of values or a range/],
    [{ factors: [] }, /`space.factors` must be 1 to 100 values, received 0 values/],
    [{ rate: { min: 1, max: 1 } }, /`space.rate.max` must be a number above min, 1, received 1/],
    [{ rate: { min: '1', max: 2 } }, /`space.rate.min` must be a number, received 1/],
    [{ rate: { min: 0, max: 2 } }, /`space.rate.min` must be above 0 on a logarithmic scale, received 0/],
    [{ rate: { min: 1, max: 2, scale: 'cubic' } }, /`space.rate.scale` must be `linear` or `log`/],
    [{ rate: { min: 1, max: 2, step: 0 } }, /`space.rate.step` must be above 0/],
    [{ rate: { min: 1, max: 2, steps: 3 } }, /`space.rate.steps` must be absent/],
  ])('refuses %j', (received, message) => {
    expect(() => readSearchSpace(received, declared)).toThrow(InvalidParameterError);
    expect(() => readSearchSpace(received, declared)).toThrow(message);
  });

  it('needs one where none is declared', () => {
    expect(() => readSearchSpace(undefined, undefined)).toThrow(/`space` must be given/);
  });
});
