import { describe, expect, it } from '@jest/globals';

import { basketGain, basketRecall, listBaskets, reportBaskets } from './next-basket.js';

const baskets = {
  users: Int32Array.of(4, 9),
  items: Int32Array.of(1, 5, 7, 2),
  offsets: Int32Array.of(0, 3, 4),
  timestamps: Float64Array.of(10, 20),
};

describe('basketRecall', () => {
  it('is the share of the basket in the first k', () => {
    const basket = new Set([1, 5, 7]);
    expect(basketRecall([7, 0, 5, 1], basket, 3)).toBeCloseTo(2 / 3, 12);
    expect(basketRecall([7, 0, 5, 1], basket, 4)).toBe(1);
    expect(basketRecall([], basket, 10)).toBe(0);
  });
});

describe('basketGain', () => {
  it('weighs hits by rank over the ideal of the whole basket', () => {
    // hits at ranks 0 and 2: 1/log2(2) + 1/log2(4) = 1.5; ideal of three: 1 + 1/log2(3) + 1/2
    expect(basketGain([7, 0, 5], new Set([1, 5, 7]), 10)).toBeCloseTo(1.5 / (1.5 + 1 / Math.log2(3)), 12);
    expect(basketGain([7, 0], new Set([0, 7]), 10)).toBe(1);
  });

  it('does not cut the ideal at k', () => {
    // one list of one hit against a basket of two: 1 / (1 + 1/log2(3))
    expect(basketGain([0, 7], new Set([0, 7]), 1)).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 12);
  });
});

describe('reportBaskets', () => {
  it('averages over baskets', () => {
    // first: 1 of 3 at rank 1; second: nothing
    const report = reportBaskets([Int32Array.of(0, 5), Int32Array.of(3, 4)], baskets, 2);
    const ideal = 1 + 1 / Math.log2(3) + 1 / 2;
    expect(report.recall).toBeCloseTo(1 / 3 / 2, 12);
    expect(report.ndcg).toBeCloseTo(1 / Math.log2(3) / ideal / 2, 12);
    expect([report.phr, report.baskets]).toEqual([0.5, 2]);
  });
});

describe('listBaskets', () => {
  it('lists the best items of each basket from a reused array', async () => {
    const scores = new Float32Array(8);
    const score = (index: number): Float32Array => scores.fill(0).fill(1, index, index + 2);
    expect(await listBaskets(score, baskets, 2)).toEqual([Int32Array.of(0, 1), Int32Array.of(1, 2)]);
  });

  it('stops when aborted', async () => {
    const listing = listBaskets(() => new Float32Array(8), baskets, 2, AbortSignal.abort('cancel'));
    await expect(listing).rejects.toBe('cancel');
  });
});
