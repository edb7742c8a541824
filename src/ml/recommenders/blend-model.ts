import type { Interactions } from '../core/interactions.js';
import type { ModelState } from '../core/learner.js';
import type { RankingReport } from '../metrics/ranking.js';
import {
  evaluateFullRanking,
  expectPairs,
  expectUser,
  recommend,
  scoresInto,
  type Recommendation,
  type RecommendationQuery,
  type RecommenderModel,
  type UserHistory,
} from './recommender-model.js';

/** Learner and format version of blends. */
export const BLEND_KIND = 'recommender-blend/1';

/** A fitted member of a blend. */
export interface WeightedModel {
  readonly modelType: string;
  readonly model: RecommenderModel;
  /** w > 0; see `learnBlendWeights`. */
  readonly weight: number;
}

/**
 * A weighted sum of the scores of several models, each standardized within the user: mean 0 and deviation 1 over
 * all items. Scores say how many deviations an item is above the user's average one.
 */
export class BlendModel implements RecommenderModel {
  readonly kind = BLEND_KIND;
  readonly scale = 'log-share';
  private readonly scratch: Float32Array;

  /** @param members At least one, all over the same users and items. */
  constructor(readonly members: readonly WeightedModel[]) {
    this.scratch = new Float32Array(this.itemCount);
  }

  get userCount(): number {
    return this.members[0]?.model.userCount ?? 0;
  }

  get itemCount(): number {
    return this.members[0]?.model.itemCount ?? 0;
  }

  scoreAll(user: number, out?: Float32Array, at?: number): Float32Array {
    expectUser(this, user);
    return this.blend(out, (model, scratch) => model.scoreAll(user, scratch, at));
  }

  /** As near to `scoreAll` as its members are. */
  scoreHistory(history: UserHistory, out?: Float32Array, at?: number): Float32Array {
    return this.blend(out, (model, scratch) => model.scoreHistory(history, scratch, at));
  }

  /** Standardizing takes a user's scores of all items: as dear as `scoreAll` for each run of one user's pairs. */
  scorePairs(users: Int32Array, items: Int32Array, moments?: Float64Array): Float32Array {
    expectPairs(this, users, items, moments);
    const all = new Float32Array(this.itemCount);
    return Float32Array.from(users, (user, pair) => {
      const at = momentOf(moments, pair);
      if (pair === 0 || user !== users[pair - 1] || at !== momentOf(moments, pair - 1))
        this.scoreAll(user, all, at);
      return all[items[pair]!]!; // pairs were checked
    });
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    const states = this.members.map(({ model }) => model.save());
    return {
      kind: BLEND_KIND,
      fitted: {
        members: this.members.map(({ modelType, weight }, index) => ({
          modelType,
          weight,
          kind: states[index]!.kind,
          fitted: states[index]!.fitted,
        })),
      },
      tensors: Object.fromEntries(
        states.flatMap(({ tensors }, index) =>
          Object.entries(tensors).map(([name, tensor]) => [`${index}.${name}`, tensor]),
        ),
      ),
    };
  }

  private blend(
    out: Float32Array | undefined,
    scoresOf: (model: RecommenderModel, scratch: Float32Array) => Float32Array,
  ): Float32Array {
    const blended = scoresInto(this, out).fill(0);
    for (const { model, weight } of this.members) {
      if (weight > 0) addStandardized(blended, scoresOf(model, this.scratch), weight);
    }
    return blended;
  }
}

function momentOf(moments: Float64Array | undefined, pair: number): number | undefined {
  const at = moments?.[pair];
  return at === undefined || Number.isNaN(at) ? undefined : at;
}

/** blended += weight · (scores − mean) / deviation; nothing when all scores are alike. */
export function addStandardized(blended: Float32Array, scores: Float32Array, weight: number): void {
  const { mean, deviation } = momentsOf(scores);
  if (!(deviation > 0)) return;
  const scale = weight / deviation;
  // hot: both hold one number an item
  for (let item = 0; item < blended.length; item += 1) blended[item]! += scale * (scores[item]! - mean);
}

/** Mean and standard deviation, in double precision. */
export function momentsOf(scores: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  let squares = 0;
  // hot: one pass; shifted by the first score, so that close large scores do not cancel
  const shift = scores[0] ?? 0;
  for (let item = 0; item < scores.length; item += 1) {
    const score = scores[item]! - shift;
    sum += score;
    squares += score * score;
  }
  const mean = sum / scores.length;
  return { mean: mean + shift, deviation: Math.sqrt(Math.max(0, squares / scores.length - mean * mean)) };
}
