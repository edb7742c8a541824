import { Injectable } from '@nestjs/common';

import { isCertified } from '../../ml/agriculture/certification.js';
import { distanceKm, localityWeight, type Place } from '../../ml/agriculture/locality.js';
import { topK } from '../../ml/math/top-k.js';
import { CatalogIndexService } from './catalog-index.service.js';
import type { CatalogIndex, CatalogProduct, ProductImprint } from './catalog-index.js';
import type {
  FallbackReason,
  RecommendationInput,
  Recommendations,
  RecommendedProduct,
} from './inference.types.js';
import type { LoadedRecommender } from './loaded-recommender.js';
import { ModelHostService } from './model-host.service.js';

const MINOR_UNITS = 100;
const SCORE_DIGITS = 6;
/** Within a market town and its surroundings. */
const LOCALITY_SCALE_KM = 50;
const NOWHERE: Pick<CatalogProduct, 'farmId' | 'place'> = { farmId: undefined, place: undefined };

/** Ranks the whole catalogue for a user and keeps what the request allows. */
@Injectable()
export class RecommendationService {
  constructor(
    private readonly host: ModelHostService,
    private readonly catalog: CatalogIndexService,
  ) {}

  /** Which version would answer: part of a cache key. */
  get servingVersion(): string {
    return this.host.recommender?.version.id ?? 'none';
  }

  /** Whether an answer given earlier can be given again: none of its products has changed. */
  isStillGood(products: readonly ProductImprint[]): boolean {
    return this.catalog.current.isUnchanged(products);
  }

  /** The products of an answer as they are now. */
  imprint({ result }: Recommendations): readonly ProductImprint[] {
    const { current } = this.catalog;
    return result.recommendations.map(({ productId }) => [
      productId,
      current.products[current.indexOf(productId)]?.imprint ?? '',
    ]);
  }

  async recommend(input: RecommendationInput): Promise<Recommendations> {
    const recommender = this.host.recommender;
    if (!recommender) return this.recommendPopular(input, 'no-model-deployed');
    const user = recommender.findUser(input.userId);
    if (user === undefined) return this.recommendPopular(input, 'user-unknown-to-model');
    const isLocal = recommender.agriculturalContext.localityWeighting;
    const home = isLocal ? await this.catalog.findPlace(input.userId) : undefined;
    return this.recommendPersonally(recommender, { user, home }, input);
  }

  private recommendPersonally(
    recommender: LoadedRecommender,
    { user, home }: { readonly user: number; readonly home: Place | undefined },
    input: RecommendationInput,
  ): Recommendations {
    const catalog = this.catalog.current;
    const { id, type, name, version } = recommender.version;
    const forbidden = forbiddenProducts(catalog, input, recommender.agriculturalContext.seasonalAware);
    const products = recommender.productsIn(catalog);
    const mask = Uint8Array.from(products, (product) => (product < 0 ? 1 : (forbidden[product] ?? 1)));
    if (input.preferences.excludePurchased) for (const item of recommender.historyOf(user)) mask[item] = 1;

    const all = recommender.score(user);
    const highest = home ? all.reduce((high, score) => Math.max(high, score)) : 0;
    if (home) {
      const weights = logLocalityWeights(products, catalog, home);
      weights.forEach((weight, item) => {
        all[item] = recommender.logShare(all[item] ?? 0, highest) + weight;
      });
    }
    const { indices, scores } = topK(all, input.limit, mask);
    const shareOf = (score: number): number =>
      Math.exp(home ? score : recommender.logShare(score, scores[0] ?? 0));
    const recommendations = Array.from(indices, (item, place) =>
      toRecommended(
        catalog.products[products[item] ?? -1],
        place,
        shareOf(scores[place] ?? 0),
        input.deliveryDate,
      ),
    );
    return {
      result: { recommendations },
      personalized: true,
      source: 'model',
      fallbackReason: undefined,
      model: { id, type, name, version },
      confidence: recommendations[0]?.score,
    };
  }

  private recommendPopular(input: RecommendationInput, fallbackReason: FallbackReason): Recommendations {
    const catalog = this.catalog.current;
    const popularity = catalog.popularityInSeason(input.deliveryDate);
    const { indices, scores } = topK(popularity, input.limit, forbiddenProducts(catalog, input, true));
    const highest = Math.max(scores[0] ?? 0, Number.MIN_VALUE);
    return {
      result: {
        recommendations: Array.from(indices, (product, place) =>
          toRecommended(catalog.products[product], place, (scores[place] ?? 0) / highest, input.deliveryDate),
        ),
      },
      personalized: false,
      source: 'popularity-in-season',
      fallbackReason,
      model: undefined,
      confidence: undefined,
    };
  }
}

function forbiddenProducts(
  catalog: CatalogIndex,
  input: RecommendationInput,
  inSeasonOnly: boolean,
): Uint8Array {
  const { preferences, deliveryDate } = input;
  const forbidden = catalog.forbidden({ ...preferences, inSeasonOnly, day: deliveryDate });
  for (const id of preferences.excludeProductIds) {
    const index = catalog.indexOf(id);
    if (index >= 0) forbidden[index] = 1;
  }
  return forbidden;
}

/** Farms without a place, and products without a farm, count as far away. Shape (items). */
function logLocalityWeights(products: Int32Array, catalog: CatalogIndex, home: Place): Float64Array {
  const far = Math.log(localityWeight(Number.POSITIVE_INFINITY, LOCALITY_SCALE_KM));
  const ofFarm = new Map<string, number>();
  return Float64Array.from(products, (product) => {
    const { farmId, place } = catalog.products[product] ?? NOWHERE;
    if (farmId === undefined || place === undefined) return far;
    // the distance is worked out once a farm, not once a product
    const known = ofFarm.get(farmId);
    if (known !== undefined) return known;
    const weight = Math.log(localityWeight(distanceKm(home, place), LOCALITY_SCALE_KM));
    ofFarm.set(farmId, weight);
    return weight;
  });
}

function toRecommended(
  product: CatalogProduct | undefined,
  place: number,
  score: number,
  day: string,
): RecommendedProduct {
  if (!product) throw new Error('A product outside the catalogue was ranked.');
  return {
    rank: place + 1,
    productId: product.id,
    name: product.name,
    category: product.category,
    farmId: product.farmId,
    unit: product.unit,
    price: product.priceMinor === undefined ? undefined : (product.priceMinor / MINOR_UNITS).toFixed(2),
    currency: product.currency,
    organic: isCertified(product.certifications, 'organic', day),
    score: Number(score.toFixed(SCORE_DIGITS)),
  };
}
