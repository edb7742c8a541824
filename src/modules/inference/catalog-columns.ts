import type { Certification } from '../../ml/agriculture/certification.js';
import type { Place } from '../../ml/agriculture/locality.js';
import { fingerprint, type ProductFacts } from './catalog-product.js';
import { InternedValues } from './interned-values.js';

/** What a product has of its farm. */
interface Origin {
  readonly farmId: string | undefined;
  readonly place: Place | undefined;
  readonly region: string | undefined;
}

/** Stands for a number that is not there. */
const ABSENT = -1;
const FIRST_CAPACITY = 256;

/**
 * The facts of products as typed columns, one entry a slot; what products have in common is kept once.
 *
 * About 50 bytes a product, and nothing that the garbage collector has to look at.
 */
export class CatalogColumns {
  readonly categories = new InternedValues<string>();
  readonly certificationSets = new InternedValues<readonly Certification[]>();
  private readonly origins = new InternedValues<Origin>();
  private readonly units = new InternedValues<string>();
  private readonly currencies = new InternedValues<string>();

  isAvailable = new Uint8Array(FIRST_CAPACITY);
  season = new Uint16Array(FIRST_CAPACITY);
  category = new Int32Array(FIRST_CAPACITY);
  certifications = new Int32Array(FIRST_CAPACITY);
  private origin = new Int32Array(FIRST_CAPACITY);
  private unit = new Int32Array(FIRST_CAPACITY);
  private currency = new Int32Array(FIRST_CAPACITY);
  private price = new Int32Array(FIRST_CAPACITY);
  private shelfLife = new Int32Array(FIRST_CAPACITY);
  private listed = new Float64Array(FIRST_CAPACITY);
  private imprint = new Float64Array(FIRST_CAPACITY);

  get capacity(): number {
    return this.imprint.length;
  }

  /** Makes room for `capacity` slots, a column a turn, so that the caller can let the event loop turn in between. */
  *grow(capacity: number): Generator<void> {
    this.isAvailable = widened(this.isAvailable, new Uint8Array(capacity));
    this.season = widened(this.season, new Uint16Array(capacity));
    yield;
    for (const name of [
      'category',
      'certifications',
      'origin',
      'unit',
      'currency',
      'price',
      'shelfLife',
    ] as const) {
      this[name] = widened(this[name], new Int32Array(capacity));
      yield;
    }
    this.listed = widened(this.listed, new Float64Array(capacity));
    yield;
    this.imprint = widened(this.imprint, new Float64Array(capacity));
  }

  /** @returns Whether anything differs from what the slot held. */
  write(slot: number, facts: ProductFacts): boolean {
    const imprint = fingerprint(facts);
    if (this.imprint[slot] === imprint) return false;
    const { farmId, place, region } = facts;
    this.imprint[slot] = imprint;
    this.isAvailable[slot] = facts.isAvailable ? 1 : 0;
    this.season[slot] = facts.season;
    this.category[slot] = this.categories.numberOf(facts.category);
    this.certifications[slot] = this.certificationSets.numberOf(facts.certifications);
    this.origin[slot] = this.origins.numberOf(
      { farmId, place, region },
      `${farmId}\n${place?.latitude}\n${place?.longitude}\n${region}`,
    );
    this.unit[slot] = this.units.numberOf(facts.unit);
    this.currency[slot] = this.currencies.numberOf(facts.currency);
    this.price[slot] = facts.priceMinor ?? ABSENT;
    this.listed[slot] = facts.listedAt ?? 0;
    this.shelfLife[slot] = facts.shelfLifeDays ?? ABSENT;
    return true;
  }

  /** Makes a slot that of a product that is gone: not available, with an imprint that no product has. */
  clear(slot: number): void {
    this.isAvailable[slot] = 0;
    this.imprint[slot] = Number.NaN;
  }

  originAt(slot: number): Origin {
    return this.origins.at(this.origin[slot]!); // slots are below the capacity, here and below
  }

  unitAt(slot: number): string {
    return this.units.at(this.unit[slot]!);
  }

  currencyAt(slot: number): string {
    return this.currencies.at(this.currency[slot]!);
  }

  priceAt(slot: number): number | undefined {
    return given(this.price[slot]!);
  }

  shelfLifeAt(slot: number): number | undefined {
    return given(this.shelfLife[slot]!);
  }

  listedAt(slot: number): number {
    return this.listed[slot]!;
  }

  imprintAt(slot: number): number {
    return this.imprint[slot]!;
  }
}

function given(value: number): number | undefined {
  return value === ABSENT ? undefined : value;
}

/** @returns `wider` with the values of `column` in front. */
export function widened<
  T extends Uint8Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array,
>(column: T, wider: T): T {
  wider.set(column);
  return wider;
}
