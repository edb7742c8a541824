import type { Interactions } from '../core/interactions.js';
import type { ModelState } from '../core/learner.js';
import type { RankingReport } from '../metrics/ranking.js';
import {
  evaluateFullRanking,
  expectHistory,
  expectPairs,
  expectUser,
  recommend,
  scoresInto,
  type Recommendation,
  type RecommendationQuery,
  type RecommenderModel,
  type UserHistory,
} from './recommender-model.js';

/** Learner and format version. */
export const TRENDING_KIND = 'trending/1';
export const DAY_MS = 86_400_000;

/** What stands for an item that nobody took. */
const LEAST_COUNT = 0.01;

interface TrendingState {
  readonly userCount: number;
  /** Moment of day 0, milliseconds since the epoch. */
  readonly origin: number;
  readonly halfLifeDays: number;
  /** Rows of each item. Shape (itemCount). */
  readonly counts: Float32Array;
  /** Days since the origin of the rows of item 0, ascending, then of item 1 and so on; to within half a minute. */
  readonly days: Float32Array;
}

/** When each item was taken. Scores are logarithms of decayed counts. */
export class TrendingModel implements RecommenderModel {
  readonly kind = TRENDING_KIND;
  readonly scale = 'log-share';
  private readonly state: TrendingState;
  private readonly starts: Int32Array;
  /** Decayed count of an item at each of its rows, that row included. */
  private readonly sums: Float32Array;
  private readonly lastDay: number;

  /** @param state Copied. */
  constructor(state: TrendingState) {
    this.state = { ...state, counts: state.counts.slice(), days: state.days.slice() };
    const { counts, days } = this.state;
    this.starts = new Int32Array(counts.length + 1);
    this.sums = new Float32Array(days.length);
    counts.forEach((count, item) => {
      const start = this.starts[item]!; // one more start than items
      this.starts[item + 1] = start + count;
      let sum = 0;
      for (let row = start; row < start + count; row += 1) {
        if (row > start) sum *= this.decay(days[row]! - days[row - 1]!);
        sum += 1;
        this.sums[row] = sum;
      }
    });
    this.lastDay = days.reduce((last, day) => Math.max(last, day), 0);
  }

  get userCount(): number {
    return this.state.userCount;
  }

  get itemCount(): number {
    return this.state.counts.length;
  }

  scoreAll(user: number, out?: Float32Array, at?: number): Float32Array {
    expectUser(this, user);
    return this.scoreMoment(out, at);
  }

  /** The same for everybody, whatever they took. */
  scoreHistory(history: UserHistory, out?: Float32Array, at?: number): Float32Array {
    expectHistory(this, history);
    return this.scoreMoment(out, at);
  }

  scorePairs(users: Int32Array, items: Int32Array, moments?: Float64Array): Float32Array {
    expectPairs(this, users, items, moments);
    return Float32Array.from(items, (item, pair) => this.scoreItem(item, this.dayOf(moments?.[pair])));
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    const { userCount, origin, halfLifeDays, counts, days } = this.state;
    return {
      kind: TRENDING_KIND,
      fitted: { userCount, itemCount: counts.length, origin, halfLifeDays },
      tensors: { counts: counts.slice(), days: days.slice() },
    };
  }

  private scoreMoment(out: Float32Array | undefined, at: number | undefined): Float32Array {
    const scores = scoresInto(this, out);
    const day = this.dayOf(at);
    for (let item = 0; item < scores.length; item += 1) scores[item] = this.scoreItem(item, day);
    return scores;
  }

  /** Without a moment: right after the last row. */
  private dayOf(at: number | undefined): number {
    return at === undefined || Number.isNaN(at) ? Infinity : (at - this.state.origin) / DAY_MS;
  }

  private scoreItem(item: number, day: number): number {
    const { days } = this.state;
    const row = this.rowsBefore(item, day) - 1;
    if (row < this.starts[item]!) return Math.log(LEAST_COUNT);
    const moment = day === Infinity ? this.lastDay : day;
    return Math.log(LEAST_COUNT + this.sums[row]! * this.decay(moment - days[row]!));
  }

  /** First row of an item at or after a day, by bisection; of the next item when there is none. */
  private rowsBefore(item: number, day: number): number {
    let low = this.starts[item]!; // items are checked
    let high = this.starts[item + 1]!;
    if (day > this.lastDay) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.state.days[middle]! < day) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private decay(days: number): number {
    return 2 ** (-days / this.state.halfLifeDays);
  }
}
