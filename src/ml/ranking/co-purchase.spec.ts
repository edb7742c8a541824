import { describe, expect, it } from '@jest/globals';

import { coPurchase, isBoughtTogether } from './co-purchase.js';

const PAIR = { both: 30, withProduct: 200, withPartner: 100, orders: 1000 };

describe('coPurchase', () => {
  it('agrees with a case by hand', () => {
    // 30 of 100; the product is in 200 of 1000: .3 / .2
    expect(coPurchase(PAIR)).toEqual({ share: 0.3, lift: 1.4999999999999998 });
  });

  it('has the lift 1 without any connection, both ways', () => {
    const independent = { both: 20, withProduct: 200, withPartner: 100, orders: 1000 };
    expect(coPurchase(independent).lift).toBeCloseTo(1, 12);
    expect(coPurchase({ ...independent, withProduct: 100, withPartner: 200 }).lift).toBeCloseTo(1, 12);
  });
});

describe('isBoughtTogether', () => {
  it.each([
    ['often and above chance', PAIR, true],
    ['by chance', { ...PAIR, both: 20 }, false],
    ['at the threshold of lift', { ...PAIR, both: 24 }, true],
    ['too rarely to tell', { both: 2, withProduct: 2, withPartner: 2, orders: 1000 }, false],
    ['just often enough', { both: 3, withProduct: 3, withPartner: 3, orders: 1000 }, true],
  ])('%s', (_, counts, expected) => {
    expect(isBoughtTogether(counts)).toBe(expected);
  });
});
