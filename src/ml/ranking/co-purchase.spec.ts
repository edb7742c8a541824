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
    // expected 2000 · 1000 / 10,000 = 200, deviation 14.1
    ['often and above chance', { both: 300, withProduct: 2000, withPartner: 1000, orders: 10_000 }, true],
    ['by chance', { both: 200, withProduct: 2000, withPartner: 1000, orders: 10_000 }, false],
    ['at the threshold of lift', { both: 243, withProduct: 2000, withPartner: 1000, orders: 10_000 }, true],
    ['below it', { both: 239, withProduct: 2000, withPartner: 1000, orders: 10_000 }, false],
    // expected 20, deviation 4.5: 30 is only 2.2 above
    ['so rarely that it may be luck', PAIR, false],
    ['too rarely to tell', { both: 2, withProduct: 2, withPartner: 2, orders: 1000 }, false],
    ['just often enough', { both: 3, withProduct: 3, withPartner: 3, orders: 1000 }, true],
    ['in a part too small to name', { both: 19, withProduct: 30, withPartner: 1000, orders: 10_000 }, false],
  ])('%s', (_, counts, expected) => {
    expect(isBoughtTogether(counts)).toBe(expected);
  });
});
