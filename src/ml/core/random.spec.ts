import { describe, expect, it } from '@jest/globals';

import { createRandom, deriveSeed, drawBelow, drawNormal } from './random.js';

describe('createRandom', () => {
  it('repeats the published first draws of seed 0', () => {
    // 0.266429…, 0.000329…, 0.223272…: what any mulberry32 gives, here as uint32
    const random = createRandom(0);
    expect([random(), random(), random()].map((draw) => draw * 2 ** 32)).toEqual([
      1144304738, 1416247, 958946056,
    ]);
  });

  it('takes seeds modulo 2³²', () => {
    expect(createRandom(-1)()).toBe(createRandom(2 ** 32 - 1)());
  });
});

describe('draws', () => {
  const random = createRandom(3);
  const count = 20_000;
  const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

  it('cover 0 … bound − 1 evenly', () => {
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < count; i += 1) counts[drawBelow(random, 5)]! += 1;
    // standard deviation √(20000 · 0.2 · 0.8) = 57; 5 of them
    for (const drawn of counts) expect(Math.abs(drawn - 4000)).toBeLessThan(285);
  });

  it('are normal with mean 0 and deviation 1', () => {
    const draws = Array.from({ length: count }, () => drawNormal(random));
    // standard errors 1/√20000 = 0.007 and √(2/20000) = 0.01; 5 of them
    expect(Math.abs(meanOf(draws))).toBeLessThan(0.035);
    expect(Math.abs(meanOf(draws.map((draw) => draw ** 2)) - 1)).toBeLessThan(0.05);
  });
});

describe('deriveSeed', () => {
  it('gives each purpose a uint32 of its own', () => {
    const seeds = [0, 1, 2].flatMap((seed) =>
      [0, 1, 2].flatMap((a) => [0, 1].map((b) => deriveSeed(seed, a, b))),
    );
    expect(new Set(seeds).size).toBe(18);
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
    expect(deriveSeed(1, 2)).not.toBe(deriveSeed(2, 1));
  });
});
