import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { describeRecommender } from '../../../test/contracts/recommender.contract.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { InvalidParameterError } from '../core/errors.js';
import { Trending } from './trending.js';
import { DAY_MS } from './trending-model.js';

const { context } = recommenderFixture;
const start = Date.UTC(2026, 0, 1);
const day = (days: number): number => start + days * DAY_MS;

describe('Trending', () => {
  const create = (): Trending => new Trending();
  describeLearner({ ...recommenderFixture, create });
  describeRecommender({ ...recommenderFixture, create, foldInCorrelation: 1 });

  // item 0 on days 0, 0 and 10; item 1 on day 20; item 2 never
  const interactions = {
    userCount: 2,
    itemCount: 3,
    users: Int32Array.of(0, 1, 0, 1),
    items: Int32Array.of(0, 1, 0, 0),
    timestamps: Float64Array.of(day(0), day(20), day(0), day(10)),
  };
  const fit = async (halfLifeDays = 10) =>
    new Trending({ halfLifeDays }).fit(interactions, { ...context, seed: 0 });
  const counts = (scores: Float32Array): number[] => [...scores].map((score) => Math.exp(score) - 0.01);

  it('halves what a row counts for with each half-life', async () => {
    const model = await fit();
    // on day 20: 2 · 2^−2 + 1 · 2^−1 = 1; item 1 counts whole
    const atEnd = counts(model.scoreAll(0));
    [1, 1, 0].forEach((expected, item) => expect(atEnd[item]).toBeCloseTo(expected, 5));
    // ten days later half of it
    const later = counts(model.scoreAll(0, undefined, day(30)));
    [0.5, 0.5, 0].forEach((expected, item) => expect(later[item]).toBeCloseTo(expected, 5));
  });

  it('knows nothing of what came at a moment or after it', async () => {
    const model = await fit();
    expect(counts(model.scoreAll(1, undefined, day(0)))[0]).toBeCloseTo(0, 6);
    const early = counts(
      model.scoreHistory(
        { items: Int32Array.of(1), timestamps: Float64Array.of(day(1)) },
        undefined,
        day(10),
      ),
    );
    [1, 0, 0].forEach((expected, item) => expect(early[item]).toBeCloseTo(expected, 5));
  });

  it('asks each pair about its own moment', async () => {
    const model = await fit();
    const moments = Float64Array.of(day(30), NaN, day(10));
    const pairs = model.scorePairs(Int32Array.of(0, 0, 1), Int32Array.of(0, 0, 0), moments);
    [0.5, 1, 1].forEach((expected, pair) => expect(counts(pairs)[pair]).toBeCloseTo(expected, 5));
    expect(() => model.scorePairs(Int32Array.of(0), Int32Array.of(0), moments)).toThrow(
      /as many moments as users/,
    );
  });

  it.each([
    [{ halfLifeDays: 0 }, /`halfLifeDays` must be in \[0.1, 3650\], received 0/],
    [{ halfLife: 3 }, /`halfLife` must be absent/],
  ])('refuses %j', (bad, message) => {
    expect(() => new Trending(bad)).toThrow(InvalidParameterError);
    expect(() => new Trending(bad)).toThrow(message);
  });
});
