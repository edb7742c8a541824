import { Injectable } from '@nestjs/common';

import { isCertified } from '../../ml/agriculture/certification.js';
import { Clock } from '../../ports/clock.js';
import { ON_THIS_THREAD, type CandidateFinder } from './candidate-finder.js';
import { CatalogIndexService } from './catalog-index.service.js';
import type { CatalogProduct, ProductImprint } from './catalog-index.js';
import type { ScoredProducts } from './ranked-products.js';
import type {
  FallbackReason,
  RecommendationInput,
  Recommendations,
  RecommendedProduct,
} from './inference.types.js';
import { buildList } from './list-builder.js';
import type { LoadedRecommender } from './loaded-recommender.js';
import { scoreForUser, type ModelScores } from './model-scores.js';
import { ModelHostService } from './model-host.service.js';
import { forbiddenProducts } from './product-filter.js';
import { logWeight } from './product-weight.js';
import { Reasons } from './reasons.js';
import { defaultsOf, FALLBACK_DEFAULTS, toContext, type RequestContext } from './request-context.js';
import { ShopStatisticsService } from './shop-statistics.service.js';
import { UserActivityService } from './user-activity.service.js';

const MINOR_UNITS = 100;
const SCORE_DIGITS = 6;
/** Popularity of a product bought once, out of season, and one that stands for none: a share that rounds to 0. */
const LEAST_POPULARITY = 1e-3;
const NO_PURCHASE = 1e-12;

/** An answer, and up to where the user's activity is in it. */
export interface MadeRecommendations extends Recommendations {
  readonly activityCursor: number;
}

/** Ranks the whole catalogue for a user and keeps what the request allows. */
@Injectable()
export class RecommendationService {
  constructor(
    private readonly host: ModelHostService,
    private readonly catalog: CatalogIndexService,
    private readonly activity: UserActivityService,
    private readonly statistics: ShopStatisticsService,
    private readonly clock: Clock,
  ) {}

  /** Which version would answer: part of a cache key. */
  get servingVersion(): string {
    return this.host.recommender?.version.id ?? 'none';
  }

  /** Whether an answer given earlier can be given again: its products are as they were, and so is its user. */
  isStillGood(userId: string, activityCursor: number, products: readonly ProductImprint[]): boolean {
    return this.activity.isCurrent(userId, activityCursor) && this.catalog.current.isUnchanged(products);
  }

  /** The products of an answer as they are now. */
  imprint({ result }: Recommendations): readonly ProductImprint[] {
    const { current } = this.catalog;
    return result.recommendations.map(({ productId }) => [
      productId,
      current.products[current.indexOf(productId)]?.imprint ?? '',
    ]);
  }

  /**
   * @param finder Who works the candidates out: this thread unless given.
   * @throws LocationNeededError when a distance is asked for from nowhere.
   */
  async recommend(
    input: RecommendationInput,
    finder: CandidateFinder = ON_THIS_THREAD,
  ): Promise<MadeRecommendations> {
    const activity = await this.activity.read(input.userId);
    const surroundings = {
      now: this.clock.now(),
      catalog: this.catalog.current,
      statistics: this.statistics.current,
      activity,
    };
    // one version from here on, whatever is deployed meanwhile
    const { recommender } = this.host;
    const popular = (reason: FallbackReason): MadeRecommendations =>
      recommendPopular(toContext(input, FALLBACK_DEFAULTS, surroundings), reason);
    if (recommender === undefined) return popular('no-model-deployed');
    const context = toContext(input, defaultsOf(recommender.agriculturalContext), surroundings);
    const forbidden = (): Uint8Array => forbiddenProducts(context, trainedProducts(context, recommender));
    const scored = await scoreForUser(recommender, context, { finder, forbidden });
    if (scored === undefined) return popular('user-unknown-to-model');
    return recommendPersonally(context, recommender, scored);
  }
}

function recommendPersonally(
  context: RequestContext,
  recommender: LoadedRecommender,
  candidates: ModelScores,
): MadeRecommendations {
  const { id, type, name, version } = recommender.version;
  const recommendations = makeList(context, candidates, trainedProducts(context, recommender));
  return {
    result: { recommendations },
    personalized: true,
    source: 'model',
    profile: candidates.profile,
    fallbackReason: undefined,
    model: { id, type, name, version },
    confidence: recommendations[0]?.score,
    activityCursor: context.activity.cursor,
  };
}

/** Products that the user had when the model was trained; −1 for one that the catalogue never had. */
function trainedProducts(
  { input, catalog }: RequestContext,
  recommender: LoadedRecommender,
): readonly number[] {
  const user = recommender.findUser(input.userId);
  if (user === undefined) return [];
  const products = recommender.productsIn(catalog);
  return Array.from(recommender.historyOf(user), (item) => products[item] ?? -1);
}

function recommendPopular(context: RequestContext, fallbackReason: FallbackReason): MadeRecommendations {
  const { catalog, input } = context;
  const candidates: ScoredProducts = {
    scores: catalog.popularityInSeason(input.deliveryDate),
    products: Int32Array.from(catalog.products.keys()),
    logShare: (score, highest) =>
      Math.log(Math.max(score, NO_PURCHASE) / Math.max(highest, LEAST_POPULARITY)),
  };
  return {
    result: { recommendations: makeList(context, candidates, []) },
    personalized: false,
    source: 'popularity-in-season',
    profile: undefined,
    fallbackReason,
    model: undefined,
    confidence: undefined,
    activityCursor: context.activity.cursor,
  };
}

function makeList(
  context: RequestContext,
  candidates: ScoredProducts,
  trainedHistory: Iterable<number>,
): readonly RecommendedProduct[] {
  const { catalog, input } = context;
  const forbidden = forbiddenProducts(context, trainedHistory);
  const list = buildList(candidates, { catalog, forbidden, weight: logWeight(context) }, input);
  const reasons = new Reasons(context);
  return list.map(({ product, logValue }, place) => ({
    ...toRecommended(product, place, logValue, input.deliveryDate),
    reasons: reasons.of(product),
  }));
}

function toRecommended(
  product: CatalogProduct,
  place: number,
  logValue: number,
  day: string,
): Omit<RecommendedProduct, 'reasons'> {
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
    score: Number(Math.exp(logValue).toFixed(SCORE_DIGITS)),
  };
}
