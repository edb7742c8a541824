import type { Candidate } from './accuracy-row.js';

/** A blend of candidates. */
function blendOf(candidates: readonly Candidate[]): Candidate {
  const members = candidates.map(({ modelType, hyperparameters }) => ({ modelType, hyperparameters }));
  return { name: 'blend', modelType: 'RECOMMENDER_BLEND', hyperparameters: { members } };
}

const POPULARITY: Candidate = { name: 'popularity', modelType: 'POPULARITY', hyperparameters: {} };

const MOVIELENS: readonly Candidate[] = [
  { name: 'EASE', modelType: 'EASE', hyperparameters: { regularization: 600 } },
  {
    name: 'iALS',
    modelType: 'IMPLICIT_ALS',
    hyperparameters: { factors: 128, epochs: 12, unobservedWeight: 0.3, regularization: 0.004 },
  },
  {
    name: 'MF',
    modelType: 'MATRIX_FACTORIZATION',
    hyperparameters: { factors: 128, epochs: 20, learningRate: 0.06, negatives: 8, regularization: 0.007 },
  },
  {
    name: 'NeuMF',
    modelType: 'NEURAL_COLLABORATIVE_FILTERING',
    hyperparameters: {
      factors: 64,
      negatives: 8,
      epochs: 12,
      pretraining: 12,
      embeddingLearningRate: 0.06,
      regularization: 0.007,
      schedule: 'linear',
      initialDeviation: 0.1,
    },
  },
];

export const MOVIELENS_CANDIDATES: readonly Candidate[] = [
  POPULARITY,
  {
    name: 'item-kNN',
    modelType: 'ITEM_KNN',
    hyperparameters: { neighbors: 50, asymmetry: 0.7, shrinkage: 0.5, activityDiscount: 0.5 },
  },
  ...MOVIELENS,
  blendOf(MOVIELENS),
];

const AMAZON: readonly Candidate[] = [
  { name: 'trending', modelType: 'TRENDING', hyperparameters: { halfLifeDays: 30 } },
  {
    name: 'item-kNN',
    modelType: 'ITEM_KNN',
    hyperparameters: { neighbors: 1000, asymmetry: 0.5, shrinkage: 10 },
  },
  {
    name: 'iALS',
    modelType: 'IMPLICIT_ALS',
    hyperparameters: { factors: 64, epochs: 10, unobservedWeight: 0.3, regularization: 0.01 },
  },
];

export const AMAZON_CANDIDATES: readonly Candidate[] = [POPULARITY, ...AMAZON, blendOf(AMAZON)];

/** Everything at its defaults: the marketplace stands for shops that nobody has tuned for. */
export const DEMO_CANDIDATES: readonly Candidate[] = [
  POPULARITY,
  { name: 'item-kNN', modelType: 'ITEM_KNN', hyperparameters: {} },
  { name: 'EASE', modelType: 'EASE', hyperparameters: {} },
  { name: 'iALS', modelType: 'IMPLICIT_ALS', hyperparameters: {} },
  { name: 'MF', modelType: 'MATRIX_FACTORIZATION', hyperparameters: {} },
  { name: 'NeuMF', modelType: 'NEURAL_COLLABORATIVE_FILTERING', hyperparameters: {} },
  { name: 'next basket', modelType: 'NEXT_BASKET', hyperparameters: {} },
  { name: 'blend', modelType: 'RECOMMENDER_BLEND', hyperparameters: {} },
];
