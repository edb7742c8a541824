import { describe, expect, it } from '@jest/globals';

import { TrainingProgressMeter } from './training-progress-meter.js';

const progressOf = (epoch: number, epochs = 10) => ({ epoch, epochs, loss: 0.3, samplesPerSecond: 1000.4 });
const search = { trials: 4, space: { factors: [8] } };

describe('TrainingProgressMeter', () => {
  it('goes from 5 to 90 percent, and tells the seconds that remain', () => {
    let now = 0;
    const meter = new TrainingProgressMeter(undefined, () => now);
    now = 2000;
    // 2 s an epoch, 9 to go
    expect(meter.read(progressOf(1), undefined)).toEqual({
      percent: 14,
      detail: { epoch: 1, epochs: 10, loss: 0.3, samplesPerSecond: 1000, remainingSeconds: 18 },
    });
    now = 20_000;
    expect(meter.read(progressOf(10), undefined)).toMatchObject({
      percent: 90,
      detail: { remainingSeconds: 0 },
    });
  });

  it('counts epochs of a resumed training from where it was', () => {
    let now = 0;
    const meter = new TrainingProgressMeter(undefined, () => now);
    now = 3000;
    expect(meter.read(progressOf(8), undefined).detail.remainingSeconds).toBe(6);
  });

  it('gives trials three quarters of the way, and the training the rest', () => {
    let now = 0;
    const meter = new TrainingProgressMeter(search, () => now);
    now = 1000;
    // (1 + 5/10) / 4 of 0.75 of 85, after 5
    expect(meter.read(progressOf(5), 2)).toMatchObject({
      percent: 29,
      detail: { trial: 2, trials: 4, epoch: 5 },
    });
    expect(meter.read(progressOf(10), 4).percent).toBe(69);
    now = 3000;
    // since the last trial 2 s for the first epoch
    expect(meter.read(progressOf(1), undefined)).toMatchObject({
      percent: 71,
      detail: { remainingSeconds: 18 },
    });
    expect(meter.read(progressOf(10), undefined).percent).toBe(90);
  });

  it('goes by the seconds where they run out sooner', () => {
    let now = 0;
    const meter = new TrainingProgressMeter({ ...search, budgetSeconds: 10 }, () => now);
    now = 9000;
    // 0.9 of 0.75 of 85, after 5
    expect(meter.read(progressOf(1), 1).percent).toBe(62);
    now = 20_000;
    expect(meter.read(progressOf(1), 1).percent).toBe(69);
  });
});
