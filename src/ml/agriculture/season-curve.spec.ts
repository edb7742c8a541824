import { describe, expect, it } from '@jest/globals';

import { createRandom } from '../core/random.js';
import { InvalidDataError } from '../core/errors.js';
import { seasonMask } from './season.js';
import {
  calendarCurve,
  estimateSeasonCurve,
  isInPeak,
  oppositeHemisphere,
  peakOf,
  WEEKS,
  weekOf,
} from './season-curve.js';

const flat = new Float64Array(WEEKS).fill(1);
const evenShop = new Float64Array(WEEKS).fill(1000);
const weeks = (value: (week: number) => number): Float64Array =>
  Float64Array.from({ length: WEEKS }, (_, week) => value(week));
const bell = (center: number, height: number): Float64Array =>
  weeks((week) => {
    const distance = Math.min(Math.abs(week - center), WEEKS - Math.abs(week - center));
    return Math.round(height * Math.exp(-0.5 * (distance / 4) ** 2));
  });
const best = (curve: Float64Array): number => curve.indexOf(Math.max(...curve));

describe('weekOf', () => {
  it.each([
    ['2026-01-01', 0],
    ['2026-01-07', 0],
    ['2026-01-08', 1],
    ['2024-02-29', 8], // day 59 of the year from 0, as 1 March
    ['2025-03-01', 8],
    ['2026-12-31', 51], // day 364 = 52 · 7: the day left over
  ])('of %s is %d', (day, week) => {
    expect(weekOf(day)).toBe(week);
  });
});

describe('calendarCurve', () => {
  it('is high in the months and low outside', () => {
    const curve = calendarCurve(seasonMask([6, 7]));
    // weeks 22 … 29 have their middle, day 7·w + 3, in June or July (days 151 … 211)
    expect([...curve].flatMap((value, week) => (value === 1 ? [week] : []))).toEqual([
      22, 23, 24, 25, 26, 27, 28, 29,
    ]);
    expect(curve[40]).toBe(0.02);
    expect([...calendarCurve(0)]).toEqual([...flat]);
  });

  it('is half a year later on the other hemisphere, and back again', () => {
    const north = calendarCurve(seasonMask([6]));
    const south = oppositeHemisphere(north);
    expect(south[(weekOf('2026-06-15') + 26) % WEEKS]).toBe(1);
    expect([...oppositeHemisphere(south)]).toEqual([...north]);
  });
});

describe('estimateSeasonCurve', () => {
  it('is the prior without sales', () => {
    const prior = calendarCurve(seasonMask([12, 1]));
    const curve = estimateSeasonCurve({ sales: new Float64Array(WEEKS), exposure: evenShop, prior });
    expect([...curve]).toEqual([...prior]);
  });

  it('agrees with the formula by hand for one sale a week', () => {
    // S = X = 1, m = 1, π = 1: r = (1 + 2) / (1 + 2) = 1 everywhere
    const curve = estimateSeasonCurve({ sales: flat, exposure: evenShop, prior: flat });
    for (const value of curve) expect(value).toBeCloseTo(1, 12);
  });

  it('shrinks by counts: few sales keep near the prior, many leave it', () => {
    const prior = calendarCurve(seasonMask([1, 2]));
    const few = estimateSeasonCurve({ sales: weeks((w) => (w === 30 ? 1 : 0)), exposure: evenShop, prior });
    const many = estimateSeasonCurve({ sales: bell(30, 400), exposure: evenShop, prior });
    expect(best(few)).toBeLessThan(8);
    expect(best(many)).toBe(30);
    expect(many[5]).toBeLessThan(0.1);
  });

  it('goes on round the turn of the year', () => {
    const curve = estimateSeasonCurve({ sales: bell(0, 300), exposure: evenShop, prior: flat });
    expect(best(curve)).toBe(0);
    expect(curve[51]).toBeGreaterThan(0.9);
    expect(curve[51]).toBeCloseTo(curve[1]!, 6);
  });

  it('does not take a young shop for a season', () => {
    // open in the second half of the year only, the product sells a tenth of everything
    const exposure = weeks((week) => (week < 26 ? 0 : 1000));
    const curve = estimateSeasonCurve({ sales: exposure.map((n) => n / 10), exposure, prior: flat });
    for (const value of curve) expect(value).toBeGreaterThan(0.9);
  });

  it('finds the season that draws come from', () => {
    const random = createRandom(5);
    const truth = weeks((week) => 0.02 + Math.exp(-0.5 * ((week - 28) / 4) ** 2));
    const sales = truth.map((rate) => Array.from({ length: 40 }, random).filter((u) => u < rate).length);
    const curve = estimateSeasonCurve({ sales, exposure: evenShop, prior: flat });
    const error = Math.max(...curve.map((value, week) => Math.abs(value - (truth[week] ?? 0) / 1.02)));
    expect(error).toBeLessThan(0.15);
  });

  it.each([
    ['too few weeks', { sales: [1, 2], exposure: evenShop, prior: flat }],
    ['negative sales', { sales: weeks(() => -1), exposure: evenShop, prior: flat }],
    ['an exposure that is no number', { sales: flat, exposure: weeks(() => Number.NaN), prior: flat }],
  ])('refuses %s', (_, evidence) => {
    expect(() => estimateSeasonCurve(evidence)).toThrow(InvalidDataError);
  });
});

describe('peakOf', () => {
  it('names the months above 0.6 of the best week', () => {
    expect(peakOf(calendarCurve(seasonMask([6, 7, 8])))).toEqual({ fromMonth: 6, toMonth: 8 });
    expect(peakOf(calendarCurve(seasonMask([11, 12, 1])))).toEqual({ fromMonth: 11, toMonth: 1 });
  });

  it('has none for a whole year or two seasons', () => {
    expect(peakOf(flat)).toBeUndefined();
    expect(peakOf(calendarCurve(seasonMask([4, 5, 9, 10])))).toBeUndefined();
  });

  it('holds over the turn of the year', () => {
    const winter = { fromMonth: 11, toMonth: 1 };
    expect([10, 11, 12, 1, 2].map((month) => isInPeak(winter, month))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(isInPeak({ fromMonth: 6, toMonth: 6 }, 6)).toBe(true);
  });
});
