import { createRandom, deriveSeed, type Random } from '../../../ml/core/random.js';
import { drawArrivals } from './arrivals.js';
import { ChoiceWeights } from './choice.js';
import { drawPoisson, searchCumulative } from './distributions.js';
import { BASKET_MEAN, meanQuantity } from './laws.js';
import { DAY_MS, type History, type OrderColumns, type World } from './marketplace.types.js';
import { guessDemand, Stockroom } from './stockroom.js';
import type { Steps } from './steps.js';

/**
 * Lets the customers of a world order, day by day.
 *
 * Each order has 1 + Poisson(BASKET_MEAN − 1) wishes; each wish is an independent choice with
 * probability exp(utility) / Σ exp(utility) over what is in season and in stock (multinomial logit).
 * What is sold out cannot be chosen: its demand goes elsewhere. A wish takes at most what is left.
 *
 * Costs O(orders · products on sale). Each order is a step.
 */
export function* simulateHistory(world: World): Steps<History> {
  const stream = (purpose: number): Random => createRandom(deriveSeed(world.options.seed, purpose));
  const arrivals = drawArrivals(world, stream(11));
  const choice = new ChoiceWeights(world);
  const stockroom = new Stockroom(world, stream(12));
  const [guesses, wishes] = [stream(13), stream(14)];
  const meanDemand = new Float64Array(world.products.length * world.weeks);
  const ordersOfWeek = countByWeek(arrivals.at, world);
  const shop = new Shop(world, choice, stockroom, wishes);

  let week = -1;
  for (let i = 0; i < arrivals.at.length; i++) {
    const time = arrivals.at[i]!; // in range
    const day = Math.floor((time - world.start) / DAY_MS);
    while (week < Math.floor(day / 7)) {
      shop.closeWeek(week, meanDemand);
      week += 1;
      const orderCount = ordersOfWeek[week] ?? 0;
      stockroom.restock(week, yield* guessDemand({ world, choice, week, orderCount, meanDemand }, guesses));
    }
    choice.moveTo(day);
    shop.serve(arrivals.customer[i]!, time, week); // in range
    yield;
  }
  shop.closeWeek(week, meanDemand);
  return { orders: shop.orders(), stock: stockroom.columns(), finalStock: stockroom.quantity, meanDemand };
}

class Shop {
  private readonly habits: Map<number, number>[];
  private readonly cumulative: Float64Array;
  /** Mean demand of the week so far: one entry a product lie together, those of all weeks do not. */
  private readonly weekDemand: Float64Array;
  /** Mean quantity that an order would ask for if it wished for nothing else. */
  private readonly wishQuantity: Float64Array;
  private readonly customer: number[] = [];
  private readonly at: number[] = [];
  private readonly lineStart: number[] = [];
  private readonly lineProduct: number[] = [];
  private readonly lineQuantity: number[] = [];
  private readonly linePriceMinor: number[] = [];

  constructor(
    private readonly world: World,
    private readonly choice: ChoiceWeights,
    private readonly stockroom: Stockroom,
    private readonly random: Random,
  ) {
    this.habits = world.customers.map(() => new Map<number, number>());
    this.cumulative = new Float64Array(world.products.length);
    this.weekDemand = new Float64Array(world.products.length);
    this.wishQuantity = Float64Array.from(world.products, (product) => BASKET_MEAN * meanQuantity(product));
  }

  /** One visit; a customer who finds nothing in stock leaves without an order. */
  serve(customer: number, time: number, week: number): void {
    const habits = this.habits[customer]!; // customers come from the world
    const total = this.choice.compute(customer, habits);
    const available = this.weigh(total);
    const basket = new Map<number, number>();
    const wishCount = 1 + drawPoisson(this.random, BASKET_MEAN - 1);
    if (available === 0) return;
    for (let wish = 0; wish < wishCount; wish++) {
      const position = searchCumulative(this.cumulative, this.choice.count, this.random() * available);
      const product = this.choice.products[position]!; // in range
      const wanted = this.drawQuantity(product);
      const taken = this.stockroom.take(product, wanted, time);
      if (taken > 0) basket.set(product, (basket.get(product) ?? 0) + taken);
    }
    if (basket.size === 0) return;

    this.customer.push(customer);
    this.at.push(time);
    this.lineStart.push(this.lineProduct.length);
    for (const [product, quantity] of basket) {
      habits.set(product, (habits.get(product) ?? 0) + 1);
      this.lineProduct.push(product);
      this.lineQuantity.push(quantity);
      this.linePriceMinor.push(this.world.weeklyPriceMinor[product * this.world.weeks + week]!); // in range
    }
  }

  /** Writes the demand of a week into its column of shape (products, weeks), and forgets it. */
  closeWeek(week: number, meanDemand: Float64Array): void {
    if (week < 0) return;
    this.weekDemand.forEach((demand, product) => {
      meanDemand[product * this.world.weeks + week] = demand;
    });
    this.weekDemand.fill(0);
  }

  orders(): OrderColumns {
    return {
      customer: Int32Array.from(this.customer),
      at: Float64Array.from(this.at),
      lineStart: Int32Array.from([...this.lineStart, this.lineProduct.length]),
      lineProduct: Int32Array.from(this.lineProduct),
      lineQuantity: Float64Array.from(this.lineQuantity),
      linePriceMinor: Int32Array.from(this.linePriceMinor),
    };
  }

  /** Adds to the mean demand and cumulates the weights of what is in stock. Hot. @returns Their sum. */
  private weigh(total: number): number {
    const { choice, cumulative, weekDemand, wishQuantity, stockroom } = this;
    let available = 0;
    for (let i = 0; i < choice.count; i++) {
      const product = choice.products[i]!; // in range
      const weight = choice.weights[i]!;
      weekDemand[product]! += (wishQuantity[product]! * weight) / total;
      if (stockroom.quantity[product]! > 0) available += weight;
      cumulative[i] = available;
    }
    return available;
  }

  private drawQuantity(product: number): number {
    const isByWeight = this.world.products[product]?.unit === 'kg';
    return isByWeight ? (1 + drawPoisson(this.random, 1)) / 2 : 1 + drawPoisson(this.random, 0.3);
  }
}

function countByWeek(times: Float64Array, { start, weeks }: World): Int32Array {
  const counts = new Int32Array(weeks);
  for (const time of times) counts[Math.floor((time - start) / (7 * DAY_MS))]! += 1; // in range
  return counts;
}
