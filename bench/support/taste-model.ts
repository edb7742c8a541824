import type { Interactions } from '../../src/ml/core/interactions.js';
import type { ModelState } from '../../src/ml/core/learner.js';
import { createRandom, drawBelow, type Random } from '../../src/ml/core/random.js';
import type { RankingReport } from '../../src/ml/metrics/ranking.js';
import {
  evaluateFullRanking,
  recommend,
  scoresInto,
  type FactorModel,
  type Recommendation,
  type RecommendationQuery,
  type UserHistory,
} from '../../src/ml/recommenders/recommender-model.js';

interface TasteOptions {
  readonly itemCount: number;
  readonly userCount: number;
  readonly width: number;
  readonly seed: number;
  /** Deviation of an item from its taste, relative to the spread of tastes; 0.8 unless given. */
  readonly noise?: number;
}

/**
 * Draws a model with vectors as factorisations of purchases have them: √(items) tastes, in directions of which few matter much
 * (deviation of dimension j ∝ (j + 1)^−½), items scattered about their taste, lengths log-normal (σ = 0.5) as those of
 * items more or less popular are, and users between three tastes.
 */
export function drawTasteModel({ itemCount, userCount, width, seed, noise = 0.8 }: TasteOptions): TasteModel {
  const random = createRandom(seed);
  const tasteCount = Math.ceil(Math.sqrt(itemCount));
  const spread = Float32Array.from({ length: width }, (_, j) => (j + 1) ** -0.5);
  const tastes = Float32Array.from(
    { length: tasteCount * width },
    (_, i) => normal(random) * spread[i % width]!,
  );
  const itemFactors = new Float32Array(itemCount * width);
  for (let item = 0; item < itemCount; item += 1) {
    const taste = drawBelow(random, tasteCount) * width;
    const length = Math.exp(0.5 * normal(random));
    for (let j = 0; j < width; j += 1) {
      itemFactors[item * width + j] = length * (tastes[taste + j]! + noise * spread[j]! * normal(random));
    }
  }
  const userFactors = new Float32Array(userCount * width);
  for (let user = 0; user < userCount; user += 1) {
    for (let t = 0; t < 3; t += 1) {
      const taste = drawBelow(random, tasteCount) * width;
      const weight = random();
      for (let j = 0; j < width; j += 1) userFactors[user * width + j]! += weight * tastes[taste + j]!;
    }
    for (let j = 0; j < width; j += 1) userFactors[user * width + j]! += 0.3 * spread[j]! * normal(random);
  }
  return new TasteModel(userCount, itemCount, width, itemFactors, userFactors);
}

/** A model whose scores are the products of given vectors. */
class TasteModel implements FactorModel {
  readonly kind = 'taste-vectors/1';

  constructor(
    readonly userCount: number,
    readonly itemCount: number,
    readonly width: number,
    readonly itemFactors: Float32Array,
    private readonly vectors: Float32Array,
  ) {}

  userFactors(user: number): Float32Array {
    return this.vectors.slice(user * this.width, (user + 1) * this.width);
  }

  /** The mean of what was taken. */
  historyFactors({ items }: UserHistory): Float32Array {
    const vector = new Float32Array(this.width);
    for (const item of items) {
      for (let k = 0; k < this.width; k += 1)
        vector[k]! += this.itemFactors[item * this.width + k]! / items.length;
    }
    return vector;
  }

  scoreAll(user: number, out?: Float32Array): Float32Array {
    return this.score(this.userFactors(user), scoresInto(this, out));
  }

  scoreHistory(history: UserHistory, out?: Float32Array): Float32Array {
    return this.score(this.historyFactors(history), scoresInto(this, out));
  }

  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    return Float32Array.from(users, (user, i) => this.product(this.userFactors(user), items[i]!));
  }

  predict(query: RecommendationQuery): Recommendation {
    return recommend(this, query);
  }

  evaluate(interactions: Interactions): RankingReport {
    return evaluateFullRanking(this, interactions);
  }

  save(): ModelState {
    const { userCount, itemCount, width } = this;
    const tensors = { items: this.itemFactors, users: this.vectors };
    return { kind: this.kind, fitted: { userCount, itemCount, width }, tensors };
  }

  private score(vector: Float32Array, out: Float32Array): Float32Array {
    for (let item = 0; item < this.itemCount; item += 1) out[item] = this.product(vector, item);
    return out;
  }

  private product(vector: Float32Array, item: number): number {
    let sum = 0;
    for (let k = 0, i = item * this.width; k < this.width; k += 1, i += 1)
      sum += vector[k]! * this.itemFactors[i]!;
    return sum;
  }
}

/** Sum of 4 uniform draws, scaled to deviation 1: near enough to the normal distribution, and fast. */
function normal(random: Random): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}
