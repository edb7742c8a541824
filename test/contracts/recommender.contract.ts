import { beforeAll, describe, expect, it } from '@jest/globals';

import { InvalidDataError } from '../../src/ml/core/errors.js';
import type { Interactions } from '../../src/ml/core/interactions.js';
import type { Learner, ModelContext } from '../../src/ml/core/learner.js';
import type { RecommenderModel, UserHistory } from '../../src/ml/recommenders/recommender-model.js';

interface Fixture {
  readonly create: () => Learner<Interactions, RecommenderModel>;
  readonly context: ModelContext;
  readonly data: Interactions;
  /** Least mean correlation of `scoreHistory` of a user's training rows with `scoreAll`; 1: they are the same. */
  readonly foldInCorrelation: number;
}

/** What every recommender owes its callers beyond `describeLearner`. Call it in the learner's own spec. */
export function describeRecommender({ create, context, data, foldInCorrelation }: Fixture): void {
  describe('recommender contract', () => {
    let model: RecommenderModel;
    beforeAll(async () => {
      model = await create().fit(data, { ...context, seed: 7, threads: 1 });
    });

    it('scores pairs as it scores all items', () => {
      const items = Int32Array.from({ length: data.itemCount }, (_, item) => item);
      for (const user of [0, data.userCount - 1]) {
        const pairs = model.scorePairs(new Int32Array(items.length).fill(user), items);
        expectClose(pairs, model.scoreAll(user), 1e-4);
      }
    });

    it('lists the best items first, without those left out', () => {
      const scores = model.scoreAll(2);
      const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
      const excluded = new Uint8Array(data.itemCount);
      excluded[best[0]!] = 1;
      const { items } = model.predict({ user: 2, count: 4, excluded });
      expect([...items]).toEqual(best.slice(1, 5));
    });

    it('scores what a user of the training took about as it scores the user', () => {
      const correlations = Array.from({ length: data.userCount }, (_, user) =>
        correlation(model.scoreHistory(historyOf(data, user)), model.scoreAll(user)),
      );
      const mean = correlations.reduce((a, b) => a + b) / correlations.length;
      expect(mean).toBeGreaterThanOrEqual(foldInCorrelation - 1e-4);
    });

    it('answers a stranger, and remembers nothing of the last one', () => {
      const nothing: UserHistory = { items: new Int32Array(), timestamps: new Float64Array() };
      const before = model.scoreAll(1);
      const stranger = model.scoreHistory(nothing);
      model.scoreHistory(historyOf(data, 0));
      expect(stranger).toHaveLength(data.itemCount);
      expect(stranger.every(Number.isFinite)).toBe(true);
      expect(model.scoreHistory(nothing)).toEqual(stranger);
      expect(model.scoreAll(1)).toEqual(before);
    });

    it('takes the rows of a history in any order, and leaves them alone', () => {
      const history = historyOf(data, 3);
      const reversed = { items: history.items.toReversed(), timestamps: history.timestamps.toReversed() };
      const kept = structuredClone(reversed);
      expectClose(model.scoreHistory(reversed), model.scoreHistory(history), 1e-3);
      expect(reversed).toEqual(kept);
    });

    it('writes into the array it is given', () => {
      const out = new Float32Array(data.itemCount);
      expect(model.scoreHistory(historyOf(data, 0), out)).toBe(out);
      expect(model.scoreAll(0, out)).toBe(out);
    });

    it('refuses a history of unknown items, of unequal columns, and a list of another length', () => {
      const at = (...items: number[]): UserHistory => ({
        items: Int32Array.from(items),
        timestamps: new Float64Array(items.length),
      });
      expect(() => model.scoreHistory(at(0, data.itemCount))).toThrow(InvalidDataError);
      expect(() => model.scoreHistory(at(-1))).toThrow(/Row 0 of a history must be of an item in 0/);
      const torn = { items: Int32Array.of(0), timestamps: new Float64Array() };
      expect(() => model.scoreHistory(torn)).toThrow(/as many items as timestamps/);
      expect(() => model.scoreHistory(at(0), new Float32Array(1))).toThrow(InvalidDataError);
    });
  });
}

/** Rows of one user. */
export function historyOf({ users, items, timestamps }: Interactions, user: number): UserHistory {
  const isOwn = (_: number, row: number): boolean => users[row] === user;
  return { items: items.filter(isOwn), timestamps: timestamps.filter(isOwn) };
}

function expectClose(received: Float32Array, expected: Float32Array, tolerance: number): void {
  const scale = expected.reduce((high, score) => Math.max(high, Math.abs(score)), 1e-9);
  const worst = received.reduce((high, score, i) => Math.max(high, Math.abs(score - expected[i]!)), 0);
  expect(worst / scale).toBeLessThan(tolerance);
}

/** Pearson's r; 1 when both are constant. */
function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array): number => values.reduce((x, y) => x + y, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    const [x, y] = [value - meanA, b[i]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  });
  return aa === 0 && bb === 0 ? 1 : ab / Math.sqrt(aa * bb);
}
