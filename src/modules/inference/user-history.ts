import type { UserHistory } from '../../ml/recommenders/recommender-model.js';
import type { CatalogIndex } from './catalog-index.js';
import type { ActivityRow, ActivitySource } from './user-activity.types.js';

/** Buying always counts, whatever a model was trained on. */
const PURCHASES: readonly ActivitySource[] = ['order', 'purchase'];
/** How long a look, a click or a full cart says what somebody wants, when the model was not trained on them. */
const SESSION_MS = 3_600_000;

/** What a model must answer to make a history of activity. */
export interface HistoryModel {
  readonly sources: readonly string[];
  readonly version: { readonly createdAt: Date };
  findUser(userId: string): number | undefined;
  historyOf(user: number): Int32Array;
}

/** Known items that stand for a product. */
export type StandIns = (catalog: CatalogIndex, productId: string) => Iterable<number>;

/**
 * The rows that count for a model: those of the kinds it was trained on, every purchase, and what else the user did
 * within the last hour. Where nothing of it is left, everything counts: a new user who has only looked at things.
 */
export function countedRows(
  rows: readonly ActivityRow[],
  sources: readonly string[],
  now: number,
): readonly ActivityRow[] {
  const counted = rows.filter(
    ({ source, at }) => sources.includes(source) || PURCHASES.includes(source) || now - at <= SESSION_MS,
  );
  return counted.length > 0 ? counted : rows;
}

/** A history in the model's items, oldest first. Products that stand for nothing are left out. */
export function toHistory(
  rows: readonly ActivityRow[],
  catalog: CatalogIndex,
  standIns: StandIns,
): UserHistory {
  const items: number[] = [];
  const timestamps: number[] = [];
  for (const { productId, at } of rows) {
    for (const item of standIns(catalog, productId)) {
      items.push(item);
      timestamps.push(at);
    }
  }
  return { items: Int32Array.from(items), timestamps: Float64Array.from(timestamps) };
}

/** Whether a history has anything that the training of the model did not know of this user. */
export function isNewTo(model: HistoryModel, user: number, { items, timestamps }: UserHistory): boolean {
  const trained = new Set(model.historyOf(user));
  const since = model.version.createdAt.getTime();
  return items.some((item, row) => !trained.has(item) || (timestamps[row] ?? 0) > since);
}
