import { Injectable } from '@nestjs/common';

import { isCertified } from '../../ml/agriculture/certification.js';
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

  recommend(input: RecommendationInput): Recommendations {
    const recommender = this.host.recommender;
    if (!recommender) return this.recommendPopular(input, 'no-model-deployed');
    const user = recommender.findUser(input.userId);
    if (user === undefined) return this.recommendPopular(input, 'user-unknown-to-model');
    return this.recommendPersonally(recommender, user, input);
  }

  private recommendPersonally(
    recommender: LoadedRecommender,
    user: number,
    input: RecommendationInput,
  ): Recommendations {
    const catalog = this.catalog.current;
    const { id, type, name, version, config } = recommender.version;
    const forbidden = forbiddenProducts(catalog, input, isSeasonalAware(config));
    const products = recommender.productsIn(catalog);
    const mask = Uint8Array.from(products, (product) => (product < 0 ? 1 : (forbidden[product] ?? 1)));
    if (input.preferences.excludePurchased) for (const item of recommender.historyOf(user)) mask[item] = 1;

    const { indices, scores } = topK(recommender.score(user), input.limit, mask);
    const recommendations = Array.from(indices, (item, place) =>
      toRecommended(catalog.products[products[item] ?? -1], place, scores[place] ?? 0, input.deliveryDate),
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

/** What the training was told (`agriculturalContext`); the default is true. */
function isSeasonalAware(config: Readonly<Record<string, unknown>>): boolean {
  const context = config['agriculturalContext'];
  return !(
    typeof context === 'object' &&
    context !== null &&
    'seasonalAware' in context &&
    context.seasonalAware === false
  );
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
