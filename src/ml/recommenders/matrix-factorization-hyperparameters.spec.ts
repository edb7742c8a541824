import { describe, expect, it } from '@jest/globals';

import { InvalidParameterError } from '../core/errors.js';
import {
  MATRIX_FACTORIZATION_DEFAULTS,
  readMatrixFactorizationHyperparameters,
} from './matrix-factorization-hyperparameters.js';

const refused: readonly { readonly received: unknown; readonly message: RegExp }[] = [
  { received: { epochs: 0 }, message: /`epochs` must be an integer from 1 to 500, received 0/ },
  { received: { factors: 6 }, message: /`factors` must be a multiple of 4 from 4 to 256, received 6/ },
  { received: { learningRate: 0 }, message: /`learningRate` must be in \(0, 1\]/ },
  {
    received: { schedule: 'step' },
    message: /`schedule` must be one of constant, linear, cosine, received step/,
  },
  { received: { negatives: 51 }, message: /`negatives`/ },
  { received: { regularization: -0.1 }, message: /`regularization`/ },
  { received: { initialDeviation: 0 }, message: /`initialDeviation`/ },
  { received: { loss: 'hinge' }, message: /`loss` must be one of logistic, softmax, bpr, received hinge/ },
  { received: { loss: 1 }, message: /`loss`/ },
  { received: { patience: 101 }, message: /`patience`/ },
  { received: { seed: -1 }, message: /`seed`/ },
  { received: { threads: 65 }, message: /`threads`/ },
  { received: { layers: [8] }, message: /`layers` must be absent: known are epochs, factors/ },
  { received: [], message: /`hyperparameters` must be an object/ },
];

describe('readMatrixFactorizationHyperparameters', () => {
  it('fills in the defaults', () => {
    expect(readMatrixFactorizationHyperparameters()).toEqual(MATRIX_FACTORIZATION_DEFAULTS);
    expect(readMatrixFactorizationHyperparameters({ loss: 'bpr', seed: undefined })).toEqual({
      ...MATRIX_FACTORIZATION_DEFAULTS,
      loss: 'bpr',
    });
  });

  it.each([
    { epochs: 500 },
    { factors: 256 },
    { learningRate: 1 },
    { schedule: 'cosine' },
    { negatives: 50 },
    { regularization: 1 },
    { initialDeviation: 1 },
    { loss: 'softmax' },
    { patience: 100 },
    { seed: 2 ** 32 - 1 },
    { threads: 64 },
  ])('accepts %j', (received) => {
    expect(readMatrixFactorizationHyperparameters(received)).toEqual({
      ...MATRIX_FACTORIZATION_DEFAULTS,
      ...received,
    });
  });

  it.each(refused)('refuses $received', ({ received, message }) => {
    expect(() => readMatrixFactorizationHyperparameters(received)).toThrow(InvalidParameterError);
    expect(() => readMatrixFactorizationHyperparameters(received)).toThrow(message);
  });
});
