import type { ActivityChanges, UserActivity } from './user-activity.types.js';

/**
 * Users as they were last read, and since when each of them has changed.
 *
 * Times are transaction ids (the cursors of `UserActivity`): the same for all replicas, so that an answer which
 * another replica cached can be judged too. What was read at cursor c has everything of the transactions before c;
 * it is outdated as soon as a change by transaction c or a later one is known.
 *
 * Memory is bounded by rows; a user without a row counts as one. Who was not asked for longest goes first.
 */
export class ActivityMemory {
  private readonly users = new Map<string, UserActivity>();
  private readonly changes = new Map<string, number>();
  private rowCount = 0;
  /** Users without an entry in `changes` may have changed by this transaction at the latest. */
  private horizon = Number.POSITIVE_INFINITY;

  /**
   * @param capacity Rows kept, ≥ 1.
   * @param changeCapacity Changed users remembered one by one, ≥ 1.
   */
  constructor(
    private readonly capacity: number,
    private readonly changeCapacity: number,
  ) {}

  /** Whether what was made of a user at `cursor` still holds. In memory only: asked for every cached answer. */
  isCurrent(userId: string, cursor: number): boolean {
    return cursor > (this.changes.get(userId) ?? this.horizon);
  }

  /** @returns undefined for a user that is not kept, or has changed since. */
  get(userId: string): UserActivity | undefined {
    const known = this.users.get(userId);
    if (known === undefined) return undefined;
    this.users.delete(userId);
    if (!this.isCurrent(userId, known.cursor)) {
      this.rowCount -= sizeOf(known);
      return undefined;
    }
    this.users.set(userId, known);
    return known;
  }

  set(userId: string, activity: UserActivity): void {
    this.drop(userId);
    this.users.set(userId, activity);
    this.rowCount += sizeOf(activity);
    while (this.rowCount > this.capacity && this.users.size > 1) {
      const oldest = this.users.keys().next();
      if (!oldest.done) this.drop(oldest.value);
    }
  }

  /** Takes note of changes; of too many, or after a start, that anybody may have changed. */
  apply({ cursor, users }: ActivityChanges): void {
    if (users === undefined || this.horizon === Number.POSITIVE_INFINITY) {
      this.changes.clear();
      this.users.clear();
      this.rowCount = 0;
      this.horizon = cursor - 1;
    }
    for (const [userId, changedBy] of users ?? []) {
      this.changes.delete(userId);
      this.changes.set(userId, changedBy);
      if (this.changes.size <= this.changeCapacity) continue;
      for (const [oldest, by] of this.changes) {
        this.changes.delete(oldest);
        this.horizon = Math.max(this.horizon, by);
        break;
      }
    }
  }

  private drop(userId: string): void {
    const known = this.users.get(userId);
    if (known === undefined) return;
    this.users.delete(userId);
    this.rowCount -= sizeOf(known);
  }
}

function sizeOf({ rows }: UserActivity): number {
  return Math.max(1, rows.length);
}
