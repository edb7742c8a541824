import { IncompatibleStateError } from '../core/errors.js';
import type { Interactions } from '../core/interactions.js';
import type { ModelState } from '../core/learner.js';
import { readCount, readNumber, readTensor } from '../core/state.js';
import type { IalsObjective } from '../kernels/ials-objective.js';
import { paddedWidth } from '../kernels/ials-plan.js';
import { IalsScorer } from '../kernels/ials-scorer.js';
import type { KernelRuntime } from '../kernels/kernel-runtime.js';
import type { RankingReport } from '../metrics/ranking.js';
import { distinctItems } from './distinct-items.js';
import {
  evaluateFullRanking,
  expectHistory,
  expectPairs,
  expectUser,
  recommend,
  scoresInto,
  type FactorModel,
  type Recommendation,
  type RecommendationQuery,
  type UserHistory,
} from './recommender-model.js';

/** What an iALS fit ends with. */
export interface ImplicitAlsFit {
  readonly objective: IalsObjective;
  readonly factors: number;
  readonly userCount: number;
  readonly itemCount: number;
  /** The exact solution for each user given `items`; `stranger` for users without items. Shape (userCount, width). */
  readonly users: Float32Array;
  /** Shape (itemCount, width), width = factors rounded up to a multiple of 8, zeros from `factors` on. */
  readonly items: Float32Array;
  /** Mean of the vectors of users with items. Shape (width). */
  readonly stranger: Float32Array;
}

/** Learner and format version of iALS states. */
export const IMPLICIT_ALS_KIND = 'implicit-als/1';

/**
 * A fitted iALS. Scores are dot products, near 1 for what a user would take and near 0 for the rest.
 *
 * `scoreHistory` is one ridge solution over the distinct items: for a user's own training rows it gives what
 * `scoreAll` gives, to the last bit. A stranger gets the mean of all users' scores.
 */
export class ImplicitAlsModel implements FactorModel {
  readonly kind = IMPLICIT_ALS_KIND;
  readonly width: number;
  private readonly scorer: IalsScorer;
  private readonly users: Float32Array;

  constructor(
    kernels: KernelRuntime,
    private readonly fitted: ImplicitAlsFit,
  ) {
    this.width = paddedWidth(fitted.factors);
    this.users = fitted.users.slice();
    this.scorer = new IalsScorer(kernels, fitted.objective, fitted.items, this.width);
  }

  get userCount(): number {
    return this.fitted.userCount;
  }

  get itemCount(): number {
    return this.fitted.itemCount;
  }

  get itemFactors(): Float32Array {
    return this.scorer.itemFactors;
  }

  userFactors(user: number): Float32Array {
    expectUser(this, user);
    return this.users.slice(user * this.width, (user + 1) * this.width);
  }

  historyFactors(history: UserHistory): Float32Array {
    expectHistory(this, history);
    const items = distinctItems(history);
    return items.length === 0 ? this.fitted.stranger.slice() : this.scorer.solve(items);
  }

  scoreAll(user: number, out?: Float32Array): Float32Array {
    return this.scorer.scoreAll(this.userFactors(user), scoresInto(this, out));
  }

  scoreHistory(history: UserHistory, out?: Float32Array): Float32Array {
    return this.scorer.scoreAll(this.historyFactors(history), scoresInto(this, out));
  }

  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    expectPairs(this, users, items);
    const { width, itemFactors } = this;
    const scores = new Float32Array(users.length);
    // hot: every index was checked, and rows have `width` floats
    for (let pair = 0; pair < users.length; pair += 1) {
      const user = users[pair]! * width;
      const item = items[pair]! * width;
      let sum = 0;
      for (let k = 0; k < width; k += 1) sum += this.users[user + k]! * itemFactors[item + k]!;
      scores[pair] = sum;
    }
    return scores;
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    const { objective, factors, userCount, itemCount, stranger } = this.fitted;
    return {
      kind: IMPLICIT_ALS_KIND,
      fitted: { userCount, itemCount, factors, ...objective },
      tensors: {
        users: this.users.slice(),
        // constructed from a view: a copy outside the shared memory
        items: new Float32Array(this.itemFactors),
        stranger: stranger.slice(),
      },
    };
  }
}

/** @throws IncompatibleStateError when a number or tensor is missing or does not fit. */
export function readImplicitAls(state: ModelState): ImplicitAlsFit {
  const userCount = readCount(state, 'userCount');
  const itemCount = readCount(state, 'itemCount');
  const factors = readCount(state, 'factors');
  const objective = {
    unobservedWeight: readNumber(state, 'unobservedWeight'),
    regularization: readNumber(state, 'regularization'),
    regularizationExponent: readNumber(state, 'regularizationExponent'),
  };
  if (factors === 0 || factors > 512 || !(objective.regularization > 0)) {
    throw new IncompatibleStateError(IMPLICIT_ALS_KIND, `${state.kind} with factors = ${factors}`);
  }
  const width = paddedWidth(factors);
  return {
    objective,
    factors,
    userCount,
    itemCount,
    users: readTensor(state, 'users', userCount * width),
    items: readTensor(state, 'items', itemCount * width),
    stranger: readTensor(state, 'stranger', width).slice(),
  };
}
