import { describe, expect, it } from '@jest/globals';

import { daysBetween, lastsUntil } from './shelf-life.js';

describe('daysBetween', () => {
  it.each([
    ['2026-02-27', '2026-03-02', 3],
    ['2024-02-27', '2024-03-02', 4],
    ['2026-03-28', '2026-03-30', 2], // summer time begins in between
    ['2026-01-02', '2026-01-01', -1],
  ])('%s to %s is %d', (from, to, days) => {
    expect(daysBetween(from, to)).toBe(days);
  });
});

describe('lastsUntil', () => {
  it('holds up to the last day and not a day longer', () => {
    expect(lastsUntil(3, '2026-06-01', '2026-06-04')).toBe(true);
    expect(lastsUntil(3, '2026-06-01', '2026-06-05')).toBe(false);
    expect(lastsUntil(0, '2026-06-01', '2026-06-01')).toBe(true);
  });

  it('holds for what keeps, and for a delivery in the past', () => {
    expect(lastsUntil(undefined, '2026-06-01', '2030-01-01')).toBe(true);
    expect(lastsUntil(1, '2026-06-01', '2026-05-01')).toBe(true);
  });
});
