import type { SeasonMask } from '../agriculture/season.js';

/** What is known of a product without anybody having bought it. */
export interface ProductTraits {
  readonly category: string;
  readonly farmId: string | undefined;
  readonly unit: string;
  /** From `nameTokens`, sorted, without repetition. */
  readonly tokens: readonly string[];
  readonly season: SeasonMask;
  /** Kinds of certification, lower case, sorted, without repetition. */
  readonly certifications: readonly string[];
}

/**
 * How much each trait says, summing to 1. The name comes first: "Nantes carrots" of one farm stand for those of
 * another better than anything else that this farm sells.
 */
const WEIGHTS = {
  name: 0.4,
  category: 0.25,
  season: 0.15,
  farm: 0.1,
  certification: 0.05,
  unit: 0.05,
} as const;

const ALL_YEAR = 0xfff;

/** Words of a name: lower case, without accents, digits and plural s; sorted, without repetition. */
export function nameTokens(name: string): readonly string[] {
  const words =
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/\p{M}/gu, '')
      .match(/\p{L}+/gu) ?? [];
  return [...new Set(words.map(singular))].sort();
}

/**
 * How alike two products are by what they are, in [0, 1]; 1 for the same traits.
 *
 * 0.40 · Jaccard of the names' words + 0.25 · same category + 0.15 · Jaccard of the months of sale
 * + 0.10 · same farm + 0.05 · Jaccard of the certifications + 0.05 · same unit
 */
export function traitSimilarity(a: ProductTraits, b: ProductTraits): number {
  return (
    WEIGHTS.name * jaccard(a.tokens, b.tokens) +
    WEIGHTS.category * (a.category === b.category ? 1 : 0) +
    WEIGHTS.season * seasonOverlap(a.season, b.season) +
    WEIGHTS.farm * (a.farmId !== undefined && a.farmId === b.farmId ? 1 : 0) +
    WEIGHTS.certification * jaccard(a.certifications, b.certifications) +
    WEIGHTS.unit * (a.unit === b.unit ? 1 : 0)
  );
}

/** Of two sorted lists without repetition; two empty ones are alike. Hot: a merge, no sets. */
function jaccard(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 && b.length === 0) return 1;
  let common = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    // both in range by the condition above
    const left = a[i]!;
    const right = b[j]!;
    if (left === right) common += 1;
    if (left <= right) i += 1;
    if (right <= left) j += 1;
  }
  return common / (a.length + b.length - common);
}

function seasonOverlap(a: SeasonMask, b: SeasonMask): number {
  const [left, right] = [a || ALL_YEAR, b || ALL_YEAR];
  return monthCount(left & right) / monthCount(left | right);
}

function monthCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** Enough to make carrots a carrot; what it does wrong it does to all names alike. */
function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && word.endsWith('oes')) return word.slice(0, -2);
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
