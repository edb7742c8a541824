import { describe, expect, it } from '@jest/globals';

import { seasonMask } from '../agriculture/season.js';
import { nameTokens, traitSimilarity, type ProductTraits } from './product-traits.js';

const carrots: ProductTraits = {
  category: 'VEGETABLES',
  farmId: 'farm-1',
  unit: 'bunch',
  tokens: nameTokens('Nantes carrots'),
  season: seasonMask([6, 7, 8, 9]),
  certifications: ['organic'],
};

describe('nameTokens', () => {
  it.each([
    ['Nantes Carrots (2 kg)', ['carrot', 'kg', 'nante']],
    ['Crème fraîche', ['creme', 'fraiche']],
    ['Strawberries & berries', ['berry', 'strawberry']],
    ['Tomatoes, tomato', ['tomato']],
    ['Watercress', ['watercress']],
    ['42', []],
  ])('of %s', (name, tokens) => {
    expect(nameTokens(name)).toEqual(tokens);
  });
});

describe('traitSimilarity', () => {
  it('is 1 for the same traits', () => {
    expect(traitSimilarity(carrots, { ...carrots })).toBeCloseTo(1, 12);
  });

  it.each<[string, Partial<ProductTraits>, number]>([
    ['another farm', { farmId: 'farm-2' }, 0.9],
    ['no farm', { farmId: undefined }, 0.9],
    ['one of two words', { tokens: ['carrot', 'purple'] }, 0.6 + 0.4 / 3],
    ['half of the months', { season: seasonMask([6, 7]) }, 0.85 + 0.15 / 2],
    ['all year', { season: 0 }, 0.85 + 0.15 / 3],
    ['no certification', { certifications: [] }, 0.95],
    ['another unit', { unit: 'kg' }, 0.95],
    ['another category', { category: 'HERBS' }, 0.75],
  ])('loses by %s what the table says', (_, other, expected) => {
    expect(traitSimilarity(carrots, { ...carrots, ...other })).toBeCloseTo(expected, 12);
    expect(traitSimilarity({ ...carrots, ...other }, carrots)).toBeCloseTo(expected, 12);
  });

  it('does not call two products without a farm neighbours', () => {
    const stray = { ...carrots, farmId: undefined };
    expect(traitSimilarity(stray, stray)).toBeCloseTo(0.9, 12);
  });
});
