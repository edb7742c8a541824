/** What a shopper wants to see; all of it must hold for every product of an answer. */
export interface Preferences {
  /** Capitals, as in the catalogue. Empty: all. */
  readonly categories: readonly string[];
  readonly organicOnly: boolean;
  readonly biodynamicOnly: boolean;
  /** Leaves out what the user had before the model was trained. */
  readonly excludePurchased: boolean;
  readonly excludeProductIds: readonly string[];
}

export interface RecommendationInput {
  readonly userId: string;
  /** Length of the list, 1–100. */
  readonly limit: number;
  readonly preferences: Preferences;
  /** Day on which it is to be eaten, ISO 8601 date; decides season and certification. */
  readonly deliveryDate: string;
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
  /** Probability by the model in [0, 1], or for a fallback the share of the most popular product. */
  readonly score: number;
}

/** An answer before it is addressed: what can be cached. */
export interface Recommendations {
  readonly result: { readonly recommendations: readonly RecommendedProduct[] };
  readonly personalized: boolean;
  /** `model` or `popularity-in-season`. */
  readonly source: 'model' | 'popularity-in-season';
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
