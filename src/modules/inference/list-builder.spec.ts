import { describe, expect, it } from '@jest/globals';

import { catalogProduct } from '../../../test/support/catalog.js';
import { CatalogIndex } from './catalog-index.js';
import type { ScoredProducts } from './ranked-products.js';
import { buildList } from './list-builder.js';
import { completeInput } from './requested-recommendation.js';

// 500 products of farm 0, then 3 of farm 1 and 3 of nobody; scores fall
const farms = [
  ...Array.from({ length: 500 }, () => 'farm-0'),
  'farm-1',
  'farm-1',
  'farm-1',
  undefined,
  undefined,
  undefined,
];
const names = ['Carrots', 'Red carrots', 'Kale', 'Plums'];
const catalog = new CatalogIndex(
  farms.map((farmId, i) =>
    catalogProduct(`p${String(i).padStart(3, '0')}`, { farmId, name: names[i % 4] ?? '' }),
  ),
);
const candidates: ScoredProducts = {
  scores: Float32Array.from(farms, (_, i) => 1 - i / 1000),
  products: Int32Array.from(farms.keys()),
  logShare: (score, highest) => Math.log(score / highest),
};
const list = (limit: number, preferences: { maxPerFarm?: number; diversity?: number }): string[] => {
  const query = { catalog, forbidden: new Uint8Array(farms.length), weight: undefined };
  return buildList(candidates, query, completeInput({ userId: 'u', limit, preferences }, '2026-06-01')).map(
    ({ product }) => product.id,
  );
};

describe('buildList', () => {
  it('is the best in order when nothing is asked for', () => {
    expect(list(3, {})).toEqual(['p000', 'p001', 'p002']);
  });

  it('goes on to the end of the catalogue for a list that a cap leaves short', () => {
    expect(list(8, { maxPerFarm: 2 })).toEqual([
      'p000',
      'p001',
      'p500',
      'p501',
      // without a farm there is no cap
      'p503',
      'p504',
      'p505',
    ]);
  });

  it('does not show the same kind twice when asked for variety', () => {
    const kinds = list(3, { diversity: 0.5 }).map((id) => Number(id.slice(1)) % 4);
    expect(new Set(kinds).size).toBe(3);
    expect(list(3, { diversity: 0 }).map((id) => Number(id.slice(1)) % 4)).toEqual([0, 1, 2]);
  });

  it('holds every product once, whatever is asked for', () => {
    for (const diversity of [0, 0.3, 1]) {
      const ids = list(100, { diversity, maxPerFarm: 99 });
      expect(ids).toHaveLength(100);
      expect(new Set(ids).size).toBe(100);
    }
  });
});
