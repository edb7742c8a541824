import { InvalidDataError } from '../core/errors.js';
import { yieldToEventLoop } from '../core/event-loop.js';
import { distinctInteractions, type DistinctInteractions, type Interactions } from '../core/interactions.js';
import type { FitContext, Learner, ModelState } from '../core/learner.js';
import { expectKind } from '../core/state.js';
import {
  readPopularityHyperparameters,
  type PopularityHyperparameters,
} from './popularity-hyperparameters.js';
import { regionLifts, seasonLifts } from './popularity-lifts.js';
import { POPULARITY_KIND, PopularityModel } from './popularity-model.js';

const DAY_MS = 86_400_000;

/**
 * Recommends to everybody what most users have taken: overall, in their region, in season.
 *
 * score(u, i, at) = n_i · lift(region of u, i) · lift(week of `at`, i), with n_i the number of distinct users with i
 * and the lifts of `regionLifts` and `seasonLifts`, each 1 unless asked for. With a half-life h, a user counts
 * 2^(−age / h) in n_i, age being that of the user's latest row with i at the latest row of all. Not personal:
 * overall popularity is the yardstick that other recommenders have to beat, and what a new user gets.
 *
 * Region and season are taken to act independently, so memory is (1 + regions + 52) floats an item. Fit
 * O(n + items · (regions + 52)).
 *
 * @example
 * const model = await new Popularity({ season: true }).fit(interactions, context);
 * model.scoreAll(3, undefined, Date.UTC(2026, 5, 21)); // in late June of any year
 */
export class Popularity implements Learner<Interactions, PopularityModel> {
  readonly kind = POPULARITY_KIND;
  readonly hyperparameters: PopularityHyperparameters;

  /**
   * @param hyperparameters Any of `PopularityHyperparameters`; the rest take their defaults: overall popularity.
   * @throws InvalidParameterError naming the parameter, its range and what was received.
   */
  constructor(hyperparameters?: unknown) {
    this.hyperparameters = readPopularityHyperparameters(hyperparameters);
  }

  /**
   * @throws InvalidDataError when a row is bad, or regions are asked for and the data have none.
   * @throws The signal's reason when aborted.
   */
  async fit(interactions: Interactions, context: FitContext): Promise<PopularityModel> {
    context.signal?.throwIfAborted();
    const distinct = await distinctInteractions(interactions, context.signal);
    const { scope, season, halfLifeDays, smoothing } = this.hyperparameters;
    const { userCount, userRegions } = distinct;
    const latest = distinct.timestamps.reduce((late, at) => Math.max(late, at), Number.NEGATIVE_INFINITY);
    const fitted = {
      userCount,
      latest,
      counts: countUsers(distinct, latest, halfLifeDays * DAY_MS),
      regions: scope === 'region' ? regionsOf(distinct, userRegions, smoothing) : undefined,
      seasons: season ? seasonLifts(interactions, smoothing) : undefined,
    };
    await yieldToEventLoop();
    context.signal?.throwIfAborted();
    context.onProgress?.({ epoch: 1, epochs: 1, loss: 0, samplesPerSecond: 0 });
    return new PopularityModel(fitted);
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState): PopularityModel {
    expectKind(state, POPULARITY_KIND);
    return PopularityModel.read(state);
  }
}

/** @param halfLife Milliseconds, 0 for none. */
function countUsers(
  { itemCount, items, timestamps }: DistinctInteractions,
  latest: number,
  halfLife: number,
): Float32Array {
  const counts = new Float64Array(itemCount);
  // validated rows: every item has a count
  items.forEach((item, row) => {
    counts[item]! += halfLife === 0 ? 1 : 2 ** ((timestamps[row]! - latest) / halfLife);
  });
  return Float32Array.from(counts);
}

function regionsOf(
  distinct: DistinctInteractions,
  userRegions: Int32Array | undefined,
  smoothing: number,
): { readonly ofUsers: Float32Array; readonly lifts: Float32Array } {
  if (userRegions === undefined) {
    throw new InvalidDataError(
      'Popularity by region needs `userRegions`, received interactions without them.',
    );
  }
  return { ofUsers: Float32Array.from(userRegions), lifts: regionLifts(distinct, userRegions, smoothing) };
}
