import { drawNormal, type Random } from '../../../ml/core/random.js';
import { seasonCurve } from './laws.js';
import { DAY_MS, type DemoProduct } from './marketplace.types.js';
import type { Steps } from './steps.js';

const REPRICING_PROBABILITY = 0.1;
const PROMOTION_PROBABILITY = 0.05;
/** Prices fall when everybody harvests: whoever compares sales and prices without season sees too much. */
const SEASON_DISCOUNT = 0.08;

/**
 * Draws the price of each product in each week: a level that is set anew now and then, lower at
 * the height of the season, with short promotions of 12–30 %. Prices never react to sales.
 *
 * @returns Cents, in steps of 5. Shape (products, weeks).
 */
export function* drawWeeklyPrices(
  products: readonly DemoProduct[],
  { start, weeks }: { readonly start: number; readonly weeks: number },
  random: Random,
): Steps<Int32Array> {
  const prices = new Int32Array(products.length * weeks);
  for (const [product, { basePriceMinor, seasonMonths }] of products.entries()) {
    let level = 0;
    for (let week = 0; week < weeks; week++) {
      if (week === 0 || random() < REPRICING_PROBABILITY) {
        const season = seasonCurve(seasonMonths, start + (week * 7 + 3) * DAY_MS) ?? 0.5;
        level = 0.12 * drawNormal(random) - SEASON_DISCOUNT * (season - 0.5);
      }
      const promotion = random() < PROMOTION_PROBABILITY ? Math.log(0.7 + 0.18 * random()) : 0;
      const ratio = Math.exp(level + promotion);
      prices[product * weeks + week] = Math.max(5, Math.round((basePriceMinor * ratio) / 5) * 5);
    }
    yield;
  }
  return prices;
}
