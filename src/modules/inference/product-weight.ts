import { localityWeight } from '../../ml/agriculture/locality.js';
import { weekOf } from '../../ml/agriculture/season-curve.js';
import type { CatalogProduct } from './catalog-index.js';
import type { RequestContext } from './request-context.js';

/** Within a market town and its surroundings. */
const LOCALITY_SCALE_KM = 50;
/** Days after which the bonus of a new product has fallen to 1/e. */
const FRESHNESS_SCALE_DAYS = 30;
const DAY_MS = 86_400_000;
const LEAST_WEIGHT = 1e-9;

/** The logarithm of the part of a score that nearness, season and newness leave, ≤ 0. */
export type LogWeight = (product: CatalogProduct) => number;

/**
 * How a request weighs products; undefined when it weighs none.
 *
 * w = locality · season · freshness, each at most 1: (1 − ω) + ω·e^(−km/50), (1 − σ) + σ·curve(delivery week), and
 * (1 + φ·e^(−age/30 d)) / (1 + φ). With ω, σ and φ of 0 … 1, none of them hides a product before it is 1.
 */
export function logWeight(context: RequestContext): LogWeight | undefined {
  const { distances, input, localityWeight: locality, now, seasonWeight: season, statistics } = context;
  const { freshness } = input.preferences;
  const week = weekOf(input.deliveryDate);
  const factors: ((product: CatalogProduct) => number)[] = [];
  if (distances !== undefined && locality > 0) {
    factors.push((product) => localityWeight(distances.km(product), LOCALITY_SCALE_KM, locality));
  }
  if (season > 0) {
    factors.push((product) => 1 - season + season * (statistics.seasonCurve(product)[week] ?? 1));
  }
  if (freshness > 0) {
    factors.push(({ listedAt }) => {
      const age = Math.max(0, now - listedAt) / DAY_MS;
      return (1 + freshness * Math.exp(-age / FRESHNESS_SCALE_DAYS)) / (1 + freshness);
    });
  }
  if (factors.length === 0) return undefined;
  return (product) =>
    Math.log(
      Math.max(
        LEAST_WEIGHT,
        factors.reduce((weight, factor) => weight * factor(product), 1),
      ),
    );
}
