import type { ActivityRow } from './user-activity.types.js';

/** How a user bought one product. */
export interface Habit {
  readonly productId: string;
  /** Last time, milliseconds since the epoch. */
  readonly lastAt: number;
  /** Days (UTC) on which it was bought, ascending, counted from the epoch. */
  readonly days: readonly number[];
}

const DAY_MS = 86_400_000;

/** What a user bought, the latest first; looked at for every reason, made once a request. */
export function purchaseHabits(rows: readonly ActivityRow[]): ReadonlyMap<string, Habit> {
  const habits = new Map<string, { productId: string; lastAt: number; days: number[] }>();
  for (let i = rows.length - 1; i >= 0; i -= 1) {
    const row = rows[i];
    if (row === undefined || (row.source !== 'order' && row.source !== 'purchase')) continue;
    const day = Math.floor(row.at / DAY_MS);
    const habit = habits.get(row.productId);
    if (habit === undefined) {
      habits.set(row.productId, { productId: row.productId, lastAt: row.at, days: [day] });
    } else if (habit.days[0] !== day) {
      habit.days.unshift(day);
    }
  }
  return habits;
}

/** Median days between two purchases; undefined for fewer than two. */
export function usualInterval({ days }: Habit): number | undefined {
  if (days.length < 2) return undefined;
  const gaps = days.slice(1).map((day, i) => day - (days[i] ?? day));
  gaps.sort((a, b) => a - b);
  const middle = gaps.length >> 1;
  const upper = gaps[middle] ?? 0;
  return gaps.length % 2 === 1 ? upper : ((gaps[middle - 1] ?? 0) + upper) / 2;
}
