import { describe, expect, it } from '@jest/globals';

import { catalogProduct } from '../../../test/support/catalog.js';
import { CatalogIndex } from './catalog-index.js';
import type { Candidates } from './candidates.js';
import { NewProducts } from './new-products.js';

const carrots = catalogProduct('carrots', { name: 'Carrots' });
const kale = catalogProduct('kale', { name: 'Curly kale' });
const plums = catalogProduct('plums', { name: 'Plums', category: 'FRUITS' });
const purple = catalogProduct('purple', { name: 'Purple carrots', listedAt: 5 });
const beehive = catalogProduct('beehive', { name: 'Beehive', category: 'EQUIPMENT' });
const items = ['plums', 'carrots', 'kale', 'gone'];
const model = {
  version: { id: 'v' },
  findItem: (id: string): number | undefined => (items.includes(id) ? items.indexOf(id) : undefined),
  productsIn: (catalog: CatalogIndex): Int32Array => Int32Array.from(items, (id) => catalog.indexOf(id)),
};
const catalog = new CatalogIndex([beehive, carrots, kale, plums, purple]);
const scores = Float32Array.of(9, 4, 1, 2);
const extend = (fresh: NewProducts, of: CatalogIndex): Candidates =>
  fresh.extend(of, { scores, products: model.productsIn(of) }, (neighbors) =>
    Float32Array.from(neighbors, (item) => scores[item]!),
  );

describe('NewProducts', () => {
  it('gives a new product the score of those like it, shrunk to their mean', () => {
    const extended = extend(new NewProducts(model), catalog);
    const score = (id: string): number =>
      extended.scores[extended.products.indexOf(catalog.indexOf(id))] ?? Number.NaN;
    // carrots: (.4/2 + .25 + .15 + .05 + .05)² = .49, kale: (.5)² = .25, plain mean 2.5
    expect(score('purple')).toBeCloseTo((0.49 * 4 + 0.25 * 1 + 0.25 * 2.5) / 0.99, 5);
    expect(score('carrots')).toBe(4);
    // nothing like it is known: below everything
    expect(score('beehive')).toBe(Number.NEGATIVE_INFINITY);
    expect(extended.products).toHaveLength(6);
  });

  it('changes nothing where everything is known', () => {
    const all = new CatalogIndex([carrots, kale, plums]);
    const extended = extend(new NewProducts(model), all);
    expect(extended.scores).toEqual(scores);
  });

  it('takes up many new products over some requests, the newest first', () => {
    const many = Array.from({ length: 20 }, (_, i) => catalogProduct(`n${i}`, { listedAt: i }));
    const large = new CatalogIndex([carrots, ...many]);
    const fresh = new NewProducts(model);
    const known = (): string[] =>
      Array.from(extend(fresh, large).products.subarray(4), (index) => large.products[index]?.id ?? '');
    expect(known()).toEqual(['n19', 'n18', 'n17', 'n16', 'n15', 'n14', 'n13', 'n12']);
    known();
    expect(known()).toHaveLength(20);
    // another catalogue with the same products, e.g. after a sale, needs no new work
    const next = new CatalogIndex([carrots, ...many].map((product) => ({ ...product, priceMinor: 1 })));
    expect(extend(fresh, next).products).toHaveLength(24);
  });

  it('lets known products stand for new ones in a history', () => {
    const fresh = new NewProducts(model);
    expect([...fresh.standIns(catalog, 'kale')]).toEqual([2]);
    expect([...fresh.standIns(catalog, 'purple')]).toEqual([1, 2]);
    expect([...fresh.standIns(catalog, 'beehive')]).toEqual([]);
    expect([...fresh.standIns(catalog, 'never heard of')]).toEqual([]);
  });
});
