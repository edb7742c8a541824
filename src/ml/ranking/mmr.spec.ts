import { describe, expect, it } from '@jest/globals';

import { createRandom } from '../core/random.js';
import { InvalidParameterError } from '../core/errors.js';
import { GroupCap } from './group-cap.js';
import { maximalMarginalRelevance, type DiversityQuery } from './mmr.js';

const byParity = (a: number, b: number): number => (a % 2 === b % 2 ? 1 : 0);

/** The definition of the paper, without its savings. */
function oracle({ relevance, similarity, diversity, count }: DiversityQuery): number[] {
  const chosen: number[] = [];
  const all = Array.from({ length: relevance.length }, (_, i) => i);
  while (chosen.length < Math.min(count, all.length)) {
    const values = all.map((i) =>
      chosen.includes(i)
        ? Number.NEGATIVE_INFINITY
        : (1 - diversity) * (relevance[i] ?? 0) -
          diversity * Math.max(0, ...chosen.map((j) => similarity(i, j))),
    );
    chosen.push(values.indexOf(Math.max(...values)));
  }
  return chosen;
}

describe('maximalMarginalRelevance', () => {
  it('agrees with a case by hand', () => {
    // after 0 is chosen: 2 is worth .5·.9 − .5·1 = −.05, 1 is worth .5·.5 − .5·0 = .25
    const query = { relevance: [1, 0.5, 0.9], similarity: byParity, diversity: 0.5, count: 3 };
    expect([...maximalMarginalRelevance(query)]).toEqual([0, 1, 2]);
  });

  it('is the order of relevance without diversity, ties by position, and asks for no similarity', () => {
    const similarity = (): number => {
      throw new Error('asked');
    };
    const relevance = [0.2, 0.9, 0.2, 0.5];
    expect([...maximalMarginalRelevance({ relevance, similarity, diversity: 0, count: 9 })]).toEqual([
      1, 3, 0, 2,
    ]);
  });

  it('agrees with the definition on random candidates', () => {
    const random = createRandom(11);
    for (let round = 0; round < 20; round += 1) {
      const relevance = Float64Array.from({ length: 30 }, random);
      const points = Float64Array.from({ length: 30 }, random);
      const query = {
        relevance,
        similarity: (a: number, b: number) => 1 - Math.abs((points[a] ?? 0) - (points[b] ?? 0)),
        diversity: random(),
        count: 1 + Math.floor(random() * 30),
      };
      expect([...maximalMarginalRelevance(query)]).toEqual(oracle(query));
    }
  });

  it('keeps to a cap of groups', () => {
    const cap = new GroupCap(1);
    const group = (candidate: number): string => `farm-${candidate % 2}`;
    const chosen = maximalMarginalRelevance({
      relevance: [4, 3, 2, 1],
      similarity: byParity,
      diversity: 0.1,
      count: 4,
      admits: (candidate) => cap.admits(group(candidate)),
      onTake: (candidate) => cap.take(group(candidate)),
    });
    expect([...chosen]).toEqual([0, 1]);
  });

  it('answers nothing out of nothing', () => {
    expect(
      maximalMarginalRelevance({ relevance: [], similarity: byParity, diversity: 1, count: 5 }),
    ).toHaveLength(0);
  });

  it.each([
    [{ diversity: 1.1 }],
    [{ diversity: -0.1 }],
    [{ diversity: Number.NaN }],
    [{ count: -1 }],
    [{ count: 0.5 }],
  ])('refuses %o', (bad) => {
    const query = { relevance: [1], similarity: byParity, diversity: 0, count: 1, ...bad };
    expect(() => maximalMarginalRelevance(query)).toThrow(InvalidParameterError);
  });
});
