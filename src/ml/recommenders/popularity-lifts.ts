import type { DistinctInteractions, Interactions } from '../core/interactions.js';
import { groupRowsByUser } from '../core/user-rows.js';

/** Weeks of a year; the last one has the days that are left over. */
export const WEEKS = 52;

/** Weight of a week by its distance from the week asked about: a month or so around it counts. */
const WEEK_WEIGHTS = [1, 0.75, 0.5, 0.25];
const DAY_MS = 86_400_000;
const DAYS_A_WEEK = 7;

/** Week of the year of a time, UTC, 0 … 51, counted from 1 January. */
export function weekOfYear(at: number): number {
  const day = Math.floor((at - Date.UTC(new Date(at).getUTCFullYear(), 0, 1)) / DAY_MS);
  return Math.min(WEEKS - 1, Math.floor(day / DAYS_A_WEEK));
}

/**
 * How much more, or less, each item is taken by the users of each region than by all (lift).
 *
 * lift(r, i) = (n_ri + a) / (n_r · n_i / n + a) with n_ri the users of region r who have item i, n_r and n_i the users
 * of the region and of the item, n all of them, and a pseudo-users: 1 where nothing is known of the two, and near 1
 * where little is (the posterior mean of a Poisson rate ratio under a Gamma(a, a) prior).
 *
 * @param smoothing a > 0.
 * @returns Shape (regionCount, itemCount), row-major.
 */
export function regionLifts(
  { userCount, itemCount, users, items }: DistinctInteractions,
  userRegions: Int32Array,
  smoothing: number,
): Float32Array {
  const regionCount = 1 + userRegions.reduce((highest, region) => Math.max(highest, region), -1);
  const lifts = new Float32Array(regionCount * itemCount);
  const sizes = new Float64Array(regionCount);
  const popularity = new Float64Array(itemCount);
  // validated rows: every user has a region or −1, every item a count
  for (const region of userRegions) if (region >= 0) sizes[region]! += 1;
  for (let row = 0; row < users.length; row += 1) {
    popularity[items[row]!]! += 1;
    const region = userRegions[users[row]!]!;
    if (region >= 0) lifts[region * itemCount + items[row]!]! += 1;
  }
  return lifts.map((count, index) => {
    const expected = (sizes[Math.floor(index / itemCount)]! * popularity[index % itemCount]!) / userCount;
    return (count + smoothing) / (expected + smoothing);
  });
}

/**
 * How much more, or less, each item is taken around each week of the year than all year (lift), all years together.
 *
 * lift(w, i) = (S_wi + a) / (S_w · c_i / c + a) with c_i the takings of item i, c those of all, S_wi and S_w the
 * same in the weeks around w weighed 1, ¾, ½, ¼ by distance, round the turn of the year, and a pseudo-takings. A
 * taking is one user's of one item on one day. That the shop sells more in some weeks, or was open in some only, is
 * no season: shares within a week are compared.
 *
 * @param smoothing a > 0.
 * @returns Shape (52, itemCount), row-major.
 */
export function seasonLifts(interactions: Interactions, smoothing: number): Float32Array {
  const { itemCount } = interactions;
  const takings = takingsByWeek(interactions);
  const ofItem = new Float64Array(itemCount);
  takings.forEach((count, index) => {
    ofItem[index % itemCount]! += count;
  });
  const all = ofItem.reduce((sum, count) => sum + count, 0);
  const lifts = new Float32Array(WEEKS * itemCount);
  const around = new Float64Array(itemCount);
  for (let week = 0; week < WEEKS; week += 1) {
    around.fill(0);
    for (let distance = 1 - WEEK_WEIGHTS.length; distance < WEEK_WEIGHTS.length; distance += 1) {
      const weight = WEEK_WEIGHTS[Math.abs(distance)]!;
      const start = ((week + distance + WEEKS) % WEEKS) * itemCount;
      for (let item = 0; item < itemCount; item += 1) around[item]! += weight * takings[start + item]!;
    }
    const total = around.reduce((sum, count) => sum + count, 0);
    for (let item = 0; item < itemCount; item += 1) {
      const expected = (total * ofItem[item]!) / all;
      lifts[week * itemCount + item] = (around[item]! + smoothing) / (expected + smoothing);
    }
  }
  return lifts;
}

/** Takings by week of the year. Shape (52, itemCount). */
function takingsByWeek(interactions: Interactions): Float32Array {
  const { userCount, itemCount, items, timestamps } = interactions;
  const { offsets, rows } = groupRowsByUser(interactions);
  const counts = new Float32Array(WEEKS * itemCount);
  for (let user = 0; user < userCount; user += 1) {
    const taken = new Set<string>();
    for (const row of rows.subarray(offsets[user], offsets[user + 1])) {
      // rows of a grouping exist
      const taking = `${items[row]} ${Math.floor(timestamps[row]! / DAY_MS)}`;
      if (taken.has(taking)) continue;
      taken.add(taking);
      counts[weekOfYear(timestamps[row]!) * itemCount + items[row]!]! += 1;
    }
  }
  return counts;
}
