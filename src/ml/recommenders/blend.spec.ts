import { describe, expect, it } from '@jest/globals';

import { describeLearner } from '../../../test/contracts/learner.contract.js';
import { recommenderFixture } from '../../../test/support/recommender-fixture.js';
import { IncompatibleStateError, InvalidParameterError } from '../core/errors.js';
import type { Checkpoint, FitProgress } from '../core/learner.js';
import { createLearner } from '../learners.js';
import { Blend } from './blend.js';
import { addStandardized, BlendModel, momentsOf } from './blend-model.js';

const { context, data } = recommenderFixture;
const members = [
  { modelType: 'POPULARITY' },
  {
    modelType: 'NEURAL_COLLABORATIVE_FILTERING',
    hyperparameters: { epochs: 2, batchSize: 64, factors: 8, layers: [16, 8] },
  },
];
const create = (hyperparameters: unknown = { members }): Blend => new Blend(hyperparameters, createLearner);
const fit = async (more = {}) => create().fit(data, { ...context, seed: 7, ...more });

describe('Blend', () => {
  describeLearner({ ...recommenderFixture, create });

  it('adds up the standardized scores of its members', async () => {
    const model = await fit();
    const expected = new Float32Array(data.itemCount);
    for (const { model: member, weight } of model.members) {
      const scores = [...member.scoreAll(5)];
      const mean = scores.reduce((a, b) => a + b) / scores.length;
      const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
      scores.forEach((score, item) => {
        expected[item]! += (weight * (score - mean)) / Math.sqrt(variance);
      });
    }
    model.scoreAll(5).forEach((score, item) => expect(score).toBeCloseTo(expected[item]!, 4));
    const pairs = model.scorePairs(Int32Array.of(5, 5, 6), Int32Array.of(0, 9, 0));
    expect([...pairs]).toEqual([model.scoreAll(5)[0], model.scoreAll(5)[9], model.scoreAll(6)[0]]);
  });

  it('weighs the member that knows the taste above the one that does not', async () => {
    const epochs = { ...members[1]!.hyperparameters, epochs: 30 };
    const blend = create({ members: [members[0], { ...members[1], hyperparameters: epochs }] });
    const model = await blend.fit(data, { ...context, seed: 7 });
    const weightOf = (type: string): number =>
      model.members.find(({ modelType }) => modelType === type)?.weight ?? 0;
    expect(weightOf('NEURAL_COLLABORATIVE_FILTERING')).toBeGreaterThan(weightOf('POPULARITY'));
  });

  it('continues after a crash with what was finished', async () => {
    const checkpoints: Checkpoint[] = [];
    const whole = await fit({ onCheckpoint: (checkpoint: Checkpoint) => void checkpoints.push(checkpoint) });
    expect(checkpoints.length).toBeGreaterThanOrEqual(3);
    for (const resumeFrom of checkpoints) expect((await fit({ resumeFrom })).save()).toEqual(whole.save());
    const three = create({ members: [...members, { modelType: 'POPULARITY' }] });
    const resumeFrom = checkpoints.at(-1)!;
    await expect(three.fit(data, { ...context, seed: 7, resumeFrom })).rejects.toThrow(
      IncompatibleStateError,
    );
  });

  it('tells progress that grows to its end', async () => {
    const steps: FitProgress[] = [];
    await fit({ onProgress: (progress: FitProgress) => void steps.push(progress) });
    const epochs = steps.map(({ epoch }) => epoch);
    expect(epochs).toEqual([...epochs].sort((a, b) => a - b));
    expect(steps.at(-1)).toMatchObject({ epoch: 400, epochs: 400 });
  });

  it('completes the hyperparameters of its members', () => {
    expect(create().hyperparameters.validationNegatives).toBe(99);
    expect(create().hyperparameters.members[1]!.hyperparameters).toMatchObject({
      epochs: 2,
      learningRate: 0.001,
    });
  });

  it.each([
    [{ members: [members[0]] }, /`members` must be an array of 2 to 8 learners/],
    [
      { members: [members[0], { modelType: 'RECOMMENDER_BLEND' }] },
      /`members\[1\].modelType` must be one of/,
    ],
    [
      { members: [members[0], { modelType: 'NO_SUCH' }] },
      /`members\[1\].modelType` must be one of .*NO_SUCH/,
    ],
    [
      { members: [members[0], { ...members[1], hyperparameters: { factors: 5 } }] },
      /`members\[1\].factors` must be a multiple of 4 .* received 5/,
    ],
    [{ members: [members[0], { ...members[1], weight: 1 }] }, /`members\[1\].weight` must be absent/],
    [
      { members, validationNegatives: 5 },
      /`validationNegatives` must be an integer from 10 to 1000, received 5/,
    ],
    [{ members, depth: 2 }, /`depth` must be absent/],
    [[], /`hyperparameters` must be an object/],
  ])('refuses %j', (bad, message) => {
    const making = (): unknown => createLearner('RECOMMENDER_BLEND', bad);
    expect(making).toThrow(InvalidParameterError);
    expect(making).toThrow(message);
  });

  it('refuses saved members of different sizes', async () => {
    const small = { ...data, itemCount: data.itemCount + 1 };
    const [one, other] = [await fit(), await create().fit(small, { ...context, seed: 7 })];
    const mixed = new BlendModel([one.members[0]!, other.members[0]!]).save();
    expect(() => create().load(mixed, context)).toThrow(IncompatibleStateError);
  });
});

describe('standardizing', () => {
  it('is by mean and deviation, also of large numbers that are close', () => {
    // mean 1e6 + 2, squared deviations 1, 1, 1, 1
    const { mean, deviation } = momentsOf(Float32Array.of(1e6 + 1, 1e6 + 3, 1e6 + 1, 1e6 + 3));
    expect(mean).toBe(1e6 + 2);
    expect(deviation).toBe(1);
  });

  it('says nothing where all scores are alike', () => {
    const blended = Float32Array.of(1, 2);
    addStandardized(blended, Float32Array.of(5, 5), 3);
    expect([...blended]).toEqual([1, 2]);
  });
});
