import type { Interactions } from '../core/interactions.js';
import type { ModelState } from '../core/learner.js';
import { readCount, readTensor } from '../core/state.js';
import type { RankingReport } from '../metrics/ranking.js';
import { WEEKS, weekOfYear } from './popularity-lifts.js';
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

/** Learner and format version of popularity states; those of before regions and seasons lack their tensors. */
export const POPULARITY_KIND = 'popularity/1';

/** What a fit of popularity counts. */
export interface PopularityCounts {
  readonly userCount: number;
  /** Users of each item, decayed where there is a half-life. Shape (itemCount). */
  readonly counts: Float32Array;
  /** Time of the latest training row. */
  readonly latest: number;
  /** Region of each user, and the lifts of regions: shapes (userCount) and (regionCount, itemCount). */
  readonly regions?: { readonly ofUsers: Float32Array; readonly lifts: Float32Array } | undefined;
  /** Lifts of weeks. Shape (52, itemCount). */
  readonly seasons?: Float32Array | undefined;
}

/**
 * Fitted counts.
 *
 * Scores are numbers of users; in a region or season, as many as if all users were of the region and all weeks of
 * the season. The same for everybody of a region, whatever they took: `scoreHistory` knows no region and
 * gives what a user without one gets. `scorePairs` is of the latest training row's season.
 */
export class PopularityModel implements RecommenderModel {
  readonly kind = POPULARITY_KIND;
  private readonly fitted: PopularityCounts;

  /** @param fitted Copied. */
  constructor(fitted: PopularityCounts) {
    this.fitted = copyOf(fitted);
  }

  /** @throws IncompatibleStateError when a number or tensor is missing or of another size. */
  static read(state: ModelState): PopularityModel {
    const userCount = readCount(state, 'userCount');
    const itemCount = readCount(state, 'itemCount');
    const regionCount = 'regionCount' in state.fitted ? readCount(state, 'regionCount') : 0;
    const { latest } = state.fitted;
    return new PopularityModel({
      userCount,
      counts: readTensor(state, 'counts', itemCount),
      latest: typeof latest === 'number' ? latest : 0,
      regions:
        regionCount === 0
          ? undefined
          : {
              ofUsers: readTensor(state, 'userRegions', userCount),
              lifts: readTensor(state, 'regionLifts', regionCount * itemCount),
            },
      seasons:
        state.fitted['isSeasonal'] === true ? readTensor(state, 'seasonLifts', WEEKS * itemCount) : undefined,
    });
  }

  get userCount(): number {
    return this.fitted.userCount;
  }

  get itemCount(): number {
    return this.fitted.counts.length;
  }

  scoreAll(user: number, out?: Float32Array, at?: number): Float32Array {
    expectUser(this, user);
    return this.score(this.regionOf(user), scoresInto(this, out), at);
  }

  scoreHistory(history: UserHistory, out?: Float32Array, at?: number): Float32Array {
    expectHistory(this, history);
    return this.score(-1, scoresInto(this, out), at);
  }

  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    expectPairs(this, users, items);
    const { counts, latest } = this.fitted;
    const season = this.seasonAt(latest);
    return Float32Array.from(items, (item, pair) => {
      const region = this.liftsOfRegion(this.regionOf(users[pair]!));
      return counts[item]! * (region?.[item] ?? 1) * (season?.[item] ?? 1);
    });
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    const { userCount, itemCount } = this;
    const { counts, latest, regions, seasons } = copyOf(this.fitted);
    const isSeasonal = seasons !== undefined;
    const regionCount = (regions?.lifts.length ?? 0) / itemCount;
    return {
      kind: POPULARITY_KIND,
      fitted: { userCount, itemCount, latest, regionCount, isSeasonal },
      tensors: {
        counts,
        ...(regions && { userRegions: regions.ofUsers, regionLifts: regions.lifts }),
        ...(seasons && { seasonLifts: seasons }),
      },
    };
  }

  private score(region: number, out: Float32Array, at = this.fitted.latest): Float32Array {
    out.set(this.fitted.counts);
    for (const lifts of [this.liftsOfRegion(region), this.seasonAt(at)]) {
      if (lifts === undefined) continue;
      // lifts are as long as the scores
      for (let item = 0; item < out.length; item += 1) out[item]! *= lifts[item]!;
    }
    return out;
  }

  private regionOf(user: number): number {
    return this.fitted.regions?.ofUsers[user] ?? -1;
  }

  private liftsOfRegion(region: number): Float32Array | undefined {
    return region < 0 ? undefined : rowAt(this.fitted.regions?.lifts, region, this.itemCount);
  }

  private seasonAt(at: number): Float32Array | undefined {
    return rowAt(this.fitted.seasons, weekOfYear(at), this.itemCount);
  }
}

function rowAt(lifts: Float32Array | undefined, row: number, length: number): Float32Array | undefined {
  return lifts?.subarray(row * length, (row + 1) * length);
}

function copyOf({ regions, seasons, counts, ...rest }: PopularityCounts): PopularityCounts {
  return {
    ...rest,
    counts: counts.slice(),
    regions: regions && { ofUsers: regions.ofUsers.slice(), lifts: regions.lifts.slice() },
    seasons: seasons?.slice(),
  };
}
