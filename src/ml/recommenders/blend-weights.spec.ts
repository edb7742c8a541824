import { describe, expect, it } from '@jest/globals';

import { mulberry32 } from '../../../test/support/random.js';
import { InvalidDataError } from '../core/errors.js';
import { learnBlendWeights, type BlendChoices } from './blend-weights.js';

/** Who takes the best of 30 candidates by `weights` over uniform scores, of which each member sees some. */
function drawChoices(weights: readonly number[], count: number, candidates = 30): BlendChoices {
  const random = mulberry32(5);
  const members = weights.length;
  const scores: number[] = [];
  for (let choice = 0; choice < count; choice += 1) {
    const rows = Array.from({ length: candidates }, () => weights.map(() => 2 * random() - 1));
    const utilities = rows.map((row) => row.reduce((sum, score, k) => sum + score * weights[k]!, 0));
    const taken = utilities.indexOf(Math.max(...utilities));
    scores.push(...rows[taken]!, ...rows.filter((_, j) => j !== taken).flat());
  }
  const offsets = Int32Array.from({ length: count + 1 }, (_, choice) => choice * candidates);
  return { members, scores: Float32Array.from(scores), offsets };
}

describe('learnBlendWeights', () => {
  it('finds the weights by which users chose', async () => {
    const weights = await learnBlendWeights(drawChoices([1, 3, 0], 400));
    expect(weights[0]! + weights[1]! + weights[2]!).toBeCloseTo(1, 12);
    expect(weights[0]).toBeCloseTo(0.25, 1);
    expect(weights[1]).toBeCloseTo(0.75, 1);
    expect(weights[2]).toBe(0);
  });

  it('drops a member that misleads', async () => {
    const { scores, ...rest } = drawChoices([1, 1], 200);
    const misled = scores.map((score, i) => (i % 2 === 1 ? -score : score));
    expect([...(await learnBlendWeights({ ...rest, scores: misled }))]).toEqual([1, 0]);
  });

  it('keeps equal weights where members say the same', async () => {
    const one = drawChoices([1], 50);
    const scores = Float32Array.from({ length: 2 * one.scores.length }, (_, i) => one.scores[i >> 1]!);
    expect([...(await learnBlendWeights({ ...one, members: 2, scores }))]).toEqual([0.5, 0.5]);
  });

  it('counts a tie against the taken candidate', async () => {
    // member 0 ties, member 1 has it second: alone each gives less than a hit at the head, together they give one
    const scores = Float32Array.of(1, 0.5, 1, 0.4, 0, 0.6);
    const weights = await learnBlendWeights({ members: 2, scores, offsets: Int32Array.of(0, 3) });
    expect(weights.every((weight) => weight > 0)).toBe(true);
  });

  it('refuses nothing to learn from, and scores that are no numbers', async () => {
    const none = { members: 1, scores: new Float32Array(), offsets: Int32Array.of(0) };
    await expect(learnBlendWeights(none)).rejects.toThrow(InvalidDataError);
    const bad = { members: 2, scores: Float32Array.of(1, 0, 0, NaN), offsets: Int32Array.of(0, 2) };
    await expect(learnBlendWeights(bad)).rejects.toThrow(/received NaN by member 1/);
  });

  it('stops when aborted', async () => {
    const signal = AbortSignal.abort('shutdown');
    await expect(learnBlendWeights(drawChoices([1, 1], 10), signal)).rejects.toBe('shutdown');
  });
});
