import { describe, expect, it } from '@jest/globals';

import { learningRateAt, type LearningRateSchedule } from './learning-rate.js';

describe('learningRateAt', () => {
  it.each<{ schedule: LearningRateSchedule; rates: readonly number[] }>([
    { schedule: 'constant', rates: [0.1, 0.1, 0.1, 0.1] },
    { schedule: 'linear', rates: [0.1, 0.075, 0.05, 0.025] },
    // (1 + cos πk/4) / 2
    { schedule: 'cosine', rates: [0.1, 0.0853553, 0.05, 0.0146447] },
  ])('is $rates over 4 epochs when $schedule', ({ schedule, rates }) => {
    rates.forEach((rate, i) => expect(learningRateAt(schedule, 0.1, i + 1, 4)).toBeCloseTo(rate, 6));
  });
});
