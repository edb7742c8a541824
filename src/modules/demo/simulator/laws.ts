import { DAY_MS, type DemoFarm, type DemoProduct, type World } from './marketplace.types.js';

/**
 * The laws of the demo marketplace, in numbers. docs/demo-marketplace.md says them in words.
 *
 * utility = appeal + taste · traits + SEASON_WEIGHT · season − ε · ln(price / base price)
 *         − DISTANCE_WEIGHT · km / 100 + organic wish · certified + HABIT_WEIGHT · ln(1 + past purchases)
 */
export const RANK = 8;
export const SEASON_WEIGHT = 1.2;
export const DISTANCE_WEIGHT = 0.9;
export const HABIT_WEIGHT = 0.5;
/** Deviation of taste · traits over customers and products. */
export const TASTE_DEVIATION = 1.5;
/** Mean number of wishes of an order: 1 + Poisson(BASKET_MEAN − 1). */
export const BASKET_MEAN = 4;

/** Mean elasticity ε of each category; a product's own differs by a normal draw of deviation 0.3. */
export const CATEGORY_ELASTICITY: Readonly<Record<string, number>> = {
  VEGETABLES: 1.6,
  FRUITS: 1.8,
  DAIRY: 1.1,
  MEAT: 1.3,
  EGGS: 0.9,
  FLOWERS: 2.2,
  HERBS: 1.2,
  BREAD: 1,
  HONEY: 1.5,
  PRESERVES: 1.7,
};

/** How much a product is in season on a day: 0 at both ends, 1 in the middle, ½ all year; undefined when it is not sold. */
export function seasonCurve(months: readonly number[], time: number): number | undefined {
  if (months.length === 0) return 0.5;
  const date = new Date(time);
  const month = date.getUTCMonth() + 1;
  const index = months.indexOf(month);
  if (index < 0) return undefined;
  return Math.sin((Math.PI * (index + (date.getUTCDate() - 0.5) / 31)) / months.length);
}

/** Whether a farm's products count as certified at a time: an expired certification does not. */
export function isCertified(farm: DemoFarm, time: number): boolean {
  const day = new Date(time).toISOString().slice(0, 10);
  return farm.certifications.some(({ validFrom, validUntil }) => validFrom <= day && day <= validUntil);
}

/** What the season gives to the utility at a time; −∞ when the product is not sold. */
export function seasonUtility(months: readonly number[], time: number): number {
  const season = seasonCurve(months, time);
  return season === undefined ? -Infinity : SEASON_WEIGHT * season;
}

/** What the price of a week takes from the utility. */
export function priceUtility(world: World, product: number, week: number): number {
  const { elasticity, basePriceMinor } = productAt(world, product);
  const price = world.weeklyPriceMinor[product * world.weeks + week] ?? basePriceMinor;
  return elasticity * Math.log(price / basePriceMinor);
}

/**
 * The part of the utility that all customers share at midnight of a day.
 *
 * @returns −∞ when the product is out of season or not launched yet.
 */
export function sharedUtility(world: World, product: number, day: number): number {
  const { appeal, seasonMonths, launchDay } = productAt(world, product);
  if (day < launchDay) return -Infinity;
  const season = seasonUtility(seasonMonths, world.start + day * DAY_MS);
  return appeal + season - priceUtility(world, product, Math.floor(day / 7));
}

/** taste · traits of one customer and one product. */
export function tasteAffinity(world: World, customer: number, product: number): number {
  let sum = 0;
  for (let k = 0; k < RANK; k++) {
    sum += world.customerTastes[customer * RANK + k]! * world.productTraits[product * RANK + k]!; // in range
  }
  return sum;
}

/** What distance takes from the utility of a farm's products. */
export function distanceUtility(world: World, customer: number, farm: number): number {
  return (-DISTANCE_WEIGHT * (world.distancesKm[customer * world.farms.length + farm] ?? 0)) / 100;
}

/** Mean quantity of a wish: kilograms come in halves, everything else in pieces. */
export function meanQuantity(product: DemoProduct): number {
  return product.unit === 'kg' ? 1 : 1.3;
}

function productAt(world: World, index: number): DemoProduct {
  const product = world.products[index];
  if (product === undefined)
    throw new RangeError(`Product must be < ${world.products.length}, received ${index}.`);
  return product;
}
