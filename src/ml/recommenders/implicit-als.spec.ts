import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { IalsOracle } from '../../../test/support/ials-oracle.js';
import { tasteInteractions } from '../../../test/support/random.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { IncompatibleStateError, InvalidDataError, InvalidParameterError } from '../core/errors.js';
import { distinctInteractions, type Interactions } from '../core/interactions.js';
import type { Checkpoint, FitProgress } from '../core/learner.js';
import { ImplicitAls } from './implicit-als.js';
import { isFactorModel } from './recommender-model.js';

const { context, data } = recommenderFixture;
const small = { epochs: 4, factors: 12, regularization: 0.02 };
const fit = async (rows: Interactions = data, hyperparameters: object = small) =>
  new ImplicitAls(hyperparameters).fit(rows, { ...context, seed: 7 });
const historyOf = (...items: readonly number[]) => ({
  items: Int32Array.from(items),
  timestamps: new Float64Array(items.length),
});

describe('ImplicitAls', () => {
  describeLearner({ ...recommenderFixture, create: () => new ImplicitAls(small) });

  it('does not depend on the order of the rows, on repetition or on the number of threads', async () => {
    const reversed = {
      ...data,
      users: Int32Array.from([...data.users, ...data.users]).reverse(),
      items: Int32Array.from([...data.items, ...data.items]).reverse(),
      timestamps: Float64Array.from([...data.timestamps, ...data.timestamps]).reverse(),
    };
    const expected = (await fit()).save();
    expect((await fit(reversed)).save()).toEqual(expected);
    expect((await fit(data, { ...small, threads: 2 })).save()).toEqual(expected);
  });

  it('scores what users would take near 1, their own taste above the other', async () => {
    const model = await fit(tasteInteractions({ userCount: 200 }));
    for (const user of [3, 8]) {
      const scores = model.scoreAll(user);
      const mean = (parity: number): number =>
        scores.filter((_, item) => item % 2 === parity).reduce((sum, score) => sum + score) / 30;
      expect(mean(user % 2)).toBeGreaterThan(2 * Math.abs(mean(1 - (user % 2))));
      expect(Math.max(...scores)).toBeLessThan(1.2);
    }
  });

  it('answers a history as it answers the user who has it, to the last bit', async () => {
    const model = await fit();
    const { offsets, items } = await distinctInteractions(data);
    for (let user = 0; user < data.userCount; user += 1) {
      const own = [...items.subarray(offsets[user], offsets[user + 1])];
      const repeated = historyOf(...own.reverse(), own[0]!);
      expect(model.scoreHistory(repeated)).toEqual(model.scoreAll(user));
      expect(model.historyFactors(repeated)).toEqual(model.userFactors(user));
    }
  });

  it('folds in a history that nobody has, as the definition does', async () => {
    const model = await fit();
    const taken = Array.from({ length: data.itemCount }, (_, item) => Number([4, 9, 20].includes(item)));
    const { unobservedWeight, regularization, regularizationExponent } = new ImplicitAls(small)
      .hyperparameters;
    const oracle = new IalsOracle(
      { unobservedWeight, regularization, regularizationExponent },
      await distinctInteractions(data),
    );
    const rows = Array.from({ length: data.itemCount }, (_, item) => [
      ...model.itemFactors.subarray(item * model.width, item * model.width + small.factors),
    ]);
    const expected = oracle.solve(taken, rows);
    const received = model.historyFactors(historyOf(20, 4, 9, 4));
    expected.forEach((value, k) => expect(received[k]).toBeCloseTo(value, 4));
  });

  it('is a factor model: scores are products of its vectors', async () => {
    const model = await fit();
    expect(isFactorModel(model)).toBe(true);
    expect(model.width).toBe(16);
    const scores = model.scoreAll(5);
    const users = new Int32Array(data.itemCount).fill(5);
    const items = users.map((_, item) => item);
    model.scorePairs(users, items).forEach((score, item) => expect(scores[item]).toBeCloseTo(score, 5));
    const out = new Float32Array(data.itemCount);
    expect(model.scoreHistory(historyOf(1), out)).toBe(out);
  });

  it('gives a stranger, and a user without rows, the mean of the users', async () => {
    const model = await fit({ ...data, userCount: data.userCount + 1 });
    const stranger = model.scoreHistory(historyOf());
    expect(model.scoreAll(data.userCount)).toEqual(stranger);
    const sums = new Float64Array(data.itemCount);
    for (let user = 0; user < data.userCount; user += 1) {
      model.scoreAll(user).forEach((score, item) => (sums[item]! += score));
    }
    stranger.forEach((score, item) => expect(score).toBeCloseTo(sums[item]! / data.userCount, 5));
  });

  it.each([
    { title: 'one user and one item', userCount: 1, itemCount: 1, pairs: [[0, 0]] },
    {
      title: 'a user with every item and items that nobody took',
      userCount: 3,
      itemCount: 6,
      pairs: [
        [0, 0],
        [0, 1],
        [0, 2],
        [1, 0],
        [1, 0],
      ],
    },
  ])('fits $title', async ({ userCount, itemCount, pairs }) => {
    const model = await fit({
      userCount,
      itemCount,
      users: Int32Array.from(pairs, ([user]) => user!),
      items: Int32Array.from(pairs, ([, item]) => item!),
      timestamps: new Float64Array(pairs.length),
    });
    for (let user = 0; user < userCount; user += 1) {
      const scores = model.scoreAll(user);
      expect(scores.every(Number.isFinite)).toBe(true);
      expect(scores[0]).toBeGreaterThan(0);
      expect(scores.subarray(3).every((score) => score === 0)).toBe(true);
    }
  });

  it.each([1, 3, 5])('continues from the checkpoint of epoch %i to the same bytes', async (epoch) => {
    const learner = new ImplicitAls({ ...small, epochs: 5 });
    const checkpoints: Checkpoint[] = [];
    const onCheckpoint = (checkpoint: Checkpoint): void => {
      checkpoints.push(structuredClone(checkpoint));
    };
    const whole = await learner.fit(data, { ...context, seed: 7, onCheckpoint });
    expect(checkpoints.map((checkpoint) => checkpoint.epoch)).toEqual([1, 2, 3, 4, 5]);
    const continued: number[] = [];
    const resumed = await learner.fit(data, {
      ...context,
      seed: 7,
      resumeFrom: checkpoints[epoch - 1]!,
      onProgress: (progress) => continued.push(progress.epoch),
    });
    expect(continued).toEqual([1, 2, 3, 4, 5].slice(epoch));
    expect(resumed.save()).toEqual(whole.save());
    const wider = new ImplicitAls({ ...small, factors: 16 });
    const resuming = wider.fit(data, { ...context, seed: 7, resumeFrom: checkpoints[0]! });
    await expect(resuming).rejects.toThrow(IncompatibleStateError);
    await expect(resuming).rejects.toThrow(/factors = 16/);
  });

  it('reports a loss an interaction that falls', async () => {
    const progress: FitProgress[] = [];
    let now = 0;
    const learner = new ImplicitAls(small);
    await learner.fit(data, {
      ...context,
      seed: 7,
      clock: () => (now += 500),
      onProgress: (epoch) => progress.push(epoch),
    });
    expect(progress.map(({ epoch, epochs }) => `${epoch}/${epochs}`)).toEqual(['1/4', '2/4', '3/4', '4/4']);
    const losses = progress.map(({ loss }) => loss);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(losses[0]).toBeLessThan(1);
    const { users } = await distinctInteractions(data);
    expect(progress[0]!.samplesPerSecond).toBe(2 * users.length);
  });

  it('refuses unknown users, items and lists', async () => {
    const model = await fit();
    expect(() => model.scoreAll(data.userCount)).toThrow(InvalidDataError);
    expect(() => model.scoreHistory(historyOf(data.itemCount))).toThrow(/Row 0 of a history/);
    expect(() => model.scoreHistory({ items: Int32Array.of(1), timestamps: new Float64Array() })).toThrow(
      /as many items as timestamps/,
    );
    expect(() => model.scoreAll(0, new Float32Array(3))).toThrow(/room for 3/);
    expect(() => model.scorePairs(Int32Array.of(0), Int32Array.of(-1))).toThrow(/Pair 0/);
  });

  it.each([
    { factors: 6 },
    { factors: 516 },
    { epochs: 0 },
    { unobservedWeight: 0 },
    { regularization: 0 },
    { regularizationExponent: 1.5 },
    { initialDeviation: 0 },
    { seed: -1 },
    { threads: 65 },
    { learningRate: 0.1 },
  ])('refuses %j', (bad) => {
    expect(() => new ImplicitAls(bad)).toThrow(InvalidParameterError);
    expect(() => new ImplicitAls(bad)).toThrow(new RegExp(`\`${Object.keys(bad)[0]}\``));
  });
});
