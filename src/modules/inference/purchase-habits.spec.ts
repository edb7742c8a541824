import { describe, expect, it } from '@jest/globals';

import { purchaseHabits, usualInterval } from './purchase-habits.js';
import type { ActivityRow } from './user-activity.types.js';

const day = (text: string): number => Date.parse(`2026-${text}T12:00:00Z`);
const bought = (productId: string, text: string): ActivityRow => ({
  productId,
  source: 'order',
  at: day(text),
});
const rows: readonly ActivityRow[] = [
  bought('kale', '01-01'),
  bought('leek', '01-02'),
  bought('kale', '01-08'),
  bought('kale', '01-08'),
  { ...bought('leek', '01-09'), source: 'view' },
  { ...bought('kale', '01-18'), source: 'purchase' },
];

describe('purchaseHabits', () => {
  const habits = purchaseHabits(rows);

  it('has what was bought, the latest first, each day once', () => {
    expect([...habits.keys()]).toEqual(['kale', 'leek']);
    expect(habits.get('kale')?.days.map((d) => d - (habits.get('kale')?.days[0] ?? 0))).toEqual([0, 7, 17]);
    expect(habits.get('kale')?.lastAt).toBe(day('01-18'));
    expect(habits.get('leek')?.days).toHaveLength(1);
  });

  it('has the median of the days in between', () => {
    const interval = (...days: number[]): number | undefined =>
      usualInterval({ productId: 'p', lastAt: 0, days });
    expect(interval(0, 7, 17)).toBe(8.5);
    expect(interval(0, 7, 14, 100)).toBe(7);
    expect(interval(3)).toBeUndefined();
  });
});
