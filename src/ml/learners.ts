import type { Interactions } from './core/interactions.js';
import type { Learner } from './core/learner.js';
import type { SearchSpace } from './core/search-space.js';
import { InvalidParameterError } from './core/errors.js';
import { Blend } from './recommenders/blend.js';
import { Ease } from './recommenders/ease.js';
import { ImplicitAls } from './recommenders/implicit-als.js';
import { MatrixFactorization } from './recommenders/matrix-factorization.js';
import { ItemKnn } from './recommenders/item-knn.js';
import { NeuMF } from './recommenders/neumf.js';
import { NextBasket } from './recommenders/next-basket.js';
import { Popularity } from './recommenders/popularity.js';
import { Trending } from './recommenders/trending.js';
import type { RecommenderModel } from './recommenders/recommender-model.js';

/** A learner of recommenders. */
export type RecommenderLearner = Learner<Interactions, RecommenderModel> & {
  /** Complete: what was not given has its default. */
  readonly hyperparameters: object;
  /** What a search over its hyperparameters tries by default; absent: a search has to be told. */
  readonly searchSpace?: SearchSpace;
};

/** Model types that can be trained, each with what makes its learner from hyperparameters. */
export const RECOMMENDERS = {
  NEURAL_COLLABORATIVE_FILTERING: (hyperparameters: unknown): RecommenderLearner =>
    new NeuMF(hyperparameters),
  MATRIX_FACTORIZATION: (hyperparameters: unknown): RecommenderLearner =>
    new MatrixFactorization(hyperparameters),
  IMPLICIT_ALS: (hyperparameters: unknown): RecommenderLearner => new ImplicitAls(hyperparameters),
  EASE: (hyperparameters: unknown): RecommenderLearner => new Ease(hyperparameters),
  ITEM_KNN: (hyperparameters: unknown): RecommenderLearner => new ItemKnn(hyperparameters),
  NEXT_BASKET: (hyperparameters: unknown): RecommenderLearner => new NextBasket(hyperparameters),
  POPULARITY: (hyperparameters: unknown): RecommenderLearner => new Popularity(hyperparameters),
  TRENDING: (hyperparameters: unknown): RecommenderLearner => new Trending(hyperparameters),
  RECOMMENDER_BLEND: (hyperparameters: unknown): RecommenderLearner =>
    new Blend(hyperparameters, createBlendMember),
} as const;

/** Name of a trainable recommender. */
export type RecommenderType = keyof typeof RECOMMENDERS;

/**
 * Makes the learner of a model type.
 *
 * @param hyperparameters What a client sent, `undefined` for the defaults.
 * @throws InvalidParameterError when the type or a hyperparameter is unknown or out of range.
 */
export function createLearner(type: string, hyperparameters?: unknown): RecommenderLearner {
  if (!isRecommenderType(type)) {
    throw new InvalidParameterError('modelType', `one of ${Object.keys(RECOMMENDERS).join(', ')}`, type);
  }
  return RECOMMENDERS[type](hyperparameters);
}

/** Makes a member of a blend: any learner but a blend. */
function createBlendMember(type: string, hyperparameters?: unknown): RecommenderLearner {
  if (type === 'RECOMMENDER_BLEND') {
    const others = Object.keys(RECOMMENDERS).filter((name) => name !== type);
    throw new InvalidParameterError('modelType', `one of ${others.join(', ')}`, type);
  }
  return createLearner(type, hyperparameters);
}

/** Whether `type` names a trainable recommender. */
export function isRecommenderType(type: string): type is RecommenderType {
  return Object.hasOwn(RECOMMENDERS, type);
}
