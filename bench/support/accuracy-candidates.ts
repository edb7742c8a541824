import type { Candidate } from './accuracy-row.js';

/** A blend of candidates. */
function blendOf(candidates: readonly Candidate[]): Candidate {
  const members = candidates.map(({ modelType, hyperparameters }) => ({ modelType, hyperparameters }));
  return { name: 'blend', modelType: 'RECOMMENDER_BLEND', hyperparameters: { members } };
}

const POPULARITY: Candidate = { name: 'popularity', modelType: 'POPULARITY', hyperparameters: {} };

const GRADIENT_DESCENT = { negatives: 8, regularization: 0.007, schedule: 'linear' };
const PLAIN_EMBEDDINGS = { embeddingLearningRate: 0.06, initialDeviation: 0.1 };

const MOVIELENS: readonly Candidate[] = [
  { name: 'EASE', modelType: 'EASE', hyperparameters: { regularization: 600 } },
  {
    name: 'iALS',
    modelType: 'IMPLICIT_ALS',
    hyperparameters: {
      factors: 96,
      epochs: 12,
      unobservedWeight: 0.5,
      regularization: 0.004,
      regularizationExponent: 1,
    },
  },
  {
    name: 'MF',
    modelType: 'MATRIX_FACTORIZATION',
    hyperparameters: { ...GRADIENT_DESCENT, factors: 128, epochs: 20, learningRate: 0.06 },
  },
  {
    name: 'NeuMF pre-trained',
    modelType: 'NEURAL_COLLABORATIVE_FILTERING',
    hyperparameters: {
      ...GRADIENT_DESCENT,
      ...PLAIN_EMBEDDINGS,
      factors: 64,
      layers: [32, 16, 8],
      epochs: 16,
      pretraining: 16,
      gmfShare: 0.8,
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
  {
    name: 'GMF',
    modelType: 'NEURAL_COLLABORATIVE_FILTERING',
    hyperparameters: {
      ...GRADIENT_DESCENT,
      ...PLAIN_EMBEDDINGS,
      architecture: 'gmf',
      factors: 64,
      epochs: 16,
    },
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
