/** What a farm sells by. A shop with another unit maps it to one of these. */
export const UNITS = [
  'piece',
  'bunch',
  'head',
  'stem',
  'dozen',
  'pack',
  'box',
  'bag',
  'tray',
  'jar',
  'bottle',
  'loaf',
  'g',
  'kg',
  'oz',
  'lb',
  'ml',
  'l',
] as const;

/** Longest id of the shop that is taken. */
export const LONGEST_ID = 200;
/** No control characters and no half of a surrogate pair: the database cannot keep all of them. */
export const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]*$/u;
/** Largest price in minor units (a 32-bit integer) and largest quantity. */
export const LARGEST_PRICE_MINOR = 2_147_483_647;
export const LARGEST_QUANTITY = 99_999_999_999;

export interface Certification {
  readonly kind: string;
  readonly number?: string;
  readonly body?: string;
  /** ISO dates. */
  readonly validFrom?: string;
  readonly validUntil?: string;
}

/** In all rows: an absent field leaves what is stored, null clears it. */
export interface UserRow {
  readonly id: string;
  readonly name?: string | null;
  readonly latitude?: number | null;
  readonly longitude?: number | null;
  readonly region?: string | null;
  readonly preferences?: Readonly<Record<string, unknown>> | null;
}

export interface FarmRow {
  readonly id: string;
  readonly name: string;
  readonly latitude?: number | null;
  readonly longitude?: number | null;
  readonly region?: string | null;
  readonly certifications?: readonly Certification[] | null;
}

export interface ProductRow {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly farmId?: string | null;
  readonly unit?: string | null;
  readonly priceMinor?: number | null;
  readonly currency?: string | null;
  readonly seasonMonths?: readonly number[] | null;
  readonly shelfLifeDays?: number | null;
  readonly certifications?: readonly Certification[] | null;
  readonly stock?: number | null;
  readonly active?: boolean | null;
}

export interface PriceChangeRow {
  readonly productId: string;
  /** ISO 8601 with zone. */
  readonly at: string;
  readonly priceMinor: number;
}

export interface StockLevelRow {
  readonly productId: string;
  readonly at: string;
  readonly quantity: number;
}

/** What happened to the rows of one batch. */
export interface SavedCounts {
  readonly created: number;
  readonly updated: number;
  /** Already stored exactly so. */
  readonly unchanged: number;
}

/** A connection: the pool, or a client inside a transaction. */
export interface Queryable {
  query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** What rows that refer to a product need to know of it. */
export interface ProductFacts {
  readonly unit: string;
  readonly currency: string;
}

export interface StoredUser {
  readonly id: string;
  readonly name: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly region: string | null;
  readonly preferences: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface StoredFarm {
  readonly id: string;
  readonly name: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly region: string | null;
  readonly certifications: readonly Certification[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface StoredProduct {
  readonly id: string;
  readonly farmId: string | null;
  readonly name: string;
  readonly category: string;
  readonly unit: string;
  readonly priceMinor: number | null;
  readonly currency: string;
  readonly seasonMonths: readonly number[];
  readonly shelfLifeDays: number | null;
  readonly certifications: readonly Certification[];
  /** A decimal, in the product's unit. */
  readonly stock: string | null;
  readonly active: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ProductFilter {
  readonly category?: string | undefined;
  readonly farmId?: string | undefined;
  readonly active?: boolean | undefined;
}
