import { createRandom, deriveSeed, drawNormal, type Random } from '../../../ml/core/random.js';
import { ChoiceWeights } from './choice.js';
import { tasteAffinity } from './laws.js';
import { DAY_MS, EVENT_TYPES, type EventColumns, type History, type World } from './marketplace.types.js';
import type { Steps } from './steps.js';

const BROWSING_PROBABILITY = 0.3;
const LOOK_PROBABILITY = 0.3;
const CLICK_PROBABILITY = 0.5;
const CART_PROBABILITY = 0.4;
const RATING_PROBABILITY = 0.05;
const [VIEW, CLICK, CART, RATING] = EVENT_TYPES.map((_, index) => index) as [number, number, number, number];

/**
 * Draws what customers looked at and how they rated what they bought.
 *
 * Three lines in ten were viewed before, half of those clicked, then 40 % put into the cart. Three in
 * ten visits also view something by the same law of choice that they do not buy. One line in twenty is
 * rated 3 + taste · traits + N(0, ½²), rounded and cut to 1–5, two days later. Each order is a step.
 */
export function* simulateInterest(world: World, { orders }: History): Steps<EventColumns> {
  const random = createRandom(deriveSeed(world.options.seed, 21));
  const log = new EventLog();
  const choice = new ChoiceWeights(world);
  for (let order = 0; order < orders.customer.length; order++) {
    const customer = orders.customer[order]!; // all indexes below are in range
    const at = orders.at[order]!;
    for (let line = orders.lineStart[order]!; line < orders.lineStart[order + 1]!; line++) {
      const product = orders.lineProduct[line]!;
      if (random() < LOOK_PROBABILITY) look(log, { customer, product, at }, random);
      if (random() < RATING_PROBABILITY) {
        const time = at + 2 * DAY_MS;
        const value = rate(tasteAffinity(world, customer, product), random);
        if (time < world.options.until) log.add(RATING, customer, product, time, value);
      }
    }
    if (random() < BROWSING_PROBABILITY) {
      choice.moveTo(Math.floor((at - world.start) / DAY_MS));
      log.add(VIEW, customer, browse(choice, customer, random), at - 1000 * Math.floor(600 + 600 * random()));
    }
    yield;
  }
  return log.columns();
}

interface Look {
  readonly customer: number;
  readonly product: number;
  /** When it was bought. */
  readonly at: number;
}

function look(log: EventLog, { customer, product, at }: Look, random: Random): void {
  const viewed = at - 1000 * Math.floor(120 + 480 * random());
  log.add(VIEW, customer, product, viewed);
  if (random() >= CLICK_PROBABILITY) return;
  log.add(CLICK, customer, product, viewed + 5000);
  if (random() < CART_PROBABILITY) log.add(CART, customer, product, viewed + 20_000);
}

function rate(affinity: number, random: Random): number {
  return Math.min(5, Math.max(1, Math.round(3 + affinity + 0.5 * drawNormal(random))));
}

function browse(choice: ChoiceWeights, customer: number, random: Random): number {
  const target = random() * choice.compute(customer);
  let sum = 0;
  for (let i = 0; i < choice.count; i++) {
    sum += choice.weights[i]!; // in range
    if (sum > target) return choice.products[i]!;
  }
  // rounding can leave the sum at the target
  return choice.products[choice.count - 1] ?? 0;
}

class EventLog {
  private readonly type: number[] = [];
  private readonly customer: number[] = [];
  private readonly product: number[] = [];
  private readonly at: number[] = [];
  private readonly value: number[] = [];

  add(type: number, customer: number, product: number, at: number, value = Number.NaN): void {
    this.type.push(type);
    this.customer.push(customer);
    this.product.push(product);
    this.at.push(at);
    this.value.push(value);
  }

  columns(): EventColumns {
    return {
      type: Uint8Array.from(this.type),
      customer: Int32Array.from(this.customer),
      product: Int32Array.from(this.product),
      at: Float64Array.from(this.at),
      value: Float64Array.from(this.value),
    };
  }
}
