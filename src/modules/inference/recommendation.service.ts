import { Injectable } from '@nestjs/common';

import { isCertified } from '../../ml/agriculture/certification.js';
import { distanceKm, localityWeight, type Place } from '../../ml/agriculture/locality.js';
import { topK } from '../../ml/math/top-k.js';
import { ON_THIS_THREAD, type CandidateFinder } from './candidate-finder.js';
import { withoutForbidden, type Candidates } from './candidates.js';
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
/** Candidates among which nearness decides: a distance takes off half of a share at most. */
const RERANKED = 1000;
const NOWHERE: Pick<CatalogProduct, 'farmId' | 'place'> = { farmId: undefined, place: undefined };

/** For whom, from where, and who works the candidates out. */
interface PersonalContext {
  readonly user: number;
  readonly home: Place | undefined;
  readonly finder: CandidateFinder;
}

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

  /** @param finder Who works the candidates out: this thread unless given. */
  async recommend(
    input: RecommendationInput,
    finder: CandidateFinder = ON_THIS_THREAD,
  ): Promise<Recommendations> {
    const recommender = this.host.recommender;
    if (!recommender) return this.recommendPopular(input, 'no-model-deployed');
    const user = recommender.findUser(input.userId);
    if (user === undefined) return this.recommendPopular(input, 'user-unknown-to-model');
    const isLocal = recommender.agriculturalContext.localityWeighting;
    const home = isLocal ? await this.catalog.findPlace(input.userId) : undefined;
    return this.recommendPersonally(recommender, { user, home, finder }, input);
  }

  private async recommendPersonally(
    recommender: LoadedRecommender,
    { user, home, finder }: PersonalContext,
    input: RecommendationInput,
  ): Promise<Recommendations> {
    const catalog = this.catalog.current;
    const { id, type, name, version } = recommender.version;
    const { seasonalAware } = recommender.agriculturalContext;
    const forbidden = forbiddenProducts(catalog, input, seasonalAware);
    if (input.preferences.excludePurchased) {
      const products = recommender.productsIn(catalog);
      // a write to −1, a product that is not there, writes nothing
      for (const item of recommender.historyOf(user)) forbidden[products[item] ?? -1] = 1;
    }
    const count = home ? Math.max(input.limit, RERANKED) : input.limit;
    const { revision } = catalog;
    let found = await finder.find(recommender, catalog, { user, forbidden, count });
    // another thread may have taken its time
    if (catalog.revision !== revision) {
      found = withoutForbidden(found, forbiddenProducts(catalog, input, seasonalAware));
    }
    const highest = found.scores[0] ?? 0;
    const best = home
      ? preferNear(found, catalog, home, (score) => recommender.logShare(score, highest))
      : found;
    const shareOf = (score: number): number => Math.exp(home ? score : recommender.logShare(score, highest));
    const recommendations = Array.from(best.products.subarray(0, input.limit), (product, place) =>
      toRecommended(catalog.products[product], place, shareOf(best.scores[place] ?? 0), input.deliveryDate),
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

/** Orders candidates anew by log share and nearness. Farms without a place, and products without a farm, count as far away. */
function preferNear(
  { products, scores }: Candidates,
  catalog: CatalogIndex,
  home: Place,
  logShareOf: (score: number) => number,
): Candidates {
  const far = Math.log(localityWeight(Number.POSITIVE_INFINITY, LOCALITY_SCALE_KM));
  const ofFarm = new Map<string, number>();
  const weighed = Float32Array.from(products, (product, place) => {
    const share = logShareOf(scores[place] ?? 0);
    const { farmId, place: farm } = catalog.products[product] ?? NOWHERE;
    if (farmId === undefined || farm === undefined) return share + far;
    // the distance is worked out once a farm, not once a product
    const known = ofFarm.get(farmId);
    if (known !== undefined) return share + known;
    const weight = Math.log(localityWeight(distanceKm(home, farm), LOCALITY_SCALE_KM));
    ofFarm.set(farmId, weight);
    return share + weight;
  });
  const best = topK(weighed, weighed.length);
  return { products: best.indices.map((place) => products[place]!), scores: best.scores };
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
