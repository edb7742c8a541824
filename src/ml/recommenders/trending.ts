import { runInSlices, yieldToEventLoop } from '../core/event-loop.js';
import { number, readNamed } from '../core/hyperparameter-readers.js';
import { validateInteractions, type Interactions } from '../core/interactions.js';
import type { FitContext, Learner, ModelState } from '../core/learner.js';
import { expectKind, readCount, readNumber, readTensor } from '../core/state.js';
import { DAY_MS, TrendingModel, TRENDING_KIND } from './trending-model.js';

/** What a fit of trending items can be told. */
export interface TrendingHyperparameters {
  /** Days after which a row counts half, in [0.1, 3650]. Short follows fashions, long is popularity. @default 30 */
  readonly halfLifeDays: number;
}

const DEFAULTS: TrendingHyperparameters = { halfLifeDays: 30 };
const ROWS_PER_SLICE = 2 ** 18;

/**
 * Recommends to everybody what is taken most of late (popularity with exponential decay).
 *
 * score(i, t) = ln(0.01 + Σ 2^−(t − tₖ)/h) over the rows k of item i with tₖ < t: what it says of a moment in the past
 * knows nothing of what came later. Not personal; as a member of a blend it tells what the others, which forget time,
 * cannot know. Fit O(n log n) time, memory two floats a row.
 *
 * @example
 * const model = await new Trending({ halfLifeDays: 14 }).fit(interactions, { seed: 7, kernels });
 * model.scoreAll(3, undefined, Date.UTC(2026, 5, 1));
 */
export class Trending implements Learner<Interactions, TrendingModel> {
  readonly kind = TRENDING_KIND;
  readonly hyperparameters: TrendingHyperparameters;

  /** @throws InvalidParameterError naming the parameter, its range and what was received. */
  constructor(hyperparameters?: unknown) {
    this.hyperparameters = readNamed(hyperparameters, DEFAULTS, {
      halfLifeDays: number('in [0.1, 3650]', (value) => value >= 0.1 && value <= 3650),
    });
  }

  /** @throws InvalidDataError when a row is bad; the signal's reason when aborted. */
  async fit(interactions: Interactions, { signal, onProgress }: FitContext): Promise<TrendingModel> {
    signal?.throwIfAborted();
    validateInteractions(interactions);
    const { userCount, itemCount, items, timestamps } = interactions;
    const origin = timestamps.reduce((earliest, at) => Math.min(earliest, at), Infinity);
    const counts = new Float32Array(itemCount);
    for (const item of items) counts[item]! += 1; // validated
    const next = startsOf(counts);
    const days = new Float32Array(items.length);
    const place = (from: number, to: number): void => {
      for (let row = from; row < to; row += 1) {
        const item = items[row]!; // rows were validated
        days[next[item]!] = (timestamps[row]! - origin) / DAY_MS;
        next[item]! += 1;
      }
    };
    await runInSlices(items.length, ROWS_PER_SLICE, place, signal);
    let start = 0;
    for (const count of counts) {
      days.subarray(start, start + count).sort();
      start += count;
    }
    await yieldToEventLoop();
    signal?.throwIfAborted();
    onProgress?.({ epoch: 1, epochs: 1, loss: 0, samplesPerSecond: 0 });
    return new TrendingModel({ userCount, origin, ...this.hyperparameters, counts, days });
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState): TrendingModel {
    expectKind(state, TRENDING_KIND);
    const counts = readTensor(state, 'counts', readCount(state, 'itemCount'));
    return new TrendingModel({
      userCount: readCount(state, 'userCount'),
      origin: readNumber(state, 'origin'),
      halfLifeDays: readNumber(state, 'halfLifeDays'),
      counts,
      days: readTensor(
        state,
        'days',
        counts.reduce((sum, count) => sum + count, 0),
      ),
    });
  }
}

/** First row of each item. */
function startsOf(counts: Float32Array): Int32Array {
  let start = 0;
  return Int32Array.from(counts, (count) => {
    start += count;
    return start - count;
  });
}
