import type { Candidate } from './accuracy-row.js';

const POPULARITY: Candidate = { name: 'popularity', modelType: 'POPULARITY', hyperparameters: {} };

const EASE: Candidate = { name: 'EASE', modelType: 'EASE', hyperparameters: { regularization: 600 } };
const IALS: Candidate = {
  name: 'iALS',
  modelType: 'IMPLICIT_ALS',
  hyperparameters: { factors: 64, epochs: 12, unobservedWeight: 0.1, regularization: 0.003 },
};
const MF: Candidate = {
  name: 'MF',
  modelType: 'MATRIX_FACTORIZATION',
  hyperparameters: { factors: 64, epochs: 20 },
};
const NEUMF: Candidate = {
  name: 'NeuMF',
  modelType: 'NEURAL_COLLABORATIVE_FILTERING',
  hyperparameters: {},
};

export const MOVIELENS_CANDIDATES: readonly Candidate[] = [
  POPULARITY,
  EASE,
  IALS,
  MF,
  NEUMF,
  {
    name: 'blend',
    modelType: 'RECOMMENDER_BLEND',
    hyperparameters: {
      members: [EASE, IALS, MF].map(({ modelType, hyperparameters }) => ({ modelType, hyperparameters })),
    },
  },
];

export const DEMO_CANDIDATES: readonly Candidate[] = [
  { ...POPULARITY },
  { name: 'EASE', modelType: 'EASE', hyperparameters: {} },
  { name: 'iALS', modelType: 'IMPLICIT_ALS', hyperparameters: {} },
  { name: 'MF', modelType: 'MATRIX_FACTORIZATION', hyperparameters: {} },
  { name: 'NeuMF', modelType: 'NEURAL_COLLABORATIVE_FILTERING', hyperparameters: {} },
  { name: 'next basket', modelType: 'NEXT_BASKET', hyperparameters: {} },
  { name: 'blend', modelType: 'RECOMMENDER_BLEND', hyperparameters: {} },
];
