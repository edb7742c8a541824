import { ON_THIS_THREAD, type CandidateFinder } from './candidate-finder.js';
import type { Candidates } from './candidates.js';
import type { CatalogIndex } from './catalog-index.js';
import type { Profile } from './inference.types.js';
import type { LoadedRecommender } from './loaded-recommender.js';
import { NewProducts } from './new-products.js';
import type { ScoredProducts } from './ranked-products.js';
import type { RequestContext } from './request-context.js';
import { countedRows, isNewTo, toHistory } from './user-history.js';

/** What a model would recommend to a user, scored. */
export interface ModelScores extends ScoredProducts {
  readonly profile: Profile;
}

/** Who works out what the training knew, and what it may leave out. */
export interface Finding {
  readonly finder: CandidateFinder;
  /** Marks by product what the request forbids; asked for only where candidates are to be found. */
  readonly forbidden: () => Uint8Array;
}

/** Candidates found where not everything is scored here: weights and wishes decide among them. */
const CANDIDATES = 1_000;
const CANDIDATES_PER_PLACE = 10;

const newProducts = new WeakMap<LoadedRecommender, NewProducts>();

/**
 * Scores products for a user: by what the training knew, or, where the user has done something since or was not
 * there, by what was done up to now (fold-in). Products without a purchase borrow from those like them.
 *
 * Everything is scored on this thread, but for a large catalogue, which has an index, and for batches, which have
 * other threads: then the best candidates are.
 *
 * @returns undefined for a user of whom nobody knows anything.
 */
export async function scoreForUser(
  recommender: LoadedRecommender,
  { input, activity, catalog, now }: RequestContext,
  { finder, forbidden }: Finding,
): Promise<ModelScores | undefined> {
  const unknown = newProducts.get(recommender) ?? new NewProducts(recommender);
  newProducts.set(recommender, unknown);
  const rows = countedRows(activity.rows, recommender.sources, now);
  const history = toHistory(rows, catalog, (index, productId) => unknown.standIns(index, productId));
  const user = recommender.findUser(input.userId);
  const logShare = (score: number, highest: number): number => recommender.logShare(score, highest);

  const isTrained = user !== undefined && !isNewTo(recommender, user, history);
  if (!isTrained && history.items.length === 0) return undefined;
  if (!isTrained) {
    const all = { scores: recommender.scoreHistory(history, now), products: recommender.productsIn(catalog) };
    return { ...extendAll(unknown, catalog, all), logShare, profile: 'recent-activity' };
  }
  if (finder === ON_THIS_THREAD && !recommender.hasIndex) {
    const all = { scores: recommender.score(user), products: recommender.productsIn(catalog) };
    return { ...extendAll(unknown, catalog, all), logShare, profile: 'trained' };
  }
  const count = Math.max(CANDIDATES, CANDIDATES_PER_PLACE * input.limit);
  await finder.prepare(recommender);
  const found = await finder.find(recommender, catalog, { user, forbidden: forbidden(), count });
  const extended = unknown.extend(catalog, found, (items) => recommender.scoreItems(user, items));
  return { ...extended, logShare, profile: 'trained' };
}

/** With the scores of all items at hand, those of neighbours need not be worked out again. */
function extendAll(unknown: NewProducts, catalog: CatalogIndex, all: Candidates): Candidates {
  return unknown.extend(catalog, all, (items) => Float32Array.from(items, (item) => all.scores[item] ?? 0));
}
