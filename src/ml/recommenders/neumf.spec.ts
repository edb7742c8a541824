import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { mulberry32, shuffled, tasteInteractions } from '../../../test/support/random.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { IncompatibleStateError } from '../core/errors.js';
import type { Checkpoint, FitProgress } from '../core/learner.js';
import { evaluateRanking } from '../metrics/ranking.js';
import { leaveLatestOut } from '../splits/leave-latest-out.js';
import { NeuMF } from './neumf.js';
import { Popularity } from './popularity.js';

const { context, data } = recommenderFixture;
const small = { epochs: 4, batchSize: 64, factors: 4, layers: [16, 8] };

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

  it.each([1, 3])('continues from the checkpoint of epoch %i to the same bytes', async (epoch) => {
    const hyperparameters = { ...small, epochs: 5, patience: 4 };
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

  it('finds the tastes that popularity cannot see', async () => {
    // 5 groups of 20 items; each of 200 users takes 12 items of one group
    const random = mulberry32(5);
    const groups = Array.from({ length: 200 }, (_, user) =>
      shuffled(
        Array.from({ length: 20 }, (_item, i) => 20 * (user % 5) + i),
        random,
      ).slice(0, 12),
    );
    const { training, heldOut } = await leaveLatestOut(
      {
        userCount: 200,
        itemCount: 100,
        users: Int32Array.from(groups.flatMap((items, user) => items.map(() => user))),
        items: Int32Array.from(groups.flat()),
        timestamps: Float64Array.from({ length: 2400 }, (_, row) => row),
      },
      { seed: 3, negativesPerUser: 50 },
    );
    const model = await new NeuMF({ ...small, epochs: 20, learningRate: 0.01 }).fit(training, {
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
});
