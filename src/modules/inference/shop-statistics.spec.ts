import { describe, expect, it } from '@jest/globals';

import { catalogProduct } from '../../../test/support/catalog.js';
import { seasonMask } from '../../ml/agriculture/season.js';
import { WEEKS } from '../../ml/agriculture/season-curve.js';
import { NO_COUNTS, poolSales, ShopStatistics, type ShopCounts } from './shop-statistics.js';

const NORTH = { latitude: 42, longitude: -73 };
const SOUTH = { latitude: -34, longitude: 150 };
const evenly = new Float64Array(WEEKS).fill(500);
/** 40 sales a week from June to August. */
const summer = Float64Array.from({ length: WEEKS }, (_, week) => (week >= 22 && week <= 34 ? 40 : 0));

const known = catalogProduct('known', { name: 'Cherries', place: NORTH, region: 'Hudson' });
const neighbor = catalogProduct('neighbor', { name: 'Cherries', place: NORTH, region: 'Hudson' });
const faraway = catalogProduct('faraway', { name: 'Cherries', place: NORTH, region: 'Maine' });
const southern = catalogProduct('southern', { name: 'Cherries', place: SOUTH, region: 'Sydney' });
const told = catalogProduct('told', {
  name: 'Cherries',
  place: SOUTH,
  region: 'Sydney',
  season: seasonMask([6, 7]),
});
const other = catalogProduct('other', { name: 'Milk', place: NORTH, region: 'Hudson' });
const products = [known, neighbor, faraway, southern, told, other];
const counts: ShopCounts = { ...NO_COUNTS, weeklySales: new Map([['known', summer]]), weeklyOrders: evenly };
const statistics = new ShopStatistics(counts, await poolSales(counts, products));
const peak = (product: (typeof products)[number]) => statistics.peak(product);

describe('ShopStatistics', () => {
  it('learns a season from sales, and lends it to the same kind in the region and in the hemisphere', () => {
    expect(peak(known)).toEqual({ fromMonth: 6, toMonth: 8 });
    expect(peak(neighbor)).toEqual({ fromMonth: 6, toMonth: 8 });
    expect(peak(faraway)).toEqual({ fromMonth: 6, toMonth: 8 });
    expect(peak(other)).toBeUndefined();
  });

  it('shifts it by half a year for the other hemisphere, only where nothing is known', async () => {
    // weeks 22 … 34 become 48 … 8, and the middle of week 8, day 59, is the first of March
    expect(peak(southern)).toEqual({ fromMonth: 12, toMonth: 3 });
    expect(peak(told)).toEqual({ fromMonth: 6, toMonth: 7 });
    const both: ShopCounts = {
      ...counts,
      weeklySales: new Map([
        ['known', summer],
        ['southern', summer],
      ]),
    };
    const sold = new ShopStatistics(both, await poolSales(both, products));
    expect(sold.peak(southern)).toEqual({ fromMonth: 6, toMonth: 8 });
  });

  it('does not count a product twice among those it borrows from', async () => {
    // one sale in week 2 against the prior of none: with itself as neighbour it would look sure
    const one = Float64Array.from({ length: WEEKS }, (_, week) => (week === 2 ? 1 : 0));
    const lone: ShopCounts = { ...counts, weeklySales: new Map([['told', one]]) };
    const few = new ShopStatistics(lone, await poolSales(lone, products));
    expect(few.seasonCurve(told)[2]).toBeLessThan(0.3);
  });

  it('knows what is bought again, and pairs', () => {
    const repeats = new Map([['WREATHS', { bought: 900, boughtAgain: 3 }]]);
    const pair = { both: 5, withProduct: 9, withPartner: 8, orders: 90 };
    const more = new ShopStatistics({
      ...NO_COUNTS,
      repeats,
      pairs: new Map([['a', new Map([['b', pair]])]]),
    });
    expect(['WREATHS', 'VEGETABLES', 'BEEHIVES'].map((category) => more.isRepeatable(category))).toEqual([
      false,
      true,
      false,
    ]);
    expect([...more.partnersOf('a')]).toEqual([['b', pair]]);
    expect(more.partnersOf('b').size).toBe(0);
  });
});
