import { DEFAULT_LOCALITY_WEIGHT, type Place } from '../../ml/agriculture/locality.js';
import { Distances } from './catalog-facts.js';
import type { CatalogIndex } from './catalog-index.js';
import type { RecommendationInput } from './inference.types.js';
import { LocationNeededError } from './inference.errors.js';
import type { AgriculturalContext } from './loaded-recommender.js';
import type { ShopStatistics } from './shop-statistics.js';
import type { UserActivity } from './user-activity.types.js';

/** Part of a score that the season decides when nothing else is asked for. */
const DEFAULT_SEASON_WEIGHT = 0.3;

/** What decides where a request says nothing. */
export type RequestDefaults = Pick<
  RequestContext,
  'inSeasonOnly' | 'mustLast' | 'localityWeight' | 'seasonWeight'
>;

/** Of popularity, which is counted in season already. */
export const FALLBACK_DEFAULTS: RequestDefaults = {
  inSeasonOnly: true,
  mustLast: false,
  localityWeight: DEFAULT_LOCALITY_WEIGHT,
  seasonWeight: 0,
};

/** Of a model, as its training was told. */
export function defaultsOf(training: AgriculturalContext): RequestDefaults {
  return {
    inSeasonOnly: training.seasonalAware,
    mustLast: training.shelfLifeAware,
    localityWeight: training.localityWeighting ? DEFAULT_LOCALITY_WEIGHT : 0,
    seasonWeight: training.seasonalAware ? DEFAULT_SEASON_WEIGHT : 0,
  };
}

/** Everything that one answer is made of but the scores: filters, weights and reasons look at the same facts. */
export interface RequestContext {
  readonly input: RecommendationInput;
  /** ISO 8601 date of the request. */
  readonly today: string;
  readonly now: number;
  readonly catalog: CatalogIndex;
  readonly statistics: ShopStatistics;
  readonly activity: UserActivity;
  /** From where the user wants it; absent where that is not known. */
  readonly distances: Distances | undefined;
  readonly inSeasonOnly: boolean;
  readonly mustLast: boolean;
  readonly localityWeight: number;
  readonly seasonWeight: number;
}

interface Surroundings {
  readonly now: Date;
  readonly catalog: CatalogIndex;
  readonly statistics: ShopStatistics;
  readonly activity: UserActivity;
}

/**
 * Fills in what the request leaves open.
 *
 * @throws LocationNeededError when a distance is asked for from nowhere.
 */
export function toContext(
  input: RecommendationInput,
  defaults: RequestDefaults,
  { now, ...surroundings }: Surroundings,
): RequestContext {
  const { preferences, location } = input;
  const home: Place | undefined = location ?? surroundings.activity.place;
  if (home === undefined && preferences.maxDistanceKm !== undefined) {
    throw new LocationNeededError(input.userId);
  }
  return {
    ...surroundings,
    input,
    today: now.toISOString().slice(0, 10),
    now: now.getTime(),
    distances: home && new Distances(home),
    inSeasonOnly: preferences.inSeasonOnly ?? defaults.inSeasonOnly,
    mustLast: preferences.mustLast ?? defaults.mustLast,
    localityWeight: preferences.localityWeight ?? defaults.localityWeight,
    seasonWeight: preferences.seasonWeight ?? defaults.seasonWeight,
  };
}
