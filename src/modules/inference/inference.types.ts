import type { Place } from '../../ml/agriculture/locality.js';
import type { RecommendationReason } from './reason.types.js';

/** What happens to products that the user has had. */
export type RepurchaseRule = 'by-category' | 'always' | 'never';

/** What a shopper wants to see. What restricts holds for every product of an answer; what weighs only orders them. */
export interface Preferences {
  /** Capitals, as in the catalogue. Empty: all. */
  readonly categories: readonly string[];
  readonly organicOnly: boolean;
  readonly biodynamicOnly: boolean;
  /** Only what is in season on the delivery day. Absent: as the model was trained (`seasonalAware`). */
  readonly inSeasonOnly: boolean | undefined;
  /** Only what is in stock today and still good on the delivery day. Absent: `shelfLifeAware`. */
  readonly mustLast: boolean | undefined;
  /** Only farms at most so far away, kilometres > 0. */
  readonly maxDistanceKm: number | undefined;
  /** Leaves out everything that the user has had. */
  readonly excludePurchased: boolean;
  /** `by-category` leaves out what the user has had of things that last, `never` all, `always` nothing. */
  readonly repurchase: RepurchaseRule;
  readonly excludeProductIds: readonly string[];
  /** Most products of one farm, ≥ 1. */
  readonly maxPerFarm: number | undefined;
  /** How unlike each other the products are to be, 0 … 1. */
  readonly diversity: number;
  /** How much newly listed products are favored, 0 … 1. */
  readonly freshness: number;
  /** How much nearness weighs, 0 … 1. Absent: as the model was trained (`localityWeighting`). */
  readonly localityWeight: number | undefined;
  /** How much the season curve weighs, 0 … 1. Absent: as the model was trained (`seasonalAware`). */
  readonly seasonWeight: number | undefined;
}

export interface RecommendationInput {
  readonly userId: string;
  /** Length of the list, 1–100. */
  readonly limit: number;
  readonly preferences: Preferences;
  /** Day on which it is to be eaten, ISO 8601 date; decides season, shelf life and certification. */
  readonly deliveryDate: string;
  /** Where it is to be delivered. Absent: where the user lives. */
  readonly location: Place | undefined;
}

/** Why an answer is not personal. */
export type FallbackReason = 'no-model-deployed' | 'user-unknown-to-model';

export interface RecommendedProduct {
  /** From 1. */
  readonly rank: number;
  readonly productId: string;
  readonly name: string;
  readonly category: string;
  readonly farmId: string | undefined;
  readonly unit: string;
  /** Decimal string in major units of `currency`, e.g. `2.80`; absent where no price is known. */
  readonly price: string | undefined;
  readonly currency: string;
  readonly organic: boolean;
  /** Probability by the model in [0, 1], or for a fallback the share of the most popular product; weighed as asked. */
  readonly score: number;
  /** Why it is shown, at most four, the most telling first. */
  readonly reasons: readonly RecommendationReason[];
}

/**
 * What a personal answer is made of: what the training knew of the user (`trained`), or what the user has done up to
 * now (`recent-activity`).
 */
export type Profile = 'trained' | 'recent-activity';

/** An answer before it is addressed: what can be cached. */
export interface Recommendations {
  readonly result: { readonly recommendations: readonly RecommendedProduct[] };
  readonly personalized: boolean;
  /** `model` or `popularity-in-season`. */
  readonly source: 'model' | 'popularity-in-season';
  /** Absent for a fallback. */
  readonly profile: Profile | undefined;
  readonly fallbackReason: FallbackReason | undefined;
  readonly model:
    | { readonly id: string; readonly type: string; readonly name: string; readonly version: number }
    | undefined;
  /** Score of the first product in [0, 1]; absent for a fallback. */
  readonly confidence: number | undefined;
}

/** One answer given. */
export interface PredictionRecord {
  readonly id: string;
  readonly modelId: string | undefined;
  readonly modelVersion: number | undefined;
  readonly userId: string;
  readonly type: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly confidence: number | undefined;
  /** Milliseconds. */
  readonly inferenceTime: number;
  readonly cached: boolean;
  readonly createdAt: Date;
}
