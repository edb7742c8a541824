import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

import { Clock } from '../../ports/clock.js';
import { Metrics, type CounterMetric, type HistogramMetric } from '../../ports/metrics.js';
import { PredictionCache } from '../../ports/prediction-cache.js';
import type { ProductImprint } from './catalog-index.js';
import type { RecommendationInput } from './inference.types.js';
import { PredictionLogService } from './prediction-log.service.js';
import { RecommendationService } from './recommendation.service.js';

/** What a request may leave out. */
export type RequestedRecommendation = Pick<RecommendationInput, 'userId'> & {
  readonly limit?: number | undefined;
  readonly deliveryDate?: string | undefined;
  readonly preferences?: Partial<RecommendationInput['preferences']> | undefined;
};

/** One answer. `dataJson` is the `data` of the body, written once and kept with the cache entry. */
export interface PredictionAnswer {
  readonly dataJson: string;
  readonly cached: boolean;
  /** Milliseconds of service time. */
  readonly inferenceTime: number;
}

/** What the cache keeps. `json` is the data of the answer without its id. */
interface CachedAnswer {
  readonly json: string;
  readonly products: readonly ProductImprint[];
  readonly modelId: string | undefined;
  readonly modelVersion: number | undefined;
  readonly confidence: number | undefined;
}

const TYPE = 'recommendation';
const DEFAULT_LIMIT = 10;

/** Answers prediction requests: from the cache when it can, and logs every answer. */
@Injectable()
export class PredictionsService {
  private readonly answers: CounterMetric<'type' | 'version'>;
  private readonly lookups: CounterMetric<'result'>;
  private readonly seconds: HistogramMetric<'type'>;

  constructor(
    private readonly recommendations: RecommendationService,
    private readonly cache: PredictionCache,
    private readonly log: PredictionLogService,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.answers = metrics.counter({
      name: 'almanac_predictions_total',
      help: 'Predictions answered, by type and model version; version 0 is the fallback.',
      labels: ['type', 'version'],
    });
    this.lookups = metrics.counter({
      name: 'almanac_prediction_cache_total',
      help: 'Look-ups of the prediction cache, by result: hit, miss or stale.',
      labels: ['result'],
    });
    this.seconds = metrics.histogram({
      name: 'almanac_prediction_seconds',
      help: 'Service time of predictions that were not in the cache.',
      labels: ['type'],
      buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1],
    });
  }

  async recommend(request: RequestedRecommendation): Promise<PredictionAnswer> {
    const startedAt = performance.now();
    const now = this.clock.now();
    const input = complete(request, now);
    const key = cacheKey(this.recommendations.servingVersion, input);
    const known = await this.lookUp(key);
    const answer = known ?? (await this.compute(input, key));

    const inferenceTime = Math.round((performance.now() - startedAt) * 1000) / 1000;
    if (!known) this.seconds.observe(inferenceTime / 1000, { type: TYPE });
    this.answers.increment({ type: TYPE, version: String(answer.modelVersion ?? 0) });
    const id = randomUUID();
    this.log.add({
      ...{ id, modelId: answer.modelId, modelVersion: answer.modelVersion, confidence: answer.confidence },
      ...{ userId: input.userId, type: TYPE, input, outputJson: answer.json },
      ...{ inferenceTime, cached: known !== undefined, createdAt: now },
    });
    return {
      dataJson: `{"predictionId":"${id}",${answer.json.slice(1)}`,
      cached: known !== undefined,
      inferenceTime,
    };
  }

  private async lookUp(key: string): Promise<CachedAnswer | undefined> {
    const known = await this.cache.get<CachedAnswer>(key);
    const result = !known ? 'miss' : this.recommendations.isStillGood(known.products) ? 'hit' : 'stale';
    this.lookups.increment({ result });
    return result === 'hit' ? known : undefined;
  }

  /** Only whole personal answers are kept: a short or general one may be better a moment later. */
  private async compute(input: RecommendationInput, key: string): Promise<CachedAnswer> {
    const recommendations = await this.recommendations.recommend(input);
    const { model, confidence, ...rest } = recommendations;
    const answer: CachedAnswer = {
      json: JSON.stringify({ type: TYPE, userId: input.userId, ...rest, confidence, model }),
      products: this.recommendations.imprint(recommendations),
      modelId: model?.id,
      modelVersion: model?.version,
      confidence,
    };
    const isWhole = recommendations.personalized && answer.products.length === input.limit;
    if (isWhole) await this.cache.set(key, answer);
    return answer;
  }
}

function complete(
  { userId, limit, deliveryDate, preferences }: RequestedRecommendation,
  now: Date,
): RecommendationInput {
  return {
    userId,
    limit: limit ?? DEFAULT_LIMIT,
    deliveryDate: deliveryDate ?? now.toISOString().slice(0, 10),
    preferences: {
      categories: (preferences?.categories ?? []).map((category) => category.toUpperCase()).sort(),
      organicOnly: preferences?.organicOnly ?? false,
      biodynamicOnly: preferences?.biodynamicOnly ?? false,
      excludePurchased: preferences?.excludePurchased ?? false,
      excludeProductIds: preferences?.excludeProductIds ?? [],
    },
  };
}

/** Everything an answer depends on, but for what is checked on every hit. */
function cacheKey(servingVersion: string, input: RecommendationInput): string {
  return createHash('sha256')
    .update(`${servingVersion}\n${JSON.stringify(input)}`)
    .digest('base64url');
}
