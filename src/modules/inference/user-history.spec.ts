import { describe, expect, it } from '@jest/globals';

import { CatalogIndex } from './catalog-index.js';
import { countedRows, isNewTo, toHistory } from './user-history.js';
import type { ActivityRow, ActivitySource } from './user-activity.types.js';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const HOUR = 3_600_000;
const row = (source: ActivitySource, hoursAgo: number, productId = 'p'): ActivityRow => ({
  productId,
  source,
  at: NOW - hoursAgo * HOUR,
});

describe('countedRows', () => {
  const sources = ['order', 'rating'];
  const kept = (rows: readonly ActivityRow[]): ActivitySource[] =>
    countedRows(rows, sources, NOW).map(({ source }) => source);

  it('counts what the model was trained on, every purchase, and the last hour', () => {
    expect(kept([row('order', 900), row('purchase', 900), row('rating', 900)])).toEqual([
      'order',
      'purchase',
      'rating',
    ]);
    expect(kept([row('order', 900), row('view', 2), row('click', 1), row('cart', 0.5)])).toEqual([
      'order',
      'click',
      'cart',
    ]);
  });

  it('counts everything of somebody who has only looked', () => {
    expect(kept([row('view', 900), row('cart', 800)])).toEqual(['view', 'cart']);
    expect(kept([])).toEqual([]);
  });

  it('counts views for a model that was trained on them', () => {
    const rows = [row('order', 900), row('view', 900)];
    expect(countedRows(rows, ['view'], NOW)).toEqual(rows);
  });
});

describe('toHistory', () => {
  it('has the items that stand for each product, at its time', () => {
    const standIns = (_: CatalogIndex, id: string): number[] => ({ p: [4], fresh: [1, 7] })[id] ?? [];
    const rows = [row('order', 3, 'p'), row('order', 2, 'fresh'), row('order', 1, 'gone')];
    expect(toHistory(rows, new CatalogIndex([]), standIns)).toEqual({
      items: Int32Array.of(4, 1, 7),
      timestamps: Float64Array.of(NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - 2 * HOUR),
    });
  });
});

describe('isNewTo', () => {
  const model = {
    sources: [],
    version: { createdAt: new Date(NOW) },
    findUser: () => 0,
    historyOf: () => Int32Array.of(1, 2),
  };
  const history = (items: number[], at = NOW - HOUR) => ({
    items: Int32Array.from(items),
    timestamps: Float64Array.from(items, () => at),
  });

  it.each([
    ['what the training knew', history([2, 1, 1]), false],
    ['nothing', history([]), false],
    ['another item', history([1, 3]), true],
    ['a known item again after the training', history([1], NOW + 1), true],
  ])('for %s', (_, given, expected) => {
    expect(isNewTo(model, 0, given)).toBe(expected);
  });
});
