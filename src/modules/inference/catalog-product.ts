import type { Certification } from '../../ml/agriculture/certification.js';
import type { Place } from '../../ml/agriculture/locality.js';
import type { SeasonMask } from '../../ml/agriculture/season.js';

/** A product as the shop describes it. */
export interface ProductFacts {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly farmId: string | undefined;
  /** Of its farm. */
  readonly place: Place | undefined;
  /** Of its farm. */
  readonly region: string | undefined;
  readonly unit: string;
  readonly priceMinor: number | undefined;
  readonly currency: string;
  readonly season: SeasonMask;
  /** Days that it keeps; absent where nobody said. */
  readonly shelfLifeDays: number | undefined;
  /** Since when it is in the catalogue, milliseconds since the epoch; absent: since ever. */
  readonly listedAt?: number;
  /** Of the product and of its farm. */
  readonly certifications: readonly Certification[];
  /** False when it is out of stock or no longer sold. */
  readonly isAvailable: boolean;
}

/** A product as serving needs it. */
export interface CatalogProduct extends ProductFacts {
  readonly listedAt: number;
  /** How often it was bought, by month (12 numbers). */
  readonly purchasesByMonth: readonly number[];
  /** Changes whenever an answer would show the product otherwise, or not at all. */
  readonly imprint: string;
}

/** Id and imprint of a product as it was when an answer was made. */
export type ProductImprint = readonly [id: string, imprint: string];

const HIGH_BITS = 2 ** 21;

/**
 * A number in 0 … 2⁵³ − 1 that differs, but for one case in 2⁵³, when a product differs: the same in every process,
 * because replicas share a cache.
 *
 * @see cyrb53, a pair of MurmurHash-like multiplications, https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js
 */
export function fingerprint(facts: ProductFacts): number {
  const { place, certifications } = facts;
  const text = [
    facts.isAvailable,
    facts.priceMinor,
    facts.currency,
    facts.name,
    facts.category,
    facts.unit,
    facts.farmId,
    facts.region,
    place?.latitude,
    place?.longitude,
    facts.season,
    facts.shelfLifeDays,
    facts.listedAt,
    certifications.length === 0 ? '' : JSON.stringify(certifications),
  ].join('\u0000');
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return (b >>> 0) * HIGH_BITS + (a >>> 11);
}
