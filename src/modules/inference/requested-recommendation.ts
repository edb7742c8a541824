import type { Preferences, RecommendationInput } from './inference.types.js';

/** What a request may leave out. */
export type RequestedRecommendation = Pick<RecommendationInput, 'userId'> & {
  readonly limit?: number | undefined;
  readonly deliveryDate?: string | undefined;
  readonly location?: RecommendationInput['location'];
  readonly preferences?: Partial<Preferences> | undefined;
};

const DEFAULT_LIMIT = 10;

/** Fills in the defaults that do not depend on the model, so that equal wishes are equal requests. */
export function completeInput(
  { userId, limit, deliveryDate, location, preferences = {} }: RequestedRecommendation,
  today: string,
): RecommendationInput {
  return {
    userId,
    limit: limit ?? DEFAULT_LIMIT,
    deliveryDate: deliveryDate ?? today,
    location: location && { latitude: location.latitude, longitude: location.longitude },
    preferences: {
      categories: (preferences.categories ?? []).map((category) => category.toUpperCase()).sort(),
      organicOnly: preferences.organicOnly ?? false,
      biodynamicOnly: preferences.biodynamicOnly ?? false,
      inSeasonOnly: preferences.inSeasonOnly,
      mustLast: preferences.mustLast,
      maxDistanceKm: preferences.maxDistanceKm,
      excludePurchased: preferences.excludePurchased ?? false,
      repurchase: preferences.repurchase ?? 'by-category',
      excludeProductIds: preferences.excludeProductIds ?? [],
      maxPerFarm: preferences.maxPerFarm,
      diversity: preferences.diversity ?? 0,
      freshness: preferences.freshness ?? 0,
      localityWeight: preferences.localityWeight,
      seasonWeight: preferences.seasonWeight,
    },
  };
}
