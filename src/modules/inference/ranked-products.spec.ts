import { describe, expect, it } from '@jest/globals';

import { catalogProduct } from '../../../test/support/catalog.js';
import { createRandom } from '../../ml/core/random.js';
import { CatalogIndex } from './catalog-index.js';
import { rankProducts, type ScoredProducts } from './ranked-products.js';

const SIZE = 2_000;
const catalog = new CatalogIndex(
  Array.from({ length: SIZE }, (_, i) => catalogProduct(`p${String(i).padStart(4, '0')}`)),
);
const random = createRandom(3);
const candidates: ScoredProducts = {
  scores: Float32Array.from({ length: SIZE }, random),
  products: Int32Array.from({ length: SIZE }, (_, i) => i),
  logShare: (score, highest) => Math.log(Math.max(score, 1e-3) / highest),
};
const allowed = new Uint8Array(SIZE);

describe('rankProducts', () => {
  it('is the order of scores without weights', () => {
    const best = rankProducts(candidates, { catalog, forbidden: allowed, weight: undefined, count: 5 });
    const sorted = [...candidates.scores.keys()].sort(
      (a, b) => (candidates.scores[b] ?? 0) - (candidates.scores[a] ?? 0),
    );
    expect(best.map(({ candidate }) => candidate)).toEqual(sorted.slice(0, 5));
    expect(best[0]?.logValue).toBe(0);
  });

  it.each([0.2, 0.9, 0.9999])(
    'finds exactly what weighing everything finds, weights down to 1 − %d',
    (depth) => {
      const weights = new Map(catalog.products.map(({ id }) => [id, Math.log(1 - depth * random())]));
      const weight = ({ id }: { readonly id: string }): number => weights.get(id) ?? 0;
      const forbidden = Uint8Array.from({ length: SIZE }, () => (random() < 0.5 ? 1 : 0));
      const highest = Math.max(...candidates.scores.filter((_, i) => forbidden[i] === 0));
      const everything = catalog.products
        .map((product, i) => ({
          id: product.id,
          value: candidates.logShare(candidates.scores[i] ?? 0, highest) + weight(product),
          isForbidden: forbidden[i] === 1,
        }))
        .filter(({ isForbidden }) => !isForbidden)
        .sort((a, b) => b.value - a.value);
      for (const count of [1, 10, 100]) {
        const found = rankProducts(candidates, { catalog, forbidden, weight, count });
        expect(found.map(({ product }) => product.id)).toEqual(
          everything.slice(0, count).map(({ id }) => id),
        );
      }
    },
  );

  it('leaves out what is no longer in the catalogue, and answers short when nothing is left', () => {
    const gone = {
      ...candidates,
      products: candidates.products.map((product) => (product < 3 ? product : -1)),
    };
    const query = { catalog, forbidden: allowed, weight: () => -0.1, count: 10 };
    expect(rankProducts(gone, query)).toHaveLength(3);
    expect(rankProducts(candidates, { ...query, forbidden: allowed.map(() => 1) })).toEqual([]);
  });
});
