import { describe, expect, it } from '@jest/globals';

import { mulberry32 } from '../../../test/support/random.js';
import { topK } from './top-k.js';

describe('topK', () => {
  it('answers its example', () => {
    expect([...topK(Float32Array.of(0.5, 2, 1), 2).indices]).toEqual([1, 2]);
  });

  it.each([0, 1, 2, 3, 4, 5])('agrees with sorting everything (stream %i)', (seed) => {
    const random = mulberry32(seed);
    // few distinct values: many ties
    const scores = Float32Array.from({ length: 300 }, () => Math.floor(20 * random()) - 10);
    const mask = Uint8Array.from({ length: 300 }, () => (random() < 0.3 ? 1 : 0));
    const sorted = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
    for (const k of [0, 1, 7, 100, 299, 300, 1000]) {
      expect([...topK(scores, k).indices]).toEqual(sorted.slice(0, k));
      const unmasked = sorted.filter((index) => mask[index] === 0);
      const best = topK(scores, k, mask);
      expect([...best.indices]).toEqual(unmasked.slice(0, k));
      expect([...best.scores]).toEqual(unmasked.slice(0, k).map((index) => scores[index]));
    }
  });

  it('finds the mask of a score at its place, and leaves out what has none', () => {
    const scores = Float32Array.of(5, 4, 3, 2, 1);
    const places = Int32Array.of(7, 0, -1, 2, 1);
    expect([...topK(scores, 5, Uint8Array.of(0, 1, 0), places).indices]).toEqual([1, 3]);
  });

  it('takes infinite scores and leaves out NaN', () => {
    const scores = Float32Array.of(-Infinity, NaN, Infinity, -Infinity);
    expect([...topK(scores, 4).indices]).toEqual([2, 0, 3]);
    expect([...topK(scores, 2).indices]).toEqual([2, 0]);
  });

  it('finds nothing in nothing', () => {
    expect(topK(new Float32Array(), 3).indices.length).toBe(0);
  });
});
