import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { easeOracle } from '../../../test/support/ease-oracle.js';
import { tasteInteractions } from '../../../test/support/random.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { InvalidDataError, InvalidParameterError } from '../core/errors.js';
import { distinctInteractions, type Interactions } from '../core/interactions.js';
import type { FitProgress } from '../core/learner.js';
import { Ease } from './ease.js';

const { context, data } = recommenderFixture;
const fit = async (rows: Interactions = data, hyperparameters: object = { regularization: 10 }) =>
  new Ease(hyperparameters).fit(rows, { ...context, seed: 7 });
const historyOf = (...items: readonly number[]) => ({
  items: Int32Array.from(items),
  timestamps: new Float64Array(items.length),
});

describe('Ease', () => {
  describe('with all weights', () => {
    describeLearner({ ...recommenderFixture, create: () => new Ease({ regularization: 10 }) });
  });
  describe('with the strongest weights', () => {
    describeLearner({
      ...recommenderFixture,
      create: () => new Ease({ regularization: 10, neighbors: 8 }),
    });
  });

  it('scores a history by the rows of B, as the definition does', async () => {
    const model = await fit();
    const weights = easeOracle(await distinctInteractions(data), 10);
    const scores = model.scoreHistory(historyOf(7, 30, 7, 2));
    scores.forEach((score, item) => {
      const expected = [2, 7, 30].reduce((sum, taken) => sum + weights[taken]![item]!, 0);
      expect(score).toBeCloseTo(expected, 5);
    });
  });

  it('does not depend on the order of the rows, on repetition, on the seed or on the number of threads', async () => {
    const reversed = {
      ...data,
      users: Int32Array.from([...data.users, ...data.users]).reverse(),
      items: Int32Array.from([...data.items, ...data.items]).reverse(),
      timestamps: Float64Array.from([...data.timestamps, ...data.timestamps]).reverse(),
    };
    const expected = (await fit()).save();
    expect((await fit(reversed)).save()).toEqual(expected);
    const learner = new Ease({ regularization: 10, threads: 2 });
    expect((await learner.fit(data, { ...context, seed: 99 })).save()).toEqual(expected);
  });

  it('answers a history as it answers the user who has it, to the last bit', async () => {
    for (const neighbors of [0, 5]) {
      const model = await fit(data, { regularization: 10, neighbors });
      const { offsets, items } = await distinctInteractions(data);
      for (let user = 0; user < data.userCount; user += 1) {
        const own = [...items.subarray(offsets[user], offsets[user + 1])];
        expect(model.scoreHistory(historyOf(...own.reverse(), own[0]!))).toEqual(model.scoreAll(user));
      }
    }
  });

  it('keeps the strongest weights towards each item', async () => {
    const dense = await fit();
    const sparse = await fit(data, { regularization: 10, neighbors: 3 });
    const all = Array.from({ length: data.itemCount }, (_, item) => dense.scoreHistory(historyOf(item)));
    const kept = Array.from({ length: data.itemCount }, (_, item) => sparse.scoreHistory(historyOf(item)));
    for (let target = 0; target < data.itemCount; target += 1) {
      const towards = all.map((row) => row[target]!);
      const least = towards.map(Math.abs).sort((a, b) => b - a)[2]!;
      const expected = towards.map((weight) => (Math.abs(weight) >= least ? weight : 0));
      expect(kept.map((row) => row[target]!)).toEqual(expected);
    }
    // all neighbors there are
    const complete = await fit(data, { regularization: 10, neighbors: 100 });
    complete.scoreAll(3).forEach((score, item) => expect(score).toBeCloseTo(dense.scoreAll(3)[item]!, 6));
  });

  it('scores pairs as it scores all items', async () => {
    const model = await fit();
    const users = Int32Array.of(3, 3, 8, 3);
    const items = Int32Array.of(5, 6, 5, 59);
    const expected = Float32Array.from(users, (user, i) => model.scoreAll(user)[items[i]!]!);
    expect(model.scorePairs(users, items)).toEqual(expected);
    const out = new Float32Array(data.itemCount);
    expect(model.scoreAll(3, out)).toBe(out);
  });

  it('gives a stranger, and a user without rows, the mean of the users', async () => {
    for (const neighbors of [0, 5]) {
      const rows = { ...data, userCount: data.userCount + 1 };
      const model = await fit(rows, { regularization: 10, neighbors });
      const stranger = model.scoreHistory(historyOf());
      expect(model.scoreAll(data.userCount)).toEqual(stranger);
      const sums = new Float64Array(data.itemCount);
      for (let user = 0; user < data.userCount; user += 1) {
        model.scoreAll(user).forEach((score, item) => (sums[item]! += score));
      }
      stranger.forEach((score, item) => expect(score).toBeCloseTo(sums[item]! / data.userCount, 5));
    }
  });

  it('fits one user and one item, a user with every item, and items that nobody took', async () => {
    const single = { userCount: 1, itemCount: 1, users: Int32Array.of(0), items: Int32Array.of(0) };
    const model = await fit({ ...single, timestamps: new Float64Array(1) });
    expect(model.scoreAll(0)).toEqual(Float32Array.of(0));

    const few = await fit({
      userCount: 3,
      itemCount: 5,
      users: Int32Array.of(0, 0, 0, 1, 1, 1),
      items: Int32Array.of(0, 1, 2, 0, 0, 1),
      timestamps: new Float64Array(6),
    });
    expect(few.scoreAll(1)[2]).toBeGreaterThan(0);
    for (const user of [0, 1, 2]) {
      expect(few.scoreAll(user).every(Number.isFinite)).toBe(true);
      expect(few.scoreAll(user).subarray(3)).toEqual(new Float32Array(2));
    }
  });

  it('reports blocks of items with a loss that falls', async () => {
    const progress: FitProgress[] = [];
    let now = 0;
    await new Ease({ regularization: 10 }).fit(tasteInteractions({ itemCount: 130, userCount: 300 }), {
      ...context,
      seed: 0,
      clock: () => (now += 500),
      onProgress: (step) => progress.push(step),
    });
    expect(progress.map(({ epoch, epochs }) => `${epoch}/${epochs}`)).toEqual(['1/3', '2/3', '3/3']);
    const losses = progress.map(({ loss }) => loss);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    expect(losses[0]).toBeLessThan(1);
    expect(losses[2]).toBeGreaterThan(0);
  });

  it('refuses more items than it has memory for', async () => {
    const fitting = fit(data, { maxItems: 59 });
    await expect(fitting).rejects.toThrow(InvalidDataError);
    await expect(fitting).rejects.toThrow(/at most 59 items .* received 60/);
  });

  it.each([
    { regularization: 0 },
    { regularization: NaN },
    { neighbors: -1 },
    { maxItems: 30_001 },
    { threads: 0 },
    { factors: 4 },
  ])('refuses %j', (bad) => {
    expect(() => new Ease(bad)).toThrow(InvalidParameterError);
    expect(() => new Ease(bad)).toThrow(new RegExp(`\`${Object.keys(bad)[0]}\``));
  });
});
