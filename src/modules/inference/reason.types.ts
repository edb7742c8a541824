/** Why a product is shown. `code` is stable, `text` is for people, the rest are the figures that the text states. */
export type RecommendationReason =
  | BuyAgainReason
  | BoughtTogetherReason
  | LikeYourLastOrdersReason
  | InSeasonReason
  | NearReason
  | CertifiedReason
  | NewInShopReason
  | PopularInSeasonReason;

export interface BuyAgainReason {
  readonly code: 'buy-again';
  readonly text: string;
  /** ISO 8601 date. */
  readonly lastBought: string;
  /** Days on which the user bought it, ≥ 2. */
  readonly purchases: number;
  /** Median days between two of them. */
  readonly usualIntervalDays: number;
}

export interface BoughtTogetherReason {
  readonly code: 'bought-together';
  readonly text: string;
  /** A product that the user has bought. */
  readonly withProductId: string;
  readonly withName: string;
  /** Part of the orders with that product that also held this one. */
  readonly share: number;
  /** How many times the usual share that is. */
  readonly lift: number;
}

export interface LikeYourLastOrdersReason {
  readonly code: 'like-your-last-orders';
  readonly text: string;
  readonly likeProductId: string;
  readonly likeName: string;
  /** By name, category, season, farm, certification and unit, 0 … 1. */
  readonly similarity: number;
}

export interface InSeasonReason {
  readonly code: 'in-season';
  readonly text: string;
  /** Months of sale or of most sales, 1 … 12; it can run over the turn of the year. */
  readonly peakFromMonth: number;
  readonly peakToMonth: number;
  /** Of the farm. */
  readonly region: string | undefined;
}

export interface NearReason {
  readonly code: 'near';
  readonly text: string;
  readonly km: number;
}

export interface CertifiedReason {
  readonly code: 'organic-certified' | 'biodynamic-certified';
  readonly text: string;
  readonly body: string | undefined;
  readonly number: string | undefined;
  /** ISO 8601 date; absent: until revoked. */
  readonly validUntil: string | undefined;
}

export interface NewInShopReason {
  readonly code: 'new-in-shop';
  readonly text: string;
  /** ISO 8601 date. */
  readonly listedOn: string;
  readonly daysAgo: number;
}

export interface PopularInSeasonReason {
  readonly code: 'popular-in-season';
  readonly text: string;
  /** In the month of the delivery day and the two beside it, over all years. */
  readonly purchases: number;
}
