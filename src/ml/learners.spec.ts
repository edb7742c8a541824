import { describe, expect, it } from '@jest/globals';

import { InvalidParameterError } from './core/errors.js';
import { createLearner } from './learners.js';

describe('createLearner', () => {
  it.each([
    { type: 'NEURAL_COLLABORATIVE_FILTERING', kind: 'neural-collaborative-filtering/1' },
    { type: 'IMPLICIT_ALS', kind: 'implicit-als/1' },
    { type: 'EASE', kind: 'ease/1' },
    { type: 'NEXT_BASKET', kind: 'next-basket/1' },
    { type: 'MATRIX_FACTORIZATION', kind: 'matrix-factorization/1' },
    { type: 'ITEM_KNN', kind: 'item-knn/1' },
    { type: 'POPULARITY', kind: 'popularity/1' },
  ])('makes $kind for $type', ({ type, kind }) => {
    expect(createLearner(type).kind).toBe(kind);
  });

  it('refuses unknown types and hyperparameters', () => {
    expect(() => createLearner('toString')).toThrow(InvalidParameterError);
    expect(() => createLearner('POPULARITY', { epochs: 3 })).toThrow(/`epochs` must be absent/);
    expect(() => createLearner('NEURAL_COLLABORATIVE_FILTERING', { epochs: 0 })).toThrow(/`epochs`/);
  });
});
