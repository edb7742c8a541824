import { describe, expect, it } from '@jest/globals';

import { InvalidParameterError } from '../core/errors.js';
import { nameTokens, type ProductTraits } from '../ranking/product-traits.js';
import { nearestKnown, priorScore } from './content-prior.js';

const product = (name: string, category: string, farmId: string): ProductTraits => ({
  category,
  farmId,
  unit: 'kg',
  tokens: nameTokens(name),
  season: 0,
  certifications: [],
});

const known = [
  { item: 4, traits: product('Plums', 'FRUITS', 'farm-1') },
  { item: 7, traits: product('Carrots', 'VEGETABLES', 'farm-2') },
  { item: 9, traits: product('Kale', 'VEGETABLES', 'farm-1') },
];
const target = product('Purple carrots', 'VEGETABLES', 'farm-1');

describe('nearestKnown', () => {
  it('puts the same kind of product before the same farm', () => {
    const { items, weights } = nearestKnown(target, known);
    // carrots: .4/2 + .25 + .15 + .05 + .05 = .7; kale: .25 + .15 + .1 + .1 = .6; plums: .15 + .1 + .1 = .35
    expect([...items]).toEqual([7, 9, 4]);
    expect(weights[0]).toBeCloseTo(0.49, 6);
    expect(weights[1]).toBeCloseTo(0.36, 6);
    expect(weights[2]).toBeCloseTo(0.1225, 6);
  });

  it('keeps as many as asked for, ties by item', () => {
    const twins = [3, 1, 2].map((item) => ({ item, traits: target }));
    expect([...nearestKnown(target, twins, 2).items]).toEqual([1, 2]);
    expect(nearestKnown(target, []).items).toHaveLength(0);
    expect(() => nearestKnown(target, known, 0)).toThrow(InvalidParameterError);
  });
});

describe('priorScore', () => {
  it('agrees with a case by hand', () => {
    // (.5·2 + .25·8 + .25·5) / (.5 + .25 + .25)
    expect(priorScore([0.5, 0.25], [2, 8])).toBeCloseTo(4.25, 12);
    expect(priorScore([0.1], [7])).toBeCloseTo(7, 12);
  });

  it('lies between the scores of the neighbours, nearer to those of the nearer ones', () => {
    expect(priorScore([0.9, 0.1], [1, 0])).toBeGreaterThan(priorScore([0.1, 0.9], [1, 0]));
    expect(priorScore([0.9, 0.1], [1, 0])).toBeLessThan(1);
  });

  it('is behind everything without neighbours', () => {
    expect(priorScore([], [])).toBe(Number.NEGATIVE_INFINITY);
  });
});
