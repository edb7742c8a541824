import { InvalidDataError } from '../core/errors.js';
import { isInSeason, type SeasonMask } from './season.js';

/** Weeks of a curve; the last one has the days that are left over. */
export const WEEKS = 52;

/** How much a product is sold in each week of the year, as a share of its best week. Shape (52), in [0, 1]. */
export type SeasonCurve = Float64Array;

export interface SeasonEvidence {
  /** Sales of the product by week of the year, all years together, ≥ 0. Shape (52). */
  readonly sales: ArrayLike<number>;
  /** Sales of the whole shop by week of the year, so that a shop that grew or is young is not taken for a season. Shape (52). */
  readonly exposure: ArrayLike<number>;
  /** What is believed before any sale. */
  readonly prior: SeasonCurve;
}

/** First and last month, 1 … 12, of the time in which a product sells best; it can run over the turn of the year. */
export interface Peak {
  readonly fromMonth: number;
  readonly toMonth: number;
}

const OUT_OF_SEASON = 0.02;
/** Sales that the prior of a week weighs as much as. */
const PRIOR_SALES = 2;
/** Standard deviation of the kernel, weeks. */
const BANDWIDTH_WEEKS = 1.5;
const KERNEL_REACH = 5;
/** A peak is where a curve is above this share of its best week. */
const PEAK_SHARE = 0.6;
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

const KERNEL = gaussianKernel();

/** Week of the year, 0 … 51, of an ISO 8601 date; weeks are counted from 1 January. 29 February counts as 1 March. */
export function weekOf(day: string): number {
  const month = Number(day.slice(5, 7));
  const dayOfYear = (DAYS_BEFORE_MONTH[month - 1] ?? 0) + Number(day.slice(8, 10)) - 1;
  return Math.min(WEEKS - 1, Math.floor(dayOfYear / 7));
}

/** A curve out of months of sale: 1 in the weeks whose middle lies in one of them, a little outside; 1 all year without months. */
export function calendarCurve(season: SeasonMask): SeasonCurve {
  return Float64Array.from({ length: WEEKS }, (_, week) =>
    isInSeason(season, monthOf(week)) ? 1 : OUT_OF_SEASON,
  );
}

/** The same curve on the other hemisphere: half a year later. */
export function oppositeHemisphere(curve: SeasonCurve): SeasonCurve {
  return curve.map((_, week) => curve[(week + WEEKS / 2) % WEEKS] ?? 0);
}

/**
 * Learns when a product is sold from the shop's own sales, over a prior (Gamma–Poisson, smoothed round the year).
 *
 * Sales of week w are taken as Poisson with rate r_w · e_w, e the exposure scaled to a mean of 1, and r_w as Gamma
 * with mean m·π_w, where m is the product's mean rate and π the prior scaled to a mean of 1 under e. With S and X
 * the circular Gaussian smooths (σ = 1.5 weeks) of sales and exposure and a = 2 sales of prior belief a week,
 *
 *   r_w = (S_w + a·π_w) / (X_w + a / m),
 *
 * which is the prior where the shop never was open or the product hardly sold, and the sales where they are many.
 * Costs 52 × 11 multiplications.
 *
 * @returns r divided by its largest value; the prior, so divided, without any sale.
 * @throws InvalidDataError when a column is not 52 finite numbers ≥ 0.
 */
export function estimateSeasonCurve({ sales, exposure, prior }: SeasonEvidence): SeasonCurve {
  const sold = total('sales', sales);
  const shopSold = total('exposure', exposure);
  total('prior', prior);
  if (sold === 0 || shopSold === 0) return toShareOfBest(prior);

  const scale = WEEKS / shopSold;
  const open = Float64Array.from(exposure, (value) => value * scale);
  const meanRate = sold / WEEKS;
  const priorMean = open.reduce((sum, value, week) => sum + value * (prior[week] ?? 0), 0) / WEEKS;
  const belief = priorMean > 0 ? prior.map((value) => value / priorMean) : new Float64Array(WEEKS).fill(1);
  const smoothSales = smooth(sales);
  const smoothOpen = smooth(open);
  const rates = belief.map(
    (value, week) =>
      ((smoothSales[week] ?? 0) + PRIOR_SALES * value) / ((smoothOpen[week] ?? 0) + PRIOR_SALES / meanRate),
  );
  return toShareOfBest(rates);
}

/** @returns undefined for a curve without a peak: never below 0.6 of its best week, or in several separate times. */
export function peakOf(curve: SeasonCurve): Peak | undefined {
  const isPeak = Array.from(curve, (share) => share >= PEAK_SHARE);
  const starts = isPeak.flatMap((is, week) => (is && !isPeak[(week + WEEKS - 1) % WEEKS] ? [week] : []));
  const [start] = starts;
  if (starts.length !== 1 || start === undefined) return undefined;
  const length = isPeak.filter(Boolean).length;
  return { fromMonth: monthOf(start), toMonth: monthOf((start + length - 1) % WEEKS) };
}

/** Whether a month, 1 … 12, lies in a peak. */
export function isInPeak({ fromMonth, toMonth }: Peak, month: number): boolean {
  return fromMonth <= toMonth
    ? month >= fromMonth && month <= toMonth
    : month >= fromMonth || month <= toMonth;
}

/** Month, 1 … 12, of the middle of a week. */
function monthOf(week: number): number {
  const middle = week * 7 + 3;
  return DAYS_BEFORE_MONTH.findLastIndex((days) => days <= middle) + 1;
}

function smooth(values: ArrayLike<number>): Float64Array {
  const result = new Float64Array(WEEKS);
  for (let week = 0; week < WEEKS; week += 1) {
    let sum = 0;
    for (let shift = -KERNEL_REACH; shift <= KERNEL_REACH; shift += 1) {
      sum += (KERNEL[shift + KERNEL_REACH] ?? 0) * (values[(week + shift + WEEKS) % WEEKS] ?? 0);
    }
    result[week] = sum;
  }
  return result;
}

function gaussianKernel(): Float64Array {
  const kernel = Float64Array.from({ length: 2 * KERNEL_REACH + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - KERNEL_REACH) / BANDWIDTH_WEEKS) ** 2),
  );
  const sum = kernel.reduce((all, value) => all + value, 0);
  return kernel.map((value) => value / sum);
}

function toShareOfBest(values: Float64Array): SeasonCurve {
  const best = values.reduce((high, value) => Math.max(high, value), 0);
  return best > 0 ? values.map((value) => value / best) : new Float64Array(WEEKS).fill(1);
}

function total(name: string, values: ArrayLike<number>): number {
  if (values.length !== WEEKS) {
    throw new InvalidDataError(`\`${name}\` must have ${WEEKS} weeks, received ${values.length}.`);
  }
  let sum = 0;
  for (let week = 0; week < WEEKS; week += 1) {
    const value = values[week] ?? Number.NaN;
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new InvalidDataError(`\`${name}\` of week ${week} must be finite and ≥ 0, received ${value}.`);
    }
    sum += value;
  }
  return sum;
}
