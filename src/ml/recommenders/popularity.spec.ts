import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { describeRecommender } from '../../../test/contracts/recommender.contract.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { InvalidDataError, InvalidParameterError } from '../core/errors.js';
import { Popularity } from './popularity.js';

const { context } = recommenderFixture;
const regional = {
  ...recommenderFixture.data,
  userRegions: Int32Array.from({ length: 40 }, (_, user) => (user % 4) - 1),
};

describe('Popularity', () => {
  describeLearner({ ...recommenderFixture, create: () => new Popularity() });
  describeRecommender({ ...recommenderFixture, create: () => new Popularity(), foldInCorrelation: 1 });

  describe('by region and season, fading', () => {
    describeLearner({
      ...recommenderFixture,
      data: regional,
      create: () => new Popularity({ scope: 'region', season: true, halfLifeDays: 0.1 }),
      badData: [
        { data: recommenderFixture.data, message: /needs `userRegions`/ },
        {
          data: { ...regional, userRegions: new Int32Array(3) },
          message: /`userRegions` must have 40 entries/,
        },
        {
          data: { ...regional, userRegions: regional.userRegions.with(2, -2) },
          message: /Region of user 2 must be −1 or more, received -2/,
        },
      ],
    });
  });

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

  it('tells regions apart, and gives users without one what is popular overall', async () => {
    // 30 users: those of region 0 have item 0, those of region 1 item 1, those of none item 2
    const users = Int32Array.from({ length: 30 }, (_, user) => user);
    const data = {
      userCount: 30,
      itemCount: 3,
      users,
      items: users.map((user) => user % 3),
      timestamps: new Float64Array(30),
      userRegions: users.map((user) => [0, 1, -1][user % 3]!),
    };
    const model = await new Popularity({ scope: 'region', smoothing: 1 }).fit(data, { ...context, seed: 0 });
    // lift of the region's own: (10 + 1) / (10 · 10 / 30 + 1), of another: 1 / (10 · 10 / 30 + 1)
    const [own, other] = [11 / (10 / 3 + 1), 1 / (10 / 3 + 1)];
    [own, other, other].forEach((lift, item) => expect(model.scoreAll(0)[item]).toBeCloseTo(10 * lift, 4));
    [other, own, other].forEach((lift, item) => expect(model.scoreAll(1)[item]).toBeCloseTo(10 * lift, 4));
    expect(model.scoreAll(2)).toEqual(Float32Array.of(10, 10, 10));
    expect(model.scoreHistory({ items: Int32Array.of(0), timestamps: new Float64Array(1) })).toEqual(
      model.scoreAll(2),
    );
    expect(model.scorePairs(Int32Array.of(1, 2), Int32Array.of(1, 1))).toEqual(
      Float32Array.of(model.scoreAll(1)[1]!, 10),
    );
  });

  it('puts what is in season at the moment asked about first', async () => {
    // ten users take item 0 in June, eleven item 1 in December, two years running
    const rows = [2024, 2025].flatMap((year) =>
      Array.from({ length: 21 }, (_, user) => ({ user, year, item: user < 10 ? 0 : 1 })),
    );
    const data = {
      userCount: 21,
      itemCount: 2,
      users: Int32Array.from(rows, ({ user }) => user),
      items: Int32Array.from(rows, ({ item }) => item),
      timestamps: Float64Array.from(rows, ({ year, item }) => Date.UTC(year, item === 0 ? 5 : 11, 10)),
    };
    const model = await new Popularity({ season: true }).fit(data, { ...context, seed: 0 });
    const scoresAt = (month: number): Float32Array =>
      model.scoreAll(20, undefined, Date.UTC(2031, month, 20));
    expect(scoresAt(5)[0]).toBeGreaterThan(scoresAt(5)[1]!);
    expect(scoresAt(11)[0]).toBeLessThan(scoresAt(11)[1]!);
    // in March nothing is known: overall popularity
    expect([...scoresAt(2)]).toEqual([10, 11]);
    // without a moment it is that of the latest row, in December
    expect(model.scoreAll(20)).toEqual(model.scoreAll(20, undefined, Date.UTC(2031, 11, 10)));
    expect(model.scorePairs(Int32Array.of(3), Int32Array.of(1))[0]).toBe(model.scoreAll(3)[1]);
  });

  it('lets a user count half after each half-life', async () => {
    const days = [0, 10, 20];
    const data = {
      userCount: 3,
      itemCount: 2,
      users: Int32Array.of(0, 1, 2),
      items: Int32Array.of(0, 0, 1),
      timestamps: Float64Array.from(days, (day) => day * 86_400_000),
    };
    const model = await new Popularity({ halfLifeDays: 10 }).fit(data, { ...context, seed: 0 });
    expect(model.scoreAll(0)).toEqual(Float32Array.of(0.25 + 0.5, 1));
  });

  it('reads states of before regions and seasons', () => {
    const state = {
      kind: 'popularity/1',
      fitted: { userCount: 2, itemCount: 2 },
      tensors: { counts: Float32Array.of(1, 3) },
    };
    expect(new Popularity().load(state).scoreAll(1)).toEqual(Float32Array.of(1, 3));
  });

  it.each([
    { scope: 'farm' },
    { season: 1 },
    { halfLifeDays: -1 },
    { halfLifeDays: 0.05 },
    { smoothing: 0 },
    { epochs: 1 },
  ])('refuses %o', (bad) => {
    expect(() => new Popularity(bad)).toThrow(InvalidParameterError);
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
