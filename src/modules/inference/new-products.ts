import {
  nearestKnown,
  priorScore,
  type KnownProduct,
  type Neighborhood,
} from '../../ml/recommenders/content-prior.js';
import type { Candidates } from './candidates.js';
import { traitsOf } from './catalog-facts.js';
import type { CatalogIndex, CatalogProduct } from './catalog-index.js';

/** What a model needs to be asked for. */
interface KnownItems {
  readonly version: { readonly id: string };
  findItem(productId: string): number | undefined;
  productsIn(catalog: CatalogIndex): Int32Array;
}

/** A product that the model does not know, ready to borrow scores. */
interface NewProduct {
  /** Index in the catalogue. */
  readonly product: number;
  readonly weights: Float32Array;
  /** Where its neighbours are among all neighbours. */
  readonly places: Int32Array;
}

/** Most new products that are recommended, those listed last. */
const MOST_NEW = 5_000;
/** Known products of a category that a new one is compared with, the most bought ones. */
const MOST_COMPARED = 1_000;
/** Neighbourhoods worked out within one request: some 0.3 ms each at most. */
const WORK_PER_REQUEST = 8;
/** How alike a known product must be to stand for a new one in a history, and how many may. */
const STAND_IN_WEIGHT = 0.25;
const STAND_INS = 3;

/**
 * Products of the catalogue that a model was not trained on, with the known products that they borrow from.
 *
 * A neighbourhood is worked out once a product and a few a request, the newest first: a long list of new products
 * never stops the service, it is complete after some requests.
 */
export class NewProducts {
  private readonly neighborhoods = new Map<
    string,
    { readonly imprint: string; readonly near: Neighborhood }
  >();
  private aligned: CatalogIndex | undefined;
  private alignedCount = 0;
  private waiting: number[] = [];
  private ready: NewProduct[] = [];
  private known = new Map<string, readonly KnownProduct[]>();
  /** Items that products that are ready borrow from, each once, and where each is. */
  private neighbors: number[] = [];
  private readonly placeOf = new Map<number, number>();

  constructor(private readonly model: KnownItems) {}

  /**
   * Appends to what was scored for a user the new products.
   *
   * @param scoreItems The user's scores of some items of the model, in the unit of those given.
   */
  extend(
    catalog: CatalogIndex,
    { scores, products }: Candidates,
    scoreItems: (items: Int32Array) => Float32Array,
  ): Candidates {
    this.prepare(catalog, WORK_PER_REQUEST);
    const { length } = scores;
    const extended = {
      scores: new Float32Array(length + this.ready.length),
      products: new Int32Array(length + this.ready.length),
    };
    extended.scores.set(scores);
    extended.products.set(products);
    if (this.ready.length === 0) return extended;
    const ofNeighbors = scoreItems(Int32Array.from(this.neighbors));
    this.ready.forEach(({ product, weights, places }, index) => {
      const borrowed = Float32Array.from(places, (place) => ofNeighbors[place] ?? 0);
      extended.scores[length + index] = priorScore(weights, borrowed);
      extended.products[length + index] = product;
    });
    return extended;
  }

  /** Known items that stand for a product in a history: itself, or the nearest ones, or none. */
  standIns(catalog: CatalogIndex, productId: string): Iterable<number> {
    const item = this.model.findItem(productId);
    if (item !== undefined) return [item];
    const product = catalog.products[catalog.indexOf(productId)];
    if (product === undefined) return [];
    this.prepare(catalog, 0);
    const { items, weights } = this.neighborhoodOf(product);
    const count = weights.findIndex((weight) => weight < STAND_IN_WEIGHT);
    return items.subarray(0, Math.min(STAND_INS, count < 0 ? items.length : count));
  }

  private prepare(catalog: CatalogIndex, work: number): void {
    // a slot is for life: a change of a product moves nothing, a new one is appended
    if (this.aligned !== catalog || this.alignedCount !== catalog.products.length) this.align(catalog);
    for (let done = 0; done < work && this.waiting.length > 0; done += 1) {
      const index = this.waiting.pop() ?? -1;
      const product = catalog.products[index];
      if (product !== undefined) this.ready.push(this.toNew(index, product));
    }
  }

  private align(catalog: CatalogIndex): void {
    this.aligned = catalog;
    this.alignedCount = catalog.products.length;
    this.known = knownByCategory(catalog, this.model);
    this.neighbors = [];
    this.placeOf.clear();
    const unknown: number[] = [];
    catalog.products.forEach(({ id }, index) => {
      if (this.model.findItem(id) === undefined) unknown.push(index);
    });
    const listedAt = (index: number): number => catalog.products[index]?.listedAt ?? 0;
    unknown.sort((a, b) => listedAt(a) - listedAt(b) || a - b);
    const newest = unknown.slice(-MOST_NEW);
    const isReady = (index: number): boolean => {
      const product = catalog.products[index];
      return product !== undefined && this.neighborhoods.get(product.id)?.imprint === contentOf(product);
    };
    this.waiting = newest.filter((index) => !isReady(index));
    this.ready = newest.filter(isReady).flatMap((index) => {
      const product = catalog.products[index];
      return product === undefined ? [] : [this.toNew(index, product)];
    });
  }

  private toNew(index: number, product: CatalogProduct): NewProduct {
    const { items, weights } = this.neighborhoodOf(product);
    return { product: index, weights, places: items.map((item) => this.placeAmongNeighbors(item)) };
  }

  private placeAmongNeighbors(item: number): number {
    const known = this.placeOf.get(item);
    if (known !== undefined) return known;
    this.placeOf.set(item, this.neighbors.length);
    return this.neighbors.push(item) - 1;
  }

  private neighborhoodOf(product: CatalogProduct): Neighborhood {
    const imprint = contentOf(product);
    const ready = this.neighborhoods.get(product.id);
    if (ready?.imprint === imprint) return ready.near;
    const near = nearestKnown(traitsOf(product), this.known.get(product.category) ?? []);
    this.neighborhoods.set(product.id, { imprint, near });
    return near;
  }
}

/** What a neighbourhood depends on. */
function contentOf({ name, category, farmId, unit, season }: CatalogProduct): string {
  return `${category}|${farmId}|${unit}|${season}|${name}`;
}

function knownByCategory(catalog: CatalogIndex, model: KnownItems): Map<string, readonly KnownProduct[]> {
  const known = new Map<string, { item: number; product: CatalogProduct }[]>();
  model.productsIn(catalog).forEach((index, item) => {
    const product = catalog.products[index];
    if (product === undefined) return;
    const others = known.get(product.category) ?? [];
    others.push({ item, product });
    known.set(product.category, others);
  });
  const sales = ({ purchasesByMonth }: CatalogProduct): number =>
    purchasesByMonth.reduce((sum, count) => sum + count, 0);
  return new Map(
    [...known].map(([category, items]) => {
      if (items.length > MOST_COMPARED) items.sort((a, b) => sales(b.product) - sales(a.product));
      const compared = items.slice(0, MOST_COMPARED);
      return [category, compared.map(({ item, product }) => ({ item, traits: traitsOf(product) }))];
    }),
  );
}
