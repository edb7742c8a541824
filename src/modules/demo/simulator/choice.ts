import { distanceUtility, HABIT_WEIGHT, isCertified, priceUtility, RANK, seasonUtility } from './laws.js';
import { DAY_MS, type World } from './marketplace.types.js';

/** How often a customer ordered each product before, by product index. */
export type Habits = ReadonlyMap<number, number>;

/**
 * Computes the choice weights exp(utility) of one customer on one day over everything on sale.
 *
 * This is the hot loop of the simulator: what all customers share is computed once a day, what depends on
 * the price once a week, and the season once for all products with the same months.
 */
export class ChoiceWeights {
  /** Products on sale on the current day, ascending. The first `count` entries are valid. */
  readonly products: Int32Array;
  /** exp(utility) of each of them for the last customer asked for. */
  readonly weights: Float64Array;
  count = 0;

  private day = -1;
  private week = -1;
  private readonly shared: Float64Array;
  private readonly appeals: Float64Array;
  private readonly launchDays: Int32Array;
  private readonly priceUtilities: Float64Array;
  private readonly seasons: readonly (readonly number[])[];
  /** Index into `seasons` of each product. */
  private readonly seasonOf: Int32Array;
  private readonly positions: Int32Array;
  private readonly farmIsCertified: Uint8Array;
  private readonly farmOf: Int32Array;
  private readonly farmUtility: Float64Array;

  constructor(private readonly world: World) {
    const size = world.products.length;
    this.products = new Int32Array(size);
    this.weights = new Float64Array(size);
    this.shared = new Float64Array(size);
    this.appeals = Float64Array.from(world.products, ({ appeal }) => appeal);
    this.launchDays = Int32Array.from(world.products, ({ launchDay }) => launchDay);
    this.priceUtilities = new Float64Array(size);
    this.positions = new Int32Array(size);
    this.farmIsCertified = new Uint8Array(world.farms.length);
    this.farmUtility = new Float64Array(world.farms.length);
    this.farmOf = Int32Array.from(world.products, ({ farm }) => farm);
    const keys = world.products.map(({ seasonMonths }) => seasonMonths.join());
    const distinct = [...new Set(keys)];
    this.seasons = distinct.map((key) => world.products[keys.indexOf(key)]!.seasonMonths); // made of these keys
    this.seasonOf = Int32Array.from(keys, (key) => distinct.indexOf(key));
  }

  moveTo(day: number): void {
    if (day === this.day) return;
    this.day = day;
    this.moveToWeek(Math.floor(day / 7));
    const time = this.world.start + day * DAY_MS;
    const seasonUtilities = Float64Array.from(this.seasons, (months) => seasonUtility(months, time));
    this.count = 0;
    // all indexes below are in range by construction
    for (let product = 0; product < this.appeals.length; product++) {
      const season = seasonUtilities[this.seasonOf[product]!]!;
      const isOnSale = season !== -Infinity && day >= this.launchDays[product]!;
      this.positions[product] = isOnSale ? this.count : -1;
      if (!isOnSale) continue;
      this.products[this.count] = product;
      this.shared[this.count] = this.appeals[product]! + season - this.priceUtilities[product]!;
      this.count += 1;
    }
    this.world.farms.forEach((farm, i) => {
      this.farmIsCertified[i] = isCertified(farm, time) ? 1 : 0;
    });
  }

  /** Fills `weights` for a customer. @returns Their sum. */
  compute(customer: number, habits?: Habits): number {
    const { world, products, weights, shared, farmOf, farmUtility } = this;
    const wish = world.customers[customer]?.organicWish ?? 0;
    for (let farm = 0; farm < farmUtility.length; farm++) {
      farmUtility[farm] = distanceUtility(world, customer, farm) + wish * this.farmIsCertified[farm]!; // in range
    }
    const traits = world.productTraits;
    // eight locals for the RANK dimensions: an inner loop takes twice as long
    const [u0, u1, u2, u3, u4, u5, u6, u7] = tasteOf(world, customer);
    let total = 0;
    // all indexes below are in range by construction
    for (let i = 0; i < this.count; i++) {
      const product = products[i]!;
      const t = product * RANK;
      let utility = shared[i]! + farmUtility[farmOf[product]!]!;
      utility += u0 * traits[t]!;
      utility += u1 * traits[t + 1]!;
      utility += u2 * traits[t + 2]!;
      utility += u3 * traits[t + 3]!;
      utility += u4 * traits[t + 4]!;
      utility += u5 * traits[t + 5]!;
      utility += u6 * traits[t + 6]!;
      utility += u7 * traits[t + 7]!;
      total += weights[i] = Math.exp(utility);
    }
    return habits === undefined ? total : total + this.applyHabits(habits);
  }

  private moveToWeek(week: number): void {
    if (week === this.week) return;
    this.week = week;
    for (let product = 0; product < this.priceUtilities.length; product++) {
      this.priceUtilities[product] = priceUtility(this.world, product, week);
    }
  }

  /** exp(h · ln(1 + n)) is (1 + n)^h. @returns What it adds to the sum. */
  private applyHabits(habits: Habits): number {
    let added = 0;
    for (const [product, count] of habits) {
      const position = this.positions[product] ?? -1;
      if (position < 0) continue;
      const before = this.weights[position] ?? 0;
      const after = before * (1 + count) ** HABIT_WEIGHT;
      this.weights[position] = after;
      added += after - before;
    }
    return added;
  }
}

type Taste = [number, number, number, number, number, number, number, number];

function tasteOf({ customerTastes }: World, customer: number): Taste {
  return Array.from(customerTastes.subarray(customer * RANK, (customer + 1) * RANK)) as Taste; // RANK is 8
}
