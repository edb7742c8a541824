import { describe, expect, it } from '@jest/globals';

import { InvalidDataError } from '../core/errors.js';
import { basketFrequencies } from './basket-frequency.js';

const DAY = 86_400_000;
const plain = { groups: 1, withinDecay: 1, groupDecay: 1, recency: 0 };

/** A history of baskets, the first on day 3, one each second day. */
function historyOf(baskets: readonly (readonly number[])[]) {
  return {
    items: Int32Array.from(baskets.flat()),
    timestamps: Float64Array.from(baskets.flatMap((basket, n) => basket.map(() => (3 + 2 * n) * DAY))),
  };
}

const weights = (baskets: readonly (readonly number[])[], decay: object = {}): Record<number, number> => {
  const { items, weights } = basketFrequencies(historyOf(baskets), { ...plain, ...decay });
  return Object.fromEntries([...items].map((item, i) => [item, Number(weights[i]!.toFixed(6))]));
};

describe('basketFrequencies', () => {
  it('is the share of baskets with the item when nothing decays', () => {
    expect(weights([[1, 2], [2], [2, 5], [2]])).toEqual({ 1: 0.25, 2: 1, 5: 0.25 });
  });

  it('weighs baskets within their group, and groups, by how late they are', () => {
    // two groups of two baskets, 1/(2·2) each: .5·(.1), .5, .1, 1 times a quarter
    const decay = { groups: 2, withinDecay: 0.1, groupDecay: 0.5 };
    expect(weights([[0], [1], [2], [3]], decay)).toEqual({ 0: 0.0125, 1: 0.125, 2: 0.025, 3: 0.25 });
  });

  it('cuts what does not divide into groups as equal as can be', () => {
    // floor(g · 5 / 2): baskets 0 and 1, then 2 to 4; 1/(2·2) and 1/(2·3)
    const expected = { 0: 0.25, 1: 0.25, 2: 0.166667, 3: 0.166667, 4: 0.166667 };
    expect(weights([[0], [1], [2], [3], [4]], { groups: 2 })).toEqual(expected);
  });

  it('makes every basket a group where there are fewer baskets than groups', () => {
    const decay = { groups: 7, withinDecay: 0.1, groupDecay: 0.5 };
    expect(weights([[0], [1]], decay)).toEqual({ 0: 0.25, 1: 0.5 });
  });

  it('forgets what is before the latest baskets', () => {
    expect(weights([[0], [1], [1, 2]], { recency: 2 })).toEqual({ 1: 1, 2: 0.5 });
  });

  it('takes what was taken on one day for one basket, in whatever order', () => {
    const history = {
      items: Int32Array.of(4, 3, 3, 4),
      timestamps: Float64Array.of(2 * DAY, DAY + 7, DAY, 2 * DAY - 1),
    };
    const { items, weights } = basketFrequencies(history, plain);
    expect([...items]).toEqual([3, 4]);
    expect([...weights]).toEqual([0.5, 1]);
  });

  it('has nothing to say of an empty history', () => {
    expect(weights([])).toEqual({});
  });

  it('refuses rows without a time', () => {
    const history = { items: Int32Array.of(1), timestamps: Float64Array.of(Number.NaN) };
    expect(() => basketFrequencies(history, plain)).toThrow(InvalidDataError);
  });
});
