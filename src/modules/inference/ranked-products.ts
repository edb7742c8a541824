import { topK } from '../../ml/math/top-k.js';
import type { CatalogIndex, CatalogProduct } from './catalog-index.js';
import type { LogWeight } from './product-weight.js';

/** Scored products that a list can be made of. Columns of equal length. */
export interface ScoredProducts {
  /** In the unit of whoever scored. */
  readonly scores: Float32Array;
  /** Index in the catalogue; −1 for what is no longer in it. */
  readonly products: Int32Array;
  /** The logarithm of a score as a share in (0, 1] of the highest; rises with the score. */
  readonly logShare: (score: number, highest: number) => number;
}

/** A product with what it is worth to this user in this request. */
export interface RankedProduct {
  readonly product: CatalogProduct;
  /** Logarithm of share and weights, ≤ 0. */
  readonly logValue: number;
  /** The candidate it was. */
  readonly candidate: number;
}

export interface RankQuery {
  readonly catalog: CatalogIndex;
  /** By product; entries other than 0 are left out. */
  readonly forbidden: Uint8Array;
  readonly weight: LogWeight | undefined;
  /** How many, integer ≥ 0. */
  readonly count: number;
}

const GROWTH = 4;
const FIRST_LOOK = 64;

/**
 * The best candidates by share and weight, exactly, weighing only as many as it takes (threshold algorithm).
 *
 * Weights only take away, so a candidate's share bounds its value: once the last of the list is worth at least the
 * share of the next best score, nothing that was not weighed can enter. Ties go to the higher score.
 *
 * @see Fagin, Lotem & Naor, "Optimal Aggregation Algorithms for Middleware", PODS 2001, section 4.
 */
export function rankProducts(candidates: ScoredProducts, query: RankQuery): readonly RankedProduct[] {
  const { scores, products, logShare } = candidates;
  const { catalog, forbidden, weight, count } = query;
  for (let look = weight === undefined ? count : count + FIRST_LOOK; ; look *= GROWTH) {
    const top = topK(scores, look, forbidden, products);
    const highest = top.scores[0] ?? 0;
    const ranked = Array.from(top.indices, (candidate, place): RankedProduct => {
      const product = catalog.products[products[candidate] ?? -1];
      if (product === undefined) throw new Error('A product outside the catalogue was ranked.');
      const logValue = logShare(top.scores[place] ?? 0, highest) + (weight?.(product) ?? 0);
      return { product, logValue, candidate };
    });
    if (weight !== undefined) ranked.sort((a, b) => b.logValue - a.logValue);
    const isAll = top.indices.length < look;
    const bound = logShare(top.scores.at(-1) ?? 0, highest);
    const last = ranked[count - 1];
    if (isAll || weight === undefined || (last !== undefined && last.logValue >= bound)) {
      return ranked.slice(0, count);
    }
  }
}
