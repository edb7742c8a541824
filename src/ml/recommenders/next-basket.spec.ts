import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { tasteInteractions } from '../../../test/support/random.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { IncompatibleStateError, InvalidDataError, InvalidParameterError } from '../core/errors.js';
import { basketFrequencies } from './basket-frequency.js';
import { NextBasket } from './next-basket.js';

const { context } = recommenderFixture;
const DAY = 86_400_000;

/** Rows of some users' baskets, one each day. */
function rowsOfBaskets(users: readonly (readonly (readonly number[])[])[], itemCount: number) {
  const rows = users.flatMap((baskets, user) =>
    baskets.flatMap((basket, day) => basket.map((item) => ({ user, item, day }))),
  );
  return {
    userCount: users.length,
    itemCount,
    users: Int32Array.from(rows, ({ user }) => user),
    items: Int32Array.from(rows, ({ item }) => item),
    timestamps: Float64Array.from(rows, ({ day }) => day * DAY),
  };
}

describe('NextBasket', () => {
  describeLearner({ ...recommenderFixture, create: () => new NextBasket({ neighbors: 5 }) });

  // user 0 buys 0 each day; user 1 does, and 1 twice; user 2 buys 2, and once 3; user 3 nothing
  const shop = rowsOfBaskets(
    [
      [[0], [0]],
      [
        [0, 1],
        [0, 1],
      ],
      [[2, 3], [2]],
      [],
    ],
    5,
  );
  const options = { neighbors: 1, alpha: 0.25, groups: 1, withinDecay: 1, groupDecay: 1 };

  it('mixes what a user keeps buying with what the nearest user buys', async () => {
    const model = await new NextBasket(options).fit(shop, { ...context, seed: 0 });
    // u0 = (1,0,0,0,0); distances²: to u1 1, to u2 1+1+.25, to u3 1; u1 comes before u3
    // .25·(1,0,…) + .75·(1,1,0,…) = (1, .75, 0, 0, 0)
    const scores = model.scoreAll(0);
    expect(scores[0]).toBeCloseTo(1, 6);
    expect(scores[1]).toBeCloseTo(0.75, 6);
    expect(scores[2]).toBeLessThan(1e-8);
    // what neither bought: 2 of a whole habit before 3 of half a one, before 4 that nobody bought
    expect([...model.predict({ user: 0, count: 5 }).items]).toEqual([0, 1, 2, 3, 4]);
    expect(model.scorePairs(Int32Array.of(0, 0, 2), Int32Array.of(1, 4, 2))).toEqual(
      Float32Array.of(scores[1]!, scores[4]!, model.scoreAll(2)[2]!),
    );
  });

  it('is personal frequency alone with α = 1 or without neighbors, up to the order of the rest', async () => {
    const data = tasteInteractions({ userCount: 12, itemCount: 10 });
    for (const hyperparameters of [{ alpha: 1 }, { alpha: 0.5, neighbors: 0 }]) {
      const learner = new NextBasket(hyperparameters);
      const model = await learner.fit(data, { ...context, seed: 0 });
      const own = data.users.map((user, row) => (user === 3 ? row : -1)).filter((row) => row >= 0);
      const { items, weights } = basketFrequencies(
        {
          items: own.map((row) => data.items[row]!),
          timestamps: Float64Array.from(own, (row) => data.timestamps[row]!),
        },
        learner.hyperparameters,
      );
      const scores = model.scoreAll(3);
      items.forEach((item, i) => expect(scores[item]).toBeCloseTo(hyperparameters.alpha * weights[i]!, 6));
      expect(scores.filter((score) => score > 1e-8)).toHaveLength(items.length);
    }
  });

  it('scores a history exactly as the user whose training rows it is', async () => {
    const data = tasteInteractions();
    const model = await new NextBasket({ neighbors: 7 }).fit(data, { ...context, seed: 0 });
    for (const user of [0, 13, 39]) {
      const rows = [...data.users.keys()].filter((row) => data.users[row] === user).reverse();
      const history = {
        items: Int32Array.from(rows, (row) => data.items[row]!),
        timestamps: Float64Array.from(rows, (row) => data.timestamps[row]!),
      };
      expect(model.scoreHistory(history)).toEqual(model.scoreAll(user));
    }
  });

  it('changes its mind with a new purchase, of somebody it never saw too', async () => {
    const model = await new NextBasket(options).fit(shop, { ...context, seed: 0 });
    const stranger = model.scoreHistory({ items: new Int32Array(), timestamps: new Float64Array() });
    // the mean of four users: (2, 1, 1, .5, 0) / 4
    expect([...stranger]).toEqual([0.5, 0.25, 0.25, 0.125, 0]);
    const scores = model.scoreHistory({ items: Int32Array.of(3, 2), timestamps: Float64Array.of(DAY, DAY) });
    // (0,0,1,1,0) is nearest to user 2 (0,0,1,.5,0): .25·1 + .75·(1 and .5)
    expect(scores[2]).toBeCloseTo(1, 6);
    expect(scores[3]).toBeCloseTo(0.625, 6);
  });

  it('learns from repetition, not from distinct pairs', async () => {
    const daily = await new NextBasket(options).fit(shop, { ...context, seed: 0 });
    const rare = rowsOfBaskets(
      [
        [[0], [4]],
        [
          [0, 1],
          [0, 1],
        ],
        [[2, 3], [2]],
        [],
      ],
      5,
    );
    const model = await new NextBasket(options).fit(rare, { ...context, seed: 0 });
    expect(model.scoreAll(0)[0]).toBeLessThan(daily.scoreAll(0)[0]!);
  });

  it.each([
    { neighbors: -1 },
    { neighbors: 1.5 },
    { alpha: 1.01 },
    { groups: 0 },
    { withinDecay: 0 },
    { groupDecay: 2 },
    { recency: -1 },
    { decay: 1 },
    null,
  ])('refuses %o', (bad) => {
    expect(() => new NextBasket(bad)).toThrow(InvalidParameterError);
  });

  it('refuses unknown users, items and lists', async () => {
    const model = await new NextBasket().fit(shop, { ...context, seed: 0 });
    expect(() => model.scoreAll(4)).toThrow(InvalidDataError);
    expect(() => model.scoreAll(0, new Float32Array(1))).toThrow(/hold 5 scores/);
    expect(() => model.scoreHistory({ items: Int32Array.of(5), timestamps: new Float64Array(1) })).toThrow(
      /Row 0/,
    );
    expect(() => model.scorePairs(Int32Array.of(0), Int32Array.of(5))).toThrow(/Pair 0/);
  });

  it('refuses states whose parts do not fit', async () => {
    const { kind, fitted, tensors } = (await new NextBasket().fit(shop, { ...context, seed: 0 })).save();
    const bad = [
      { kind, fitted: { ...fitted, hyperparameters: { alpha: 7 } }, tensors },
      { kind, fitted: { ...fitted, hyperparameters: undefined }, tensors },
      { kind, fitted, tensors: { ...tensors, lengths: new Float32Array(4) } },
      { kind, fitted: { ...fitted, itemCount: 2 }, tensors },
    ];
    for (const state of bad) expect(() => new NextBasket().load(state)).toThrow(IncompatibleStateError);
  });
});
