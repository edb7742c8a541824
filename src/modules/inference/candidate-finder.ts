import type { CandidateQuery, Candidates } from './candidates.js';
import type { CatalogIndex } from './catalog-index.js';
import type { LoadedRecommender } from './loaded-recommender.js';

/** Who works candidates out. */
export interface CandidateFinder {
  /** Awaited before the query is made: whoever has to wait for something waits here. */
  prepare(recommender: LoadedRecommender): Promise<void> | void;

  find(
    recommender: LoadedRecommender,
    catalog: CatalogIndex,
    query: CandidateQuery,
  ): Candidates | Promise<Candidates>;
}

/** The thread that asks, at once. */
export const ON_THIS_THREAD: CandidateFinder = {
  prepare: () => undefined,
  find: (recommender, catalog, query) => recommender.candidates(catalog, query),
};
