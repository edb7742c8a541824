import { GroupCap } from '../../ml/ranking/group-cap.js';
import { maximalMarginalRelevance } from '../../ml/ranking/mmr.js';
import { traitSimilarity } from '../../ml/ranking/product-traits.js';
import { rankProducts, type ScoredProducts, type RankedProduct, type RankQuery } from './ranked-products.js';
import { traitsOf } from './catalog-facts.js';
import type { RecommendationInput } from './inference.types.js';

/** ScoredProducts looked at for a place of a list that is not the best ones in order. */
const POOL_PER_PLACE = 10;
const LEAST_POOL = 100;
const GROWTH = 4;

/**
 * Makes the list of an answer: the best products, at most so many of a farm, unlike each other as far as is asked.
 *
 * A cap that leaves places free looks further down, to the end of the catalogue if need be.
 */
export function buildList(
  candidates: ScoredProducts,
  query: Omit<RankQuery, 'count'>,
  { limit, preferences }: Pick<RecommendationInput, 'limit' | 'preferences'>,
): readonly RankedProduct[] {
  const { diversity, maxPerFarm } = preferences;
  if (diversity === 0 && maxPerFarm === undefined) {
    return rankProducts(candidates, { ...query, count: limit });
  }
  for (let size = Math.max(LEAST_POOL, POOL_PER_PLACE * limit); ; size *= GROWTH) {
    const pool = rankProducts(candidates, { ...query, count: size });
    const list = choose(pool, { limit, diversity, maxPerFarm });
    if (list.length === limit || pool.length < size) return list;
  }
}

interface Choice {
  readonly limit: number;
  readonly diversity: number;
  readonly maxPerFarm: number | undefined;
}

function choose(
  pool: readonly RankedProduct[],
  { limit, diversity, maxPerFarm }: Choice,
): readonly RankedProduct[] {
  const best = pool[0]?.logValue ?? 0;
  const cap = maxPerFarm === undefined ? undefined : new GroupCap(maxPerFarm);
  const traits = diversity === 0 ? [] : pool.map(({ product }) => traitsOf(product));
  const chosen = maximalMarginalRelevance({
    relevance: Float64Array.from(pool, ({ logValue }) => Math.exp(logValue - best)),
    // both are indices of the pool
    similarity: (a, b) => traitSimilarity(traits[a]!, traits[b]!),
    diversity,
    count: limit,
    ...(cap && {
      admits: (index: number) => cap.admits(pool[index]?.product.farmId),
      onTake: (index: number) => cap.take(pool[index]?.product.farmId),
    }),
  });
  return Array.from(chosen).flatMap((index) => pool[index] ?? []);
}
