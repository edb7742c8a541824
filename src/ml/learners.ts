import type { Interactions } from './core/interactions.js';
import type { Learner } from './core/learner.js';
import type { SearchSpace } from './core/search-space.js';
import { InvalidParameterError } from './core/errors.js';
import { NeuMF } from './recommenders/neumf.js';
import { Popularity } from './recommenders/popularity.js';
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
  POPULARITY: (hyperparameters: unknown): RecommenderLearner => {
    const [unknownName] = Object.keys(hyperparameters ?? {});
    if (unknownName !== undefined) {
      throw new InvalidParameterError(unknownName, 'absent: popularity has no hyperparameters', 'a value');
    }
    return new Popularity();
  },
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

/** Whether `type` names a trainable recommender. */
export function isRecommenderType(type: string): type is RecommenderType {
  return Object.hasOwn(RECOMMENDERS, type);
}
