import { createRandom, deriveSeed, drawBelow, drawNormal, type Random } from '../../../ml/core/random.js';
import { FARM_KINDS, TEMPLATES } from './assortment.js';
import { drawDistinct, pick } from './distributions.js';
import { CATEGORY_ELASTICITY, RANK, TASTE_DEVIATION } from './laws.js';
import {
  DAY_MS,
  type DemoCertification,
  type DemoCustomer,
  type DemoFarm,
  type DemoProduct,
  type MarketplaceOptions,
  type World,
} from './marketplace.types.js';
import { farmName, personName } from './names.js';
import { distanceKm } from '../../../ml/agriculture/locality.js';
import { scatter, TOWNS } from './places.js';
import { drawWeeklyPrices } from './prices.js';
import type { Steps } from './steps.js';

const FARM_SPREAD_KM = 25;
const CUSTOMER_SPREAD_KM = 12;
const ARCHETYPES = 12;

/** Makes everything that does not depend on what customers do: who sells what where, who likes what. */
export function* createWorld(options: MarketplaceOptions): Steps<World> {
  const stream = (purpose: number): Random => createRandom(deriveSeed(options.seed, purpose));
  const days = Math.round(options.years * 365.25);
  const start = options.until - days * DAY_MS;
  const weeks = Math.ceil(days / 7);
  const farms = drawFarms(options, start, stream(1));
  const products = drawProducts(options, days, stream(2));
  yield;
  const customers = drawCustomers(options, days, stream(3));
  yield;
  const customerTastes = drawCustomerTastes(customers.length, stream(4));
  const productTraits = drawProductTraits(products, stream(5));
  yield;
  const weeklyPriceMinor = yield* drawWeeklyPrices(products, { start, weeks }, stream(6));
  return {
    options,
    start,
    days,
    weeks,
    farms,
    products,
    customers,
    customerTastes,
    productTraits,
    distancesKm: yield* measureDistances(customers, farms),
    weeklyPriceMinor,
  };
}

function* measureDistances(
  customers: readonly DemoCustomer[],
  farms: readonly DemoFarm[],
): Steps<Float64Array> {
  const distances = new Float64Array(customers.length * farms.length);
  for (const [i, customer] of customers.entries()) {
    farms.forEach((farm, j) => (distances[i * farms.length + j] = distanceKm(customer, farm)));
    yield;
  }
  return distances;
}

function drawFarms({ farms, until, years }: MarketplaceOptions, start: number, random: Random): DemoFarm[] {
  return Array.from({ length: farms }, (_, i) => {
    const town = TOWNS[i % TOWNS.length]!; // in range
    const lacksCertification = random() < 0.55;
    return {
      name: farmName(i),
      region: town.name,
      ...scatter(town, FARM_SPREAD_KM, random),
      certifications: lacksCertification ? [] : [drawCertification(i, { start, until, years }, random)],
    };
  });
}

/** One certification in five ends before the simulation does: such a farm no longer counts as certified. */
function drawCertification(
  farm: number,
  span: { readonly start: number; readonly until: number; readonly years: number },
  random: Random,
): DemoCertification {
  const isBiodynamic = random() < 0.25;
  const isExpired = random() < 0.2;
  const validFrom = span.start - random() * 365 * DAY_MS;
  const validUntil = isExpired
    ? span.until - (0.1 + 0.4 * random()) * span.years * 365 * DAY_MS
    : span.until + (60 + random() * 700) * DAY_MS;
  return {
    kind: isBiodynamic ? 'biodynamic' : 'organic',
    number: `${isBiodynamic ? 'DEM' : 'ORG'}-${String(10_000 + farm * 37).padStart(6, '0')}`,
    body: isBiodynamic
      ? 'Northeast Biodynamic Alliance'
      : pick(random, ['Hudson Organic', 'Green Mountain Organic']),
    validFrom: isoDate(validFrom),
    validUntil: isoDate(validUntil),
  };
}

function drawProducts({ products, farms }: MarketplaceOptions, days: number, random: Random): DemoProduct[] {
  const kinds = Array.from({ length: farms }, (_, i) => FARM_KINDS[i % FARM_KINDS.length]!); // in range
  const made: DemoProduct[] = [];
  for (let round = 0; made.length < products; round++) {
    // each farm adds up to 7 different products a round, so that every farm sells a share
    for (let farm = 0; farm < farms && made.length < products; farm++) {
      const choice = TEMPLATES.filter(({ category }) => kinds[farm]!.includes(category)); // in range
      const count = Math.min(7, products - made.length, choice.length);
      for (const index of drawDistinct(random, count, choice.length)) {
        const { priceMinor, ...template } = choice[index]!; // in range
        made.push({
          ...template,
          farm,
          basePriceMinor: Math.round((priceMinor * Math.exp(0.15 * drawNormal(random))) / 5) * 5,
          launchDay: random() < 0.88 ? 0 : drawBelow(random, Math.floor(days * 0.9)),
          elasticity: Math.max(0.3, CATEGORY_ELASTICITY[template.category]! + 0.3 * drawNormal(random)), // every category has one
          appeal: 0.6 * drawNormal(random),
        });
      }
    }
  }
  return made;
}

function drawCustomers({ customers }: MarketplaceOptions, days: number, random: Random): DemoCustomer[] {
  return Array.from({ length: customers }, (_, i) => {
    const town = TOWNS[drawBelow(random, TOWNS.length)]!; // in range
    // 60 % are there from the first day, the others join over the first 85 % of the time
    const place = (i / customers - 0.6) / 0.4;
    return {
      name: personName(random),
      region: town.name,
      ...scatter(town, CUSTOMER_SPREAD_KM, random),
      organicWish: random() < 0.3 ? 0.8 + random() : 0,
      activity: Math.exp(0.6 * drawNormal(random) - 0.18),
      joinDay: place <= 0 ? 0 : Math.floor(place * 0.85 * days),
    };
  });
}

/** An archetype and a deviation of one's own, together of variance 1 in each of RANK dimensions. */
function drawCustomerTastes(count: number, random: Random): Float64Array {
  const archetypes = Float64Array.from({ length: ARCHETYPES * RANK }, () => drawNormal(random));
  const tastes = new Float64Array(count * RANK);
  for (let customer = 0; customer < count; customer++) {
    const archetype = drawBelow(random, ARCHETYPES);
    for (let k = 0; k < RANK; k++) {
      tastes[customer * RANK + k] =
        Math.sqrt(0.6) * archetypes[archetype * RANK + k]! + Math.sqrt(0.4) * drawNormal(random); // in range
    }
  }
  return tastes;
}

/** Category, kind of product (same name, same farm or not) and the product itself each have a part. */
function drawProductTraits(products: readonly DemoProduct[], random: Random): Float64Array {
  const scale = TASTE_DEVIATION / Math.sqrt(RANK);
  const vectors = new Map<string, number[]>();
  const vectorOf = (key: string): number[] => {
    const known = vectors.get(key) ?? Array.from({ length: RANK }, () => drawNormal(random));
    vectors.set(key, known);
    return known;
  };
  const traits = new Float64Array(products.length * RANK);
  products.forEach(({ category, name }, product) => {
    const [ofCategory, ofName] = [vectorOf(`category ${category}`), vectorOf(name)];
    for (let k = 0; k < RANK; k++) {
      traits[product * RANK + k] =
        scale *
        (Math.sqrt(0.4) * ofCategory[k]! +
          Math.sqrt(0.45) * ofName[k]! +
          Math.sqrt(0.15) * drawNormal(random)); // in range
    }
  });
  return traits;
}

function isoDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
