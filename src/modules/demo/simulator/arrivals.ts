import type { Random } from '../../../ml/core/random.js';
import { searchCumulative } from './distributions.js';
import { BASKET_MEAN } from './laws.js';
import { DAY_MS, type World } from './marketplace.types.js';

/** Sunday to Saturday. */
const WEEKDAY_FACTORS = [0.9, 0.7, 0.8, 0.9, 1.1, 1.4, 1.5];
const OPENING_HOUR = 11;
const OPEN_HOURS = 12;
/** Wishes for the same product become one line, and the last of a stock ends some: a few lines fewer than wishes. */
const LINES_PER_WISH = 0.927;

export interface Arrivals {
  readonly customer: Int32Array;
  /** Ascending, epoch milliseconds. */
  readonly at: Float64Array;
}

/**
 * Draws who orders when: independent of what is on sale.
 *
 * A day's rate is the activity of those who joined, times its weekday, times a growth of 30 % over the
 * whole time, times a summer that is 15 % busier.
 */
export function drawArrivals(world: World, random: Random): Arrivals {
  const { days, start, customers, options } = world;
  const activity = cumulate(customers.map((customer) => customer.activity));
  const joined = Int32Array.from({ length: days }, (_, day) => countJoined(world, day));
  const dayRates = Array.from({ length: days }, (_, day) => {
    const date = new Date(start + day * DAY_MS);
    const summer = 1 - 0.15 * Math.cos((2 * Math.PI * (date.getUTCMonth() + 0.5)) / 12);
    const mass = activity[joined[day]! - 1] ?? 0; // day is in range
    return mass * WEEKDAY_FACTORS[date.getUTCDay()]! * (1 + (0.3 * day) / days) * summer; // seven weekdays
  });
  const rates = cumulate(dayRates);
  const count = Math.round(options.orderLines / (BASKET_MEAN * LINES_PER_WISH));

  const at = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const day = searchCumulative(rates, days, random() * (rates[days - 1] ?? 0));
    // whole seconds, as a shop stores them
    const second = Math.floor((OPENING_HOUR + OPEN_HOURS * random()) * 3600);
    at[i] = start + day * DAY_MS + second * 1000;
  }
  at.sort();

  const customer = Int32Array.from(at, (time) => {
    const present = joined[Math.floor((time - start) / DAY_MS)] ?? 1;
    return searchCumulative(activity, present, random() * (activity[present - 1] ?? 0));
  });
  return { customer, at };
}

/** Customers are sorted by the day they join, so those present are the first ones. */
function countJoined({ customers }: World, day: number): number {
  const firstAbsent = customers.findIndex(({ joinDay }) => joinDay > day);
  return firstAbsent < 0 ? customers.length : firstAbsent;
}

function cumulate(weights: readonly number[]): Float64Array {
  let sum = 0;
  return Float64Array.from(weights, (weight) => (sum += weight));
}
