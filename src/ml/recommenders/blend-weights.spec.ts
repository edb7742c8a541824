import { describe, expect, it } from '@jest/globals';

import { mulberry32 } from '../../../test/support/random.js';
import { InvalidDataError } from '../core/errors.js';
import { learnBlendWeights, type BlendChoices } from './blend-weights.js';

/** Draws what is taken by a conditional logit with known weights over normal-ish scores. */
function drawChoices(weights: readonly number[], count: number, candidates = 10): BlendChoices {
  const random = mulberry32(5);
  const members = weights.length;
  const scores: number[] = [];
  for (let choice = 0; choice < count; choice += 1) {
    const rows = Array.from({ length: candidates }, () => weights.map(() => 4 * random() - 2));
    const odds = rows.map((row) => Math.exp(row.reduce((sum, score, k) => sum + score * weights[k]!, 0)));
    let draw = random() * odds.reduce((a, b) => a + b);
    const taken = odds.findIndex((odd) => (draw -= odd) < 0);
    scores.push(...rows[taken]!, ...rows.filter((_, j) => j !== taken).flat());
  }
  const offsets = Int32Array.from({ length: count + 1 }, (_, choice) => choice * candidates);
  return { members, scores: Float32Array.from(scores), offsets };
}

describe('learnBlendWeights', () => {
  it('finds the weights by which choices were drawn', () => {
    const weights = learnBlendWeights(drawChoices([0.5, 1.5, 0], 2000));
    // standard error of a weight over 4,000 choices among 10 is about .03
    expect(weights[0]).toBeCloseTo(0.5, 1);
    expect(weights[1]).toBeCloseTo(1.5, 1);
    expect(weights[2]).toBeLessThan(0.06);
  });

  it('gives a member that misleads no weight', () => {
    const { scores, ...rest } = drawChoices([1, 1], 500);
    const misled = scores.map((score, i) => (i % 2 === 1 ? -score : score));
    const weights = learnBlendWeights({ ...rest, scores: misled });
    expect(weights[0]).toBeGreaterThan(0.6);
    expect(weights[1]).toBe(0);
  });

  it('shares alike between members that say the same', () => {
    const one = drawChoices([1], 500);
    const scores = Float32Array.from({ length: 2 * one.scores.length }, (_, i) => one.scores[i >> 1]!);
    const [first, second] = learnBlendWeights({ ...one, members: 2, scores });
    expect(first).toBeCloseTo(second!, 6);
    expect(first! + second!).toBeCloseTo(learnBlendWeights(one)[0]!, 1);
  });

  it('is where the slope of the likelihood is zero', () => {
    // one member, one choice of two candidates with scores 1 and 0, and one with 0 and 1, twice and once:
    // mean slope (2·(1 − p) − p)/3 − 2·10⁻⁴·w = 0 with p = 1/(1 + e^−w), so about w = ln 2
    const choices = {
      members: 1,
      scores: Float32Array.of(1, 0, 1, 0, 0, 1),
      offsets: Int32Array.of(0, 2, 4, 6),
    };
    const [weight] = learnBlendWeights(choices);
    const p = 1 / (1 + Math.exp(-weight!));
    expect((2 * (1 - p) - p) / 3 - 2e-4 * weight!).toBeCloseTo(0, 4);
    expect(weight).toBeCloseTo(Math.LN2, 2);
  });

  it('falls back on equal weights when no member helps', () => {
    const choices = { members: 2, scores: Float32Array.of(-1, -1, 1, 1), offsets: Int32Array.of(0, 2) };
    expect([...learnBlendWeights(choices)]).toEqual([0.5, 0.5]);
  });

  it('refuses nothing to learn from, and scores that are no numbers', () => {
    const none = { members: 1, scores: new Float32Array(), offsets: Int32Array.of(0) };
    expect(() => learnBlendWeights(none)).toThrow(InvalidDataError);
    const bad = { members: 2, scores: Float32Array.of(1, 0, 0, NaN), offsets: Int32Array.of(0, 2) };
    expect(() => learnBlendWeights(bad)).toThrow(/received NaN by member 1/);
  });
});
