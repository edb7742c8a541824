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
import { NeuMF } from './neumf.js';
import { Popularity } from './popularity.js';

const { context, data } = recommenderFixture;
const small = { epochs: 4, batchSize: 64, factors: 4, layers: [16, 8] };
const plainDescent = {
  embeddingLearningRate: 0.2,
  initialDeviation: 0.1,
  regularization: 0.005,
  schedule: 'linear',
};

describe('NeuMF', () => {
  describeLearner({ ...recommenderFixture, create: () => new NeuMF(small) });

  it('does not depend on the order of the rows or on repetition', async () => {
    const reversed = {
      ...data,
      users: Int32Array.from([...data.users, ...data.users]).reverse(),
      items: Int32Array.from([...data.items, ...data.items]).reverse(),
      timestamps: Float64Array.from([...data.timestamps, ...data.timestamps]).reverse(),
    };
    const fit = async (rows: typeof data) =>
      (await new NeuMF(small).fit(rows, { ...context, seed: 7 })).save();
    expect(await fit(reversed)).toEqual(await fit(data));
  });

  it.each([
    { epoch: 1, pretraining: 0 },
    { epoch: 3, pretraining: 0 },
    { epoch: 1, pretraining: 2 },
    { epoch: 2, pretraining: 2 },
    { epoch: 3, pretraining: 2 },
  ])('continues to the same bytes: $epoch epochs done, $pretraining of pre-training', async (row) => {
    const { epoch, pretraining } = row;
    const hyperparameters = { ...small, epochs: 5, patience: 4, pretraining, schedule: 'cosine' };
    const checkpoints: Checkpoint[] = [];
    const onCheckpoint = (checkpoint: Checkpoint): void => {
      checkpoints.push(structuredClone(checkpoint));
    };
    const whole = await new NeuMF(hyperparameters).fit(data, { ...context, seed: 7, onCheckpoint });
    expect(checkpoints.map((checkpoint) => checkpoint.epoch)).toEqual([1, 2, 3, 4, 5]);

    const continued: number[] = [];
    const resumed = await new NeuMF(hyperparameters).fit(data, {
      ...context,
      seed: 7,
      resumeFrom: checkpoints[epoch - 1]!,
      onProgress: (progress) => continued.push(progress.epoch),
    });
    expect(continued[0]).toBe(epoch + 1);
    expect(resumed.save()).toEqual(whole.save());
  });

  it('refuses the checkpoint of another network', async () => {
    const checkpoints: Checkpoint[] = [];
    const onCheckpoint = (checkpoint: Checkpoint): void => {
      checkpoints.push(checkpoint);
    };
    await new NeuMF({ ...small, epochs: 1 }).fit(data, { ...context, seed: 7, onCheckpoint });
    const wider = new NeuMF({ ...small, factors: 8 });
    const resuming = wider.fit(data, { ...context, seed: 7, resumeFrom: checkpoints[0]! });
    await expect(resuming).rejects.toThrow(IncompatibleStateError);
    await expect(resuming).rejects.toThrow(/factors = 8/);
  });

  it.each([
    { epochs: 20, learningRate: 0.01 },
    { epochs: 20, learningRate: 0.01, architecture: 'gmf' },
    { epochs: 30, learningRate: 0.01, architecture: 'mlp' },
    { epochs: 20, learningRate: 0.01, pretraining: 12, schedule: 'linear' },
    { ...plainDescent, epochs: 20 },
    { ...plainDescent, epochs: 20, pretraining: 15 },
    { ...plainDescent, epochs: 20, pretraining: 20 },
  ])('finds the tastes that popularity cannot see: %j', async (hyperparameters) => {
    const { training, heldOut } = await leaveLatestOut(groupInteractions(), {
      seed: 3,
      negativesPerUser: 50,
    });
    const model = await new NeuMF({ ...small, ...hyperparameters }).fit(training, {
      ...context,
      seed: 7,
    });
    const popularity = await new Popularity().fit(training, { ...context, seed: 7 });
    // 10 of 51 by chance; of the 51 about 5 are of the user's group, so a model that knows it always hits
    expect((await evaluateRanking(model, heldOut)).hr10).toBeGreaterThan(0.9);
    expect((await evaluateRanking(popularity, heldOut)).hr10).toBeLessThan(0.4);
  });

  it('reports progress, loss first near ln 2, then falling', async () => {
    const progress: FitProgress[] = [];
    let now = 0;
    const clock = (): number => (now += 500);
    await new NeuMF({ ...small, negatives: 1 }).fit(data, {
      ...context,
      seed: 7,
      clock,
      onProgress: (epoch) => progress.push(epoch),
    });
    expect(progress.map(({ epoch, epochs }) => `${epoch}/${epochs}`)).toEqual(['1/4', '2/4', '3/4', '4/4']);
    expect(progress[0]!.loss).toBeCloseTo(Math.LN2, 1);
    expect(progress[3]!.loss).toBeLessThan(progress[0]!.loss);
    // half a second an epoch by this clock, and each distinct pair with one negative
    const pairs = new Set(data.users.map((user, row) => user * data.itemCount + data.items[row]!)).size;
    expect(progress[0]!.samplesPerSecond).toBe(2 * pairs * 2);
  });

  it('stops early and keeps the best epoch', async () => {
    const progress: FitProgress[] = [];
    const hyperparameters = { ...small, epochs: 200, patience: 3, learningRate: 0.02 };
    const fitted = await new NeuMF(hyperparameters).fit(data, {
      ...context,
      seed: 7,
      onProgress: (epoch) => progress.push(epoch),
    });
    const gains = progress.map(({ metrics }) => metrics!['ndcg10']!);
    const best = gains.indexOf(Math.max(...gains));
    expect(progress.length).toBe(best + 1 + 3);
    const checkpoints: Checkpoint[] = [];
    const onCheckpoint = (checkpoint: Checkpoint): void => {
      checkpoints.push(checkpoint);
    };
    await new NeuMF(hyperparameters).fit(data, { ...context, seed: 7, onCheckpoint });
    const { users, items, dense } = checkpoints[best]!.tensors;
    expect(fitted.save().tensors).toEqual({ users, items, dense });
  });

  it('scores all items as it scores pairs', async () => {
    const odd = tasteInteractions({ itemCount: 61 });
    for (const layers of [
      [16, 8],
      [32, 24, 16, 8],
    ]) {
      const model = await new NeuMF({ ...small, layers }).fit(odd, { ...context, seed: 7 });
      const items = Int32Array.from({ length: 61 }, (_, item) => item);
      const pairs = model.scorePairs(new Int32Array(61).fill(5), items);
      const all = model.scoreAll(5);
      pairs.forEach((score, item) => expect(all[item]).toBeCloseTo(score, 5));
      const out = new Float32Array(61);
      expect(model.scoreAll(5, out)).toBe(out);
      expect(out).toEqual(all);
    }
  });

  it('trains users who have every item, and users who have none', async () => {
    const all = {
      userCount: 3,
      itemCount: 4,
      users: Int32Array.of(0, 0, 0, 0, 1, 1, 1),
      items: Int32Array.of(0, 1, 2, 3, 0, 1, 2),
      timestamps: new Float64Array(7),
    };
    const model = await new NeuMF({ ...small, epochs: 60, learningRate: 0.05 }).fit(all, {
      ...context,
      seed: 7,
    });
    const scores = model.scoreAll(1);
    // item 3 is user 1's only possible negative
    expect(scores[3]).toBeLessThan(Math.min(scores[0]!, scores[1]!, scores[2]!));
    expect(model.scoreAll(2).every(Number.isFinite)).toBe(true);
  });

  it('lets the event loop turn every few thousand samples', async () => {
    const rows = tasteInteractions({ userCount: 2000, itemCount: 500, rowsPerUser: 60 });
    let turns = 0;
    let isFitting = true;
    // turns and not milliseconds: these do not depend on who else uses the machine
    const count = (): void => {
      turns += 1;
      if (isFitting) setImmediate(count);
    };
    setImmediate(count);
    let samples = 0;
    const onProgress = ({ samplesPerSecond }: FitProgress): void => {
      samples = samplesPerSecond;
    };
    let now = 0;
    // one second an epoch: the throughput is then the number of samples
    await new NeuMF({ epochs: 1 }).fit(rows, { ...context, seed: 7, clock: () => (now += 1000), onProgress });
    isFitting = false;
    expect(samples).toBeGreaterThan(200_000);
    expect(samples / turns).toBeLessThan(12_000);
  });

  it.each([
    { epochs: 20, learningRate: 0.01 },
    { ...plainDescent, epochs: 20 },
  ])(
    'ranks by a history about as by the trained row, and for strangers above popularity: %j',
    async (hyperparameters) => {
      const { training, heldOut } = await leaveLatestOut(groupInteractions(300), {
        seed: 3,
        negativesPerUser: 50,
      });
      const rows = training.users.findIndex((user) => user === 250);
      const known = {
        ...training,
        userCount: 250,
        users: training.users.subarray(0, rows),
        items: training.items.subarray(0, rows),
        timestamps: training.timestamps.subarray(0, rows),
      };
      const model = await new NeuMF({ ...small, ...hyperparameters }).fit(known, { ...context, seed: 7 });
      const part = (from: number, to: number): typeof heldOut => ({
        ...heldOut,
        users: heldOut.users.subarray(from, to),
        items: heldOut.items.subarray(from, to),
        offsets: heldOut.offsets.subarray(from, to + 1),
      });
      const trained = await evaluateRanking(model, part(0, 250));
      const folded = await evaluateRanking(foldedScorer(model, training), part(0, 250));
      expect(folded.hr10).toBeGreaterThan(trained.hr10 - 0.1);
      const strangers = part(250, 300);
      const popularity = await new Popularity().fit(known, { ...context, seed: 7 });
      const popular = await evaluateRanking(foldedScorer(popularity, training), strangers);
      const { hr10 } = await evaluateRanking(foldedScorer(model, training), strangers);
      expect(hr10).toBeGreaterThan(2 * popular.hr10);
    },
  );

  it('gives the same for a history in any order, repeated or not, and answers every length', async () => {
    const model = await new NeuMF(small).fit(data, { ...context, seed: 7 });
    const scores = model.scoreHistory(historyOf([3, 5, 8]));
    expect(model.scoreHistory(historyOf([8, 3, 5, 3]))).toEqual(scores);
    const out = new Float32Array(model.itemCount);
    expect(model.scoreHistory(historyOf([3, 5, 8]), out)).toBe(out);
    expect(model.scoreHistory(historyOf([])).every(Number.isFinite)).toBe(true);
    const everything = Array.from({ length: 60 }, (_, item) => item);
    expect(model.scoreHistory(historyOf(everything)).every(Number.isFinite)).toBe(true);
    expect(() => model.scoreHistory(historyOf([-1]))).toThrow(InvalidDataError);
  });

  it('loads what was saved before histories were folded in', async () => {
    const model = await new NeuMF(small).fit(data, { ...context, seed: 7 });
    const { foldIn, ...fitted } = model.save().fitted;
    expect(foldIn).toBeDefined();
    const earlier = new NeuMF().load({ ...model.save(), fitted }, context);
    expect(earlier.scoreAll(3)).toEqual(model.scoreAll(3));
    expect(earlier.scoreHistory(historyOf([3, 5])).every(Number.isFinite)).toBe(true);
  });

  it.each([['gmf'], ['mlp']])('goes through a store as %s alone', async (architecture) => {
    const model = await new NeuMF({ ...small, architecture }).fit(data, { ...context, seed: 7 });
    const restored = new NeuMF().load(model.save(), context);
    expect(restored.scoreAll(3)).toEqual(model.scoreAll(3));
    expect(restored.save()).toEqual(model.save());
  });
});
