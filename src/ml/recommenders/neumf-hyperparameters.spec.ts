import { describe, expect, it } from '@jest/globals';

import { InvalidParameterError } from '../core/errors.js';
import { NEUMF_DEFAULTS, readNeuMFHyperparameters } from './neumf-hyperparameters.js';

const refused: readonly { readonly received: unknown; readonly message: string | RegExp }[] = [
  { received: { epochs: 0 }, message: 'Parameter `epochs` must be an integer from 1 to 500, received 0.' },
  { received: { epochs: 501 }, message: /`epochs`/ },
  { received: { epochs: 1.5 }, message: /`epochs`/ },
  { received: { epochs: '20' }, message: /`epochs`/ },
  { received: { batchSize: 15 }, message: /`batchSize` must be an integer from 16 to 65536/ },
  { received: { factors: 6 }, message: /`factors` must be a multiple of 4 from 4 to 256, received 6/ },
  { received: { layers: [64] }, message: /`layers` must be an array of 2 to 8 widths/ },
  { received: { layers: 64 }, message: /`layers`/ },
  {
    received: { layers: [64, 12] },
    message: /`layers\[1\]` must be a multiple of 8 from 8 to 1024, received 12/,
  },
  { received: { learningRate: 0 }, message: /`learningRate` must be in \(0, 1\], received 0/ },
  { received: { learningRate: NaN }, message: /received NaN/ },
  { received: { negatives: 51 }, message: /`negatives`/ },
  { received: { regularization: -0.1 }, message: /`regularization`/ },
  { received: { architecture: 'cnn' }, message: /`architecture` must be one of neumf, gmf, mlp/ },
  { received: { pretraining: 11 }, message: /`pretraining` must be at most the 10 epochs, received 11/ },
  { received: { pretraining: 3, architecture: 'gmf' }, message: /`pretraining` must be 0 where/ },
  { received: { gmfShare: 1.1 }, message: /`gmfShare` must be in \[0, 1\]/ },
  { received: { embeddingLearningRate: 2 }, message: /`embeddingLearningRate` must be in \[0, 1\]/ },
  { received: { schedule: 'step' }, message: /`schedule`/ },
  { received: { initialDeviation: 0 }, message: /`initialDeviation`/ },
  { received: { patience: -1 }, message: /`patience`/ },
  { received: { seed: 2 ** 32 }, message: /`seed`/ },
  { received: { threads: 0 }, message: /`threads`/ },
  { received: { epoch: 5 }, message: /`epoch` must be absent: known are architecture, batchSize/ },
  { received: { toString: 5 }, message: /`toString`/ },
  { received: [], message: /`hyperparameters` must be an object/ },
  { received: null, message: /must be an object, received null/ },
];

describe('readNeuMFHyperparameters', () => {
  it('fills in the defaults', () => {
    expect(readNeuMFHyperparameters()).toEqual(NEUMF_DEFAULTS);
    expect(readNeuMFHyperparameters({ epochs: 3, seed: undefined })).toEqual({
      ...NEUMF_DEFAULTS,
      epochs: 3,
    });
  });

  it.each([
    { epochs: 1 },
    { epochs: 500 },
    { batchSize: 16 },
    { batchSize: 65_536 },
    { factors: 4 },
    { factors: 256 },
    { layers: [8, 8] },
    { layers: [1024, 512, 256, 128, 64, 32, 16, 8] },
    { learningRate: 1 },
    { architecture: 'mlp' },
    { pretraining: 10 },
    { gmfShare: 1 },
    { embeddingLearningRate: 1 },
    { schedule: 'cosine' },
    { initialDeviation: 1 },
    { negatives: 50 },
    { regularization: 0 },
    { patience: 100 },
    { seed: 2 ** 32 - 1 },
    { threads: 64 },
  ])('accepts %j', (received) => {
    expect(readNeuMFHyperparameters(received)).toEqual({ ...NEUMF_DEFAULTS, ...received });
  });

  it.each(refused)('refuses $received', ({ received, message }) => {
    expect(() => readNeuMFHyperparameters(received)).toThrow(InvalidParameterError);
    expect(() => readNeuMFHyperparameters(received)).toThrow(message);
  });
});
