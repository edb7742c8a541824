import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { describeRecommender } from '../../../test/contracts/recommender.contract.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { InvalidDataError, InvalidParameterError } from '../core/errors.js';
import { Popularity } from './popularity.js';

const { context } = recommenderFixture;

describe('Popularity', () => {
  describeLearner({ ...recommenderFixture, create: () => new Popularity() });
  describeRecommender({ ...recommenderFixture, create: () => new Popularity(), foldInCorrelation: 1 });

  // item 0: users 0, 1 (user 0 twice); item 1: user 2; item 2: users 0, 1, 2; item 3: nobody
  const interactions = {
    userCount: 3,
    itemCount: 4,
    users: Int32Array.of(0, 0, 1, 2, 0, 1, 2),
    items: Int32Array.of(0, 0, 0, 1, 2, 2, 2),
    timestamps: new Float64Array(7),
  };

  it('counts each user once an item', async () => {
    const model = await new Popularity().fit(interactions, { ...context, seed: 0 });
    expect(model.scoreAll(0)).toEqual(Float32Array.of(2, 1, 3, 0));
    expect(model.scorePairs(Int32Array.of(0, 2), Int32Array.of(3, 2))).toEqual(Float32Array.of(0, 3));
    const excluded = Uint8Array.of(0, 0, 1, 0);
    expect(model.predict({ user: 1, count: 2, excluded })).toEqual({
      items: Int32Array.of(0, 1),
      scores: Float32Array.of(2, 1),
    });
  });

  it('ranks against items without a row of the same user', async () => {
    const model = await new Popularity().fit(interactions, { ...context, seed: 0 });
    // user 2 holds items 1 and 2: item 1 ranks behind item 0 only, item 2 ranks first
    const rows = { ...interactions, users: Int32Array.of(2, 2), items: Int32Array.of(1, 2) };
    const report = model.evaluate({ ...rows, timestamps: new Float64Array(2) });
    expect(report).toEqual({ hr10: 1, ndcg10: (Math.LN2 / Math.log(3) + 1) / 2, users: 2 });
  });

  it('refuses unknown users, items and lists', async () => {
    const model = await new Popularity().fit(interactions, { ...context, seed: 0 });
    for (const user of [-1, 3, 0.5, NaN]) expect(() => model.scoreAll(user)).toThrow(InvalidDataError);
    expect(() => model.scoreAll(0, new Float32Array(3))).toThrow(/hold 4 scores, received room for 3/);
    expect(() => model.scorePairs(Int32Array.of(0), Int32Array.of(4))).toThrow(/Pair 0 must be/);
    expect(() => model.scorePairs(Int32Array.of(0), Int32Array.of())).toThrow(/as many users as items/);
    expect(() => model.predict({ user: 0, count: 0 })).toThrow(InvalidParameterError);
    expect(() => model.predict({ user: 0, count: 1, excluded: new Uint8Array(1) })).toThrow(/4 entries/);
  });
});
