import { lastsUntil } from '../../ml/agriculture/shelf-life.js';
import type { CatalogIndex, CatalogProduct } from './catalog-index.js';
import type { RequestContext } from './request-context.js';
import type { ActivitySource } from './user-activity.types.js';

/** What says that a user has a product. */
const HAD: readonly ActivitySource[] = ['order', 'purchase', 'rating'];

/** Where the marks of the request that is being answered are written: see `CatalogIndex.forbidden`. */
const rooms = new WeakMap<CatalogIndex, Uint8Array>();

/**
 * Marks with 1 the products that a request forbids. Shape (products); the array is reused by the next call, so it is
 * only good until the next `await`.
 *
 * @param trainedHistory Products that the user had when the model was trained.
 */
export function forbiddenProducts(
  context: RequestContext,
  trainedHistory: Iterable<number> = [],
): Uint8Array {
  const { catalog, input, inSeasonOnly } = context;
  const { preferences, deliveryDate } = input;
  const forbidden = catalog.forbidden({ ...preferences, inSeasonOnly, day: deliveryDate }, roomIn(catalog));
  for (const id of preferences.excludeProductIds) {
    const index = catalog.indexOf(id);
    if (index >= 0) forbidden[index] = 1;
  }
  forbidHad(forbidden, context, trainedHistory);
  forbidFarAndPerished(forbidden, context);
  return forbidden;
}

function roomIn(catalog: CatalogIndex): Uint8Array {
  const known = rooms.get(catalog);
  if (known && known.length >= catalog.marksLength) return known;
  const room = new Uint8Array(catalog.marksLength);
  rooms.set(catalog, room);
  return room;
}

function forbidHad(forbidden: Uint8Array, context: RequestContext, trainedHistory: Iterable<number>): void {
  const { catalog, activity, statistics, input } = context;
  const { excludePurchased, repurchase } = input.preferences;
  if (!excludePurchased && repurchase === 'always') return;
  const isAll = excludePurchased || repurchase === 'never';
  const repeatable = new Map<string, boolean>();
  const isShownAgain = ({ category }: CatalogProduct): boolean => {
    const known = repeatable.get(category) ?? statistics.isRepeatable(category);
    repeatable.set(category, known);
    return known;
  };
  const forbid = (index: number): void => {
    const product = catalog.products[index];
    if (product !== undefined && (isAll || !isShownAgain(product))) forbidden[index] = 1;
  };
  for (const index of trainedHistory) forbid(index);
  for (const { productId, source } of activity.rows) {
    if (HAD.includes(source)) forbid(catalog.indexOf(productId));
  }
}

function forbidFarAndPerished(forbidden: Uint8Array, context: RequestContext): void {
  const { catalog, distances, input, mustLast, today } = context;
  const { maxDistanceKm } = input.preferences;
  const isFarAway = (product: CatalogProduct): boolean =>
    maxDistanceKm !== undefined && !(distances !== undefined && distances.km(product) <= maxDistanceKm);
  const isGoneOff = ({ shelfLifeDays }: CatalogProduct): boolean =>
    mustLast && !lastsUntil(shelfLifeDays, today, input.deliveryDate);
  if (maxDistanceKm === undefined && !mustLast) return;
  catalog.products.forEach((product, index) => {
    if (forbidden[index] === 0 && (isFarAway(product) || isGoneOff(product))) forbidden[index] = 1;
  });
}
