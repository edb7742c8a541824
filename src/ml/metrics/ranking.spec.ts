import { describe, expect, it } from '@jest/globals';

import { evaluateRanking, hitRatio, normalizedDiscountedGain, rankOf, reportRanks } from './ranking.js';

describe('rankOf', () => {
  it.each([
    { relevant: 3, others: [1, 2], rank: 0 },
    { relevant: 2, others: [3, 1], rank: 1 },
    { relevant: 2, others: [2, 2, 1], rank: 2 },
    { relevant: NaN, others: [1, 2], rank: 2 },
    { relevant: 1, others: [NaN, 0], rank: 1 },
    { relevant: 1, others: [], rank: 0 },
  ])('puts $relevant at $rank among $others', ({ relevant, others, rank }) => {
    expect(rankOf(relevant, Float32Array.from(others))).toBe(rank);
  });
});

describe('hitRatio and normalizedDiscountedGain', () => {
  it.each([
    // ln 2 / ln(rank + 2): log₂ 2 = 1, log₂ 4 = 2, log₂ 8 = 3
    { rank: 0, hit: 1, gain: 1 },
    { rank: 2, hit: 1, gain: 1 / 2 },
    { rank: 6, hit: 1, gain: 1 / 3 },
    { rank: 9, hit: 1, gain: Math.log(2) / Math.log(11) },
    { rank: 10, hit: 0, gain: 0 },
  ])('are $hit and $gain at rank $rank', ({ rank, hit, gain }) => {
    expect(hitRatio(rank, 10)).toBe(hit);
    expect(normalizedDiscountedGain(rank, 10)).toBeCloseTo(gain, 12);
  });

  it('are averaged over users', () => {
    expect(reportRanks([0, 2, 50])).toEqual({ hr10: 2 / 3, ndcg10: 0.5, users: 3 });
  });
});

describe('evaluateRanking', () => {
  // user 0: item 9 among 0 … 8 and 10; user 1: item 5 alone; user 2: item 0 among 1 … 11
  const heldOut = {
    users: Int32Array.of(0, 1, 2),
    items: Int32Array.of(9, 5, 0),
    negatives: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    offsets: Int32Array.of(0, 10, 10, 21),
  };

  it('ranks each user among their own negatives', async () => {
    const scorer = { scorePairs: (_: Int32Array, items: Int32Array) => Float32Array.from(items) };
    // ranks 1, 0 and 11
    expect(await evaluateRanking(scorer, heldOut)).toEqual({
      hr10: 2 / 3,
      ndcg10: (Math.LN2 / Math.log(3) + 1) / 3,
      users: 3,
    });
  });

  it('gives a model that scores everything alike no credit', async () => {
    const scorer = { scorePairs: (users: Int32Array) => new Float32Array(users.length) };
    // only user 1, who has no negatives, is a hit
    expect((await evaluateRanking(scorer, heldOut)).hr10).toBe(1 / 3);
  });

  it('stops when aborted', async () => {
    const scorer = { scorePairs: (users: Int32Array) => new Float32Array(users.length) };
    await expect(evaluateRanking(scorer, heldOut, AbortSignal.abort('cancel'))).rejects.toBe('cancel');
  });
});
