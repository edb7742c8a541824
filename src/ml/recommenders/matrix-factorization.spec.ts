import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { foldedScorer, historyOf } from '../../../test/support/folded-scorer.js';
import { groupInteractions } from '../../../test/support/group-marketplace.js';
import { tasteInteractions } from '../../../test/support/random.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { IncompatibleStateError, InvalidDataError } from '../core/errors.js';
import type { Checkpoint, FitProgress } from '../core/learner.js';
import { evaluateRanking } from '../metrics/ranking.js';
import { leaveLatestOut } from '../splits/leave-latest-out.js';
import { MatrixFactorization } from './matrix-factorization.js';
import { Popularity } from './popularity.js';

const { context, data } = recommenderFixture;
const small = { epochs: 4, factors: 4 };

async function checkpointsOf(hyperparameters: object): Promise<Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  const onCheckpoint = (checkpoint: Checkpoint): void => {
    checkpoints.push(structuredClone(checkpoint));
  };
  await new MatrixFactorization(hyperparameters).fit(data, { ...context, seed: 7, onCheckpoint });
  return checkpoints;
}

describe('MatrixFactorization', () => {
  describeLearner({ ...recommenderFixture, create: () => new MatrixFactorization(small) });

  it.each([1, 3])('continues from the checkpoint of epoch %i to the same bytes', async (epoch) => {
    const hyperparameters = { ...small, epochs: 5, patience: 4 };
    const checkpoints = await checkpointsOf(hyperparameters);
    expect(checkpoints.map((checkpoint) => checkpoint.epoch)).toEqual([1, 2, 3, 4, 5]);
    const whole = await new MatrixFactorization(hyperparameters).fit(data, { ...context, seed: 7 });
    const resumed = await new MatrixFactorization(hyperparameters).fit(data, {
      ...context,
      seed: 7,
      resumeFrom: checkpoints[epoch - 1]!,
    });
    expect(resumed.save()).toEqual(whole.save());
  });

  it('refuses the checkpoint of another shape', async () => {
    const [resumeFrom] = await checkpointsOf({ ...small, epochs: 1 });
    const wider = new MatrixFactorization({ ...small, factors: 8 });
    const resuming = wider.fit(data, { ...context, seed: 7, resumeFrom: resumeFrom! });
    await expect(resuming).rejects.toThrow(IncompatibleStateError);
    await expect(resuming).rejects.toThrow(/factors = 8/);
  });

  it('stops early and keeps the best epoch', async () => {
    const progress: FitProgress[] = [];
    const hyperparameters = { ...small, epochs: 300, patience: 3, learningRate: 0.3 };
    await new MatrixFactorization(hyperparameters).fit(data, {
      ...context,
      seed: 7,
      onProgress: (epoch) => progress.push(epoch),
    });
    const gains = progress.map(({ metrics }) => metrics!['ndcg10']!);
    expect(progress.length).toBe(gains.indexOf(Math.max(...gains)) + 1 + 3);
  });

  it.each(['logistic', 'softmax', 'bpr'])(
    'finds with the %s loss what popularity cannot see',
    async (loss) => {
      const { training, heldOut } = await leaveLatestOut(groupInteractions(), {
        seed: 3,
        negativesPerUser: 50,
      });
      const learner = new MatrixFactorization({ epochs: 20, factors: 8, loss, learningRate: 0.2 });
      const model = await learner.fit(training, { ...context, seed: 7 });
      const popularity = await new Popularity().fit(training, { ...context, seed: 7 });
      // 10 of 51 by chance; of the 51 about 5 are of the user's group, so a model that knows it always hits
      expect((await evaluateRanking(model, heldOut)).hr10).toBeGreaterThan(0.9);
      expect((await evaluateRanking(popularity, heldOut)).hr10).toBeLessThan(0.4);
    },
  );

  it('scores all items as products of vectors, and as it scores pairs', async () => {
    const odd = tasteInteractions({ itemCount: 61 });
    const model = await new MatrixFactorization(small).fit(odd, { ...context, seed: 7 });
    const items = Int32Array.from({ length: 61 }, (_, item) => item);
    const pairs = model.scorePairs(new Int32Array(61).fill(5), items);
    const vector = model.userFactors(5);
    expect(vector.length).toBe(model.width);
    const all = model.scoreAll(5);
    items.forEach((item) => {
      const row = model.itemFactors.subarray(item * model.width, (item + 1) * model.width);
      const product = row.reduce((sum, value, k) => sum + value * vector[k]!, 0);
      expect(all[item]).toBeCloseTo(product, 5);
      expect(pairs[item]).toBeCloseTo(product, 5);
    });
  });

  it('states log-odds of a positive among its samples', async () => {
    // one user has half the items: fitted freely, positives are certain and negatives impossible
    const half = {
      userCount: 2,
      itemCount: 40,
      users: Int32Array.from({ length: 40 }, (_, row) => row % 2),
      items: Int32Array.from({ length: 40 }, (_, row) => row),
      timestamps: new Float64Array(40),
    };
    const learner = new MatrixFactorization({ epochs: 60, factors: 4, regularization: 0, learningRate: 0.2 });
    const scores = (await learner.fit(half, { ...context, seed: 7 })).scoreAll(0);
    scores.forEach((score, item) => {
      const probability = 1 / (1 + Math.exp(-score));
      expect(Math.abs(probability - (item % 2 === 0 ? 1 : 0))).toBeLessThan(0.1);
    });
    // a strong penalty leaves the constant, 1 positive to 8 negatives
    const flat = new MatrixFactorization({ epochs: 20, factors: 4, regularization: 1, learningRate: 0.05 });
    const constant = (await flat.fit(half, { ...context, seed: 7 })).scoreAll(0);
    expect(constant.reduce((sum, score) => sum + score, 0) / 40).toBeCloseTo(-Math.log(8), 0);
  });

  it('ranks by a history as well as by the trained vector, and for strangers too', async () => {
    const everybody = groupInteractions(300);
    const { training, heldOut } = await leaveLatestOut(everybody, { seed: 3, negativesPerUser: 50 });
    const rows = training.users.findIndex((user) => user === 250);
    const known = {
      ...training,
      userCount: 250,
      users: training.users.subarray(0, rows),
      items: training.items.subarray(0, rows),
      timestamps: training.timestamps.subarray(0, rows),
    };
    const learner = new MatrixFactorization({ epochs: 20, factors: 8, learningRate: 0.2 });
    const model = await learner.fit(known, { ...context, seed: 7 });
    const ofKnown = { ...heldOut, users: heldOut.users.subarray(0, 250) };
    const trained = await evaluateRanking(model, ofKnown);
    const folded = await evaluateRanking(foldedScorer(model, training), ofKnown);
    expect(Math.abs(folded.hr10 - trained.hr10)).toBeLessThan(0.03);
    expect(Math.abs(folded.ndcg10 - trained.ndcg10)).toBeLessThan(0.03);
    const strangers = {
      ...heldOut,
      users: heldOut.users.subarray(250),
      items: heldOut.items.subarray(250),
      offsets: heldOut.offsets.subarray(250),
    };
    expect((await evaluateRanking(foldedScorer(model, training), strangers)).hr10).toBeGreaterThan(0.9);
  });

  it('gives the same for a history in any order, repeated or not, and the mean user for an empty one', async () => {
    const model = await new MatrixFactorization(small).fit(data, { ...context, seed: 7 });
    const scores = model.scoreHistory(historyOf([3, 5, 8]));
    expect(model.scoreHistory(historyOf([8, 3, 5, 3]))).toEqual(scores);
    const means = new Float32Array(model.itemCount);
    for (let user = 0; user < model.userCount; user += 1) {
      model.scoreAll(user).forEach((score, item) => (means[item]! += score / model.userCount));
    }
    model.scoreHistory(historyOf([])).forEach((score, item) => expect(score).toBeCloseTo(means[item]!, 4));
    const out = new Float32Array(model.itemCount);
    expect(model.scoreHistory(historyOf([3, 5, 8]), out)).toBe(out);
    expect(() => model.scoreHistory(historyOf([60]))).toThrow(InvalidDataError);
    // every item taken: there are no negatives
    const all = model.scoreHistory(historyOf(Array.from({ length: 60 }, (_, item) => item)));
    expect(all.every(Number.isFinite)).toBe(true);
  });
});
