import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { mulberry32 } from '../../../test/support/random.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { IncompatibleStateError, InvalidDataError, InvalidParameterError } from '../core/errors.js';
import { distinctInteractions, type Interactions } from '../core/interactions.js';
import { ItemKnn, type ItemKnnHyperparameters } from './item-knn.js';

const { context, data } = recommenderFixture;
const plain = { neighbors: 10, shrinkage: 0, asymmetry: 0.5, activityDiscount: 0 };
const fit = async (rows: Interactions = data, hyperparameters: object = plain) =>
  new ItemKnn(hyperparameters).fit(rows, { ...context, seed: 7 });
const historyOf = (...items: readonly number[]) => ({
  items: Int32Array.from(items),
  timestamps: new Float64Array(items.length),
});

/** Similarities from its definition, all pairs of items: similarity[i][j] is from i towards j. */
async function similarities(
  rows: Interactions,
  { neighbors, shrinkage, asymmetry, activityDiscount }: ItemKnnHyperparameters,
): Promise<number[][]> {
  const { userCount, itemCount, users, items } = await distinctInteractions(rows);
  const taken = Array.from({ length: userCount }, () => new Set<number>());
  users.forEach((user, row) => taken[user]!.add(items[row]!));
  const count = (i: number, j: number): number =>
    taken
      .filter((set) => set.has(i) && set.has(j))
      .reduce((sum, set) => sum + set.size ** -activityDiscount, 0);
  const all = Array.from({ length: itemCount }, (_, i) =>
    Array.from({ length: itemCount }, (_column, j) => {
      const together = i === j ? 0 : count(i, j);
      const norm = count(i, i) ** asymmetry * count(j, j) ** (1 - asymmetry) + shrinkage;
      return together === 0 ? 0 : together / norm;
    }),
  );
  for (let target = 0; target < itemCount; target += 1) {
    const order = all
      .map((row, item) => ({ item, weight: Math.fround(row[target]!) }))
      .sort((a, b) => b.weight - a.weight || a.item - b.item);
    for (const { item } of order.slice(neighbors)) all[item]![target] = 0;
  }
  return all;
}

describe('ItemKnn', () => {
  describeLearner({ ...recommenderFixture, create: () => new ItemKnn(plain) });

  it.each([
    plain,
    { neighbors: 3, shrinkage: 2, asymmetry: 0.7, activityDiscount: 0.5 },
    { neighbors: 1, shrinkage: 0, asymmetry: 0, activityDiscount: 1 },
    { neighbors: 100, shrinkage: 5, asymmetry: 1, activityDiscount: 0 },
  ])('scores as the definition does: %j', async (hyperparameters) => {
    const model = await fit(data, hyperparameters);
    const expected = await similarities(data, hyperparameters);
    const scores = model.scoreHistory(historyOf(7, 30, 7, 2));
    scores.forEach((score, item) => {
      const sum = [2, 7, 30].reduce((total, taken) => total + expected[taken]![item]!, 0);
      expect(score).toBeCloseTo(sum, 5);
    });
  });

  it('compares three items by hand', async () => {
    // users of item 0: 0, 1, 2, 3; of item 1: 0, 1; of item 2: 3
    const rows = {
      userCount: 4,
      itemCount: 3,
      users: Int32Array.of(0, 0, 1, 1, 2, 3, 3),
      items: Int32Array.of(0, 1, 0, 1, 0, 0, 2),
      timestamps: new Float64Array(7),
    };
    const cosine = await fit(rows);
    // 2 / √(4 · 2) towards item 1, 1 / √(4 · 1) towards item 2
    [0, Math.SQRT1_2, 0.5].forEach((score, item) => {
      expect(cosine.scoreHistory(historyOf(0))[item]).toBeCloseTo(score, 6);
    });
    const shrunk = await fit(rows, { ...plain, shrinkage: 1, neighbors: 1 });
    // item 0 keeps the nearest of its two neighbors, item 1
    expect(shrunk.scoreHistory(historyOf(1))[0]).toBeCloseTo(2 / (Math.sqrt(8) + 1), 6);
    expect(shrunk.scoreHistory(historyOf(2))[0]).toBe(0);
    expect(shrunk.scoreHistory(historyOf(0))[2]).toBeCloseTo(1 / 3, 6);
    const discounted = await fit(rows, { ...plain, activityDiscount: 1 });
    // user 2 weighs 1, the others 1/2: 1 / √(2.5 · 1)
    expect(discounted.scoreHistory(historyOf(0))[1]).toBeCloseTo(1 / Math.sqrt(2.5), 6);
  });

  it('answers a history as it answers the user who has it, to the last bit', async () => {
    const model = await fit();
    const { offsets, items } = await distinctInteractions(data);
    for (let user = 0; user < data.userCount; user += 1) {
      const own = [...items.subarray(offsets[user], offsets[user + 1])];
      expect(model.scoreHistory(historyOf(...own.reverse(), own[0]!))).toEqual(model.scoreAll(user));
    }
  });

  it('does not depend on the order of the rows or on repetition', async () => {
    const reversed = {
      ...data,
      users: Int32Array.from([...data.users, ...data.users]).reverse(),
      items: Int32Array.from([...data.items, ...data.items]).reverse(),
      timestamps: Float64Array.from([...data.timestamps, ...data.timestamps]).reverse(),
    };
    const hyperparameters = { ...plain, activityDiscount: 0.5, neighbors: 4 };
    expect((await fit(reversed, hyperparameters)).save()).toEqual((await fit(data, hyperparameters)).save());
  });

  it('gives a stranger the mean of the users, and fits what is alone', async () => {
    const model = await fit({ ...data, userCount: data.userCount + 1 });
    const stranger = model.scoreHistory(historyOf());
    expect(model.scoreAll(data.userCount)).toEqual(stranger);
    const sums = new Float64Array(data.itemCount);
    for (let user = 0; user < data.userCount; user += 1) {
      model.scoreAll(user).forEach((score, item) => (sums[item]! += score));
    }
    stranger.forEach((score, item) => expect(score).toBeCloseTo(sums[item]! / data.userCount, 4));

    const single = { userCount: 1, itemCount: 2, users: Int32Array.of(0), items: Int32Array.of(1) };
    const alone = await fit({ ...single, timestamps: new Float64Array(1) });
    expect(alone.scoreAll(0)).toEqual(new Float32Array(2));
    expect(alone.scorePairs(Int32Array.of(0), Int32Array.of(1))).toEqual(new Float32Array(1));
  });

  it('fits a million items in sparse memory', async () => {
    const random = mulberry32(4);
    const rowCount = 20_000;
    const itemCount = 1_000_000;
    const rows = {
      userCount: 1000,
      itemCount,
      users: Int32Array.from({ length: rowCount }, (_, row) => row % 1000),
      items: Int32Array.from({ length: rowCount }, () => Math.floor(itemCount * random() ** 4)),
      timestamps: new Float64Array(rowCount),
    };
    const model = await fit(rows, { ...plain, neighbors: 50 });
    // rare: only one user has it, and the others of that user's items are all that it is similar to
    const taken = Math.max(...rows.items);
    const owner = rows.users[rows.items.indexOf(taken)];
    const together = new Set(rows.items.filter((item, row) => rows.users[row] === owner && item !== taken));
    const similar = new Set<number>();
    model.scoreHistory(historyOf(taken)).forEach((score, item) => score > 0 && similar.add(item));
    expect(similar.size).toBeGreaterThan(0);
    expect([...similar].every((item) => together.has(item))).toBe(true);
  });

  it('lets the event loop turn, and refuses what it cannot keep', async () => {
    const abort = new AbortController();
    const rowCount = 40_000;
    const random = mulberry32(4);
    const fitting = new ItemKnn(plain).fit(
      {
        userCount: 100,
        itemCount: 3000,
        users: Int32Array.from({ length: rowCount }, (_, row) => row % 100),
        items: Int32Array.from({ length: rowCount }, () => Math.floor(3000 * random())),
        timestamps: new Float64Array(rowCount),
      },
      { ...context, seed: 0, signal: abort.signal, onProgress: () => abort.abort('too late') },
    );
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns < 12) setImmediate(count);
      else abort.abort('cancel');
    };
    setImmediate(count);
    await expect(fitting).rejects.toBe('cancel');
    await expect(fit({ ...data, itemCount: 2 ** 24 + 1 })).rejects.toThrow(InvalidDataError);
  });

  it('refuses a state with items that there are not', async () => {
    const state = (await fit()).save();
    const neighbors = state.tensors['neighbors']!.with(3, 60);
    const loading = () => new ItemKnn().load({ ...state, tensors: { ...state.tensors, neighbors } });
    expect(loading).toThrow(IncompatibleStateError);
    expect(loading).toThrow(/neighbors\[3\] = 60 instead of an integer in 0 … 59/);
  });

  it.each([
    { neighbors: 0 },
    { shrinkage: -1 },
    { asymmetry: 1.1 },
    { activityDiscount: NaN },
    { similarity: 'cosine' },
  ])('refuses %j', (bad) => {
    expect(() => new ItemKnn(bad)).toThrow(InvalidParameterError);
    expect(() => new ItemKnn(bad)).toThrow(new RegExp(`\`${Object.keys(bad)[0]}\``));
  });
});
