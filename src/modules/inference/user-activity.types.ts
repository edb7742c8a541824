import type { Place } from '../../ml/agriculture/locality.js';

/** Where a row of activity comes from: a line of an order, or an event of that type. */
export type ActivitySource = 'order' | 'purchase' | 'rating' | 'cart' | 'click' | 'view';

/** Something a user did with a product. */
export interface ActivityRow {
  readonly productId: string;
  readonly source: ActivitySource;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A user as the database had it at one moment. */
export interface UserActivity {
  /** Where the user lives, as the shop said. */
  readonly place: Place | undefined;
  /** Oldest first; of very long histories the latest rows. */
  readonly rows: readonly ActivityRow[];
  /** Everything that transactions before this one wrote is in it. */
  readonly cursor: number;
}

/** What has changed since a cursor. */
export interface ActivityChanges {
  /** From where to ask next. */
  readonly cursor: number;
  /** Latest transaction that changed each user; undefined when there are more than were asked for. */
  readonly users: ReadonlyMap<string, number> | undefined;
}
