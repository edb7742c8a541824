import { distanceUtility, HABIT_WEIGHT, isCertified, RANK, sharedUtility } from './laws.js';
import { DAY_MS, type World } from './marketplace.types.js';

/** How often a customer ordered each product before, by product index. */
export type Habits = ReadonlyMap<number, number>;

/**
 * Computes the choice weights exp(utility) of one customer on one day over everything on sale.
 *
 * This is the hot loop of the simulator: what all customers share is computed once a day.
 */
export class ChoiceWeights {
  /** Products on sale on the current day, ascending. The first `count` entries are valid. */
  readonly products: Int32Array;
  /** exp(utility) of each of them for the last customer asked for. */
  readonly weights: Float64Array;
  count = 0;

  private day = -1;
  private readonly shared: Float64Array;
  /** Traits of the products on sale, packed for the hot loop. Shape (count, RANK). */
  private readonly traits: Float64Array;
  private readonly positions: Int32Array;
  private readonly farmIsCertified: Uint8Array;
  private readonly farmOf: Int32Array;
  private readonly farmUtility: Float64Array;

  constructor(private readonly world: World) {
    const size = world.products.length;
    this.products = new Int32Array(size);
    this.weights = new Float64Array(size);
    this.shared = new Float64Array(size);
    this.traits = new Float64Array(size * RANK);
    this.positions = new Int32Array(size);
    this.farmIsCertified = new Uint8Array(world.farms.length);
    this.farmUtility = new Float64Array(world.farms.length);
    this.farmOf = Int32Array.from(world.products, ({ farm }) => farm);
  }

  moveTo(day: number): void {
    if (day === this.day) return;
    this.day = day;
    this.count = 0;
    for (let product = 0; product < this.world.products.length; product++) {
      const utility = sharedUtility(this.world, product, day);
      this.positions[product] = utility === -Infinity ? -1 : this.count;
      if (utility === -Infinity) continue;
      this.products[this.count] = product;
      this.shared[this.count] = utility;
      const traits = this.world.productTraits.subarray(product * RANK, (product + 1) * RANK);
      this.traits.set(traits, this.count * RANK);
      this.count += 1;
    }
    this.world.farms.forEach((farm, i) => {
      this.farmIsCertified[i] = isCertified(farm, this.world.start + day * DAY_MS) ? 1 : 0;
    });
  }

  /** Fills `weights` for a customer. @returns Their sum. */
  compute(customer: number, habits?: Habits): number {
    const { world, products, weights, shared, farmOf, farmUtility, traits } = this;
    const taste = world.customerTastes.subarray(customer * RANK, (customer + 1) * RANK);
    const wish = world.customers[customer]?.organicWish ?? 0;
    for (let farm = 0; farm < farmUtility.length; farm++) {
      farmUtility[farm] = distanceUtility(world, customer, farm) + wish * this.farmIsCertified[farm]!; // in range
    }
    let total = 0;
    // all indexes below are in range by construction
    for (let i = 0; i < this.count; i++) {
      let utility = shared[i]! + farmUtility[farmOf[products[i]!]!]!;
      for (let k = 0, t = i * RANK; k < RANK; k++, t++) utility += taste[k]! * traits[t]!;
      total += weights[i] = Math.exp(utility);
    }
    return habits === undefined ? total : total + this.applyHabits(habits);
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
