import { describe, expect, it } from '@jest/globals';

import { distinctInteractions } from '../core/interactions.js';
import { regionLifts, seasonLifts, weekOfYear } from './popularity-lifts.js';

describe('weekOfYear', () => {
  it.each([
    { day: '2026-01-01T00:00:00Z', week: 0 },
    { day: '2026-01-07T23:59:59Z', week: 0 },
    { day: '2026-01-08T00:00:00Z', week: 1 },
    { day: '2026-12-30T12:00:00Z', week: 51 },
    { day: '2024-12-31T12:00:00Z', week: 51 },
    { day: '1969-12-31T23:00:00Z', week: 51 },
  ])('puts $day into week $week', ({ day, week }) => {
    expect(weekOfYear(Date.parse(day))).toBe(week);
  });
});

describe('regionLifts', () => {
  it('compares users of a region with all users', async () => {
    // regions: users 0 and 1 in 0, user 2 in 1, user 3 nowhere; item 0: users 0, 1, 3; item 1: user 2
    const distinct = await distinctInteractions({
      userCount: 4,
      itemCount: 2,
      users: Int32Array.of(0, 1, 3, 2, 0),
      items: Int32Array.of(0, 0, 0, 1, 0),
      timestamps: new Float64Array(5),
    });
    // (n_ri + 1) / (n_r n_i / 4 + 1): region 0: 3/(1.5+1), 1/(.5+1); region 1: 1/(.75+1), 2/(.25+1)
    expect(regionLifts(distinct, Int32Array.of(0, 0, 1, -1), 1)).toEqual(
      Float32Array.of(3 / 2.5, 1 / 1.5, 1 / 1.75, 2 / 1.25),
    );
  });
});

describe('seasonLifts', () => {
  const at = (week: number, year = 2026): number => Date.UTC(year, 0, 1 + 7 * week, 12);

  it('compares the weeks around with the year, round its turn and over years', () => {
    // item 0: week 0 of two years; item 1: week 2 twice (one taking, it is one day), week 26 once
    const lifts = seasonLifts(
      {
        userCount: 1,
        itemCount: 2,
        users: new Int32Array(5),
        items: Int32Array.of(0, 0, 1, 1, 1),
        timestamps: Float64Array.of(at(0, 2025), at(0), at(2), at(2) + 3_600_000, at(26)),
      },
      2,
    );
    // takings: c = (2, 2) of 4
    // week 0: S = (2, .5), total 2.5: (2+2)/(1.25+2), (.5+2)/(1.25+2)
    expect(lifts[0]).toBeCloseTo(4 / 3.25, 6);
    expect(lifts[1]).toBeCloseTo(2.5 / 3.25, 6);
    // week 50 is two weeks before week 0 and four before week 2: S = (1, 0)
    expect(lifts[100]).toBeCloseTo(3 / 2.5, 6);
    expect(lifts[101]).toBeCloseTo(2 / 2.5, 6);
    // week 13: nothing is known, nothing is said
    expect([lifts[26], lifts[27]]).toEqual([1, 1]);
  });

  it('does not take growth for a season', () => {
    // three times the takings in week 30, in the same shares
    const weeks = [10, 30, 30, 30];
    const lifts = seasonLifts(
      {
        userCount: 4,
        itemCount: 2,
        users: Int32Array.from(weeks.flatMap((_, user) => [user, user])),
        items: Int32Array.from(weeks.flatMap(() => [0, 1])),
        timestamps: Float64Array.from(weeks.flatMap((week) => [at(week), at(week)])),
      },
      1,
    );
    expect(lifts.every((lift) => lift === 1)).toBe(true);
  });
});
