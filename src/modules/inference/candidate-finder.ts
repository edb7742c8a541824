import type { CandidateQuery, Candidates } from './candidates.js';
import type { CatalogIndex } from './catalog-index.js';
import type { LoadedRecommender } from './loaded-recommender.js';

/** Who works candidates out. */
export interface CandidateFinder {
  find(
    recommender: LoadedRecommender,
    catalog: CatalogIndex,
    query: CandidateQuery,
  ): Candidates | Promise<Candidates>;
}

/** The thread that asks, at once. */
export const ON_THIS_THREAD: CandidateFinder = {
  find: (recommender, catalog, query) => recommender.candidates(catalog, query),
};
