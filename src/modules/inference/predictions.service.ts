import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

import { yieldToEventLoop } from '../../ml/core/event-loop.js';
import { Clock } from '../../ports/clock.js';
import { Metrics, type CounterMetric, type HistogramMetric } from '../../ports/metrics.js';
import { PredictionCache } from '../../ports/prediction-cache.js';
import type { CandidateFinder } from './candidate-finder.js';
import type { ProductImprint } from './catalog-index.js';
import type { RecommendationInput } from './inference.types.js';
import { PooledCandidates } from './pooled-candidates.js';
import { completeInput, type RequestedRecommendation } from './requested-recommendation.js';
import { PredictionLogService, rowMembers } from './prediction-log.service.js';
import { RecommendationService } from './recommendation.service.js';

/** One answer. `dataJson` is the `data` of the body, written once and kept with the cache entry. */
export interface PredictionAnswer {
  readonly dataJson: string;
  readonly cached: boolean;
  /** Milliseconds of service time. */
  readonly inferenceTime: number;
}

/** What the cache keeps. `json` is the data of the answer without its id. */
interface CachedAnswer {
  /** The prediction in which it was given first. */
  readonly sourceId: string;
  readonly json: string;
  readonly products: readonly ProductImprint[];
  /** Up to where the activity of the user is in it. */
  readonly activityCursor: number;
  readonly modelVersion: number | undefined;
  /** For the log. */
  readonly membersJson: string;
}

/** A request with its defaults, and the key of its answer. */
interface PreparedRequest {
  readonly day: string;
  readonly servingVersion: string;
  readonly input: RecommendationInput;
  readonly key: string;
}

interface Computation {
  readonly input: RecommendationInput;
  readonly key: string;
  readonly finder: CandidateFinder | undefined;
}

/** Requests of a batch that are begun together: one takes some 30 µs until a thread has it. */
const REQUESTS_PER_TURN = 8;
const TYPE = 'recommendation';
const DAY_MS = 86_400_000;
let lastDay = { day: Number.NaN, text: '' };

/** Answers prediction requests: from the cache when it can, and logs every answer. */
@Injectable()
export class PredictionsService {
  private readonly answers: CounterMetric<'type' | 'version'>;
  private readonly lookups: CounterMetric<'result'>;
  private readonly seconds: HistogramMetric<'type'>;
  /** Requests that come again are the same frozen object: see RequestValidationPipe. */
  private readonly prepared = new WeakMap<RequestedRecommendation, PreparedRequest>();

  constructor(
    private readonly recommendations: RecommendationService,
    private readonly cache: PredictionCache,
    private readonly log: PredictionLogService,
    private readonly clock: Clock,
    private readonly pooled: PooledCandidates,
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

  /** Answers many requests, in their order; what is not in the cache is worked out away from the event loop. */
  async recommendMany(requests: readonly RequestedRecommendation[]): Promise<readonly PredictionAnswer[]> {
    const answers: Promise<PredictionAnswer>[] = [];
    for (const request of requests) {
      const answer = this.recommend(request, this.pooled);
      // a failure is thrown when all are awaited, not as an unhandled rejection before
      answer.catch(() => undefined);
      answers.push(answer);
      if (answers.length % REQUESTS_PER_TURN === 0) await yieldToEventLoop();
    }
    return Promise.all(answers);
  }

  /** @param finder Who works the candidates out: this thread unless given. */
  async recommend(request: RequestedRecommendation, finder?: CandidateFinder): Promise<PredictionAnswer> {
    const startedAt = performance.now();
    const now = this.clock.now();
    const { input, key } = this.prepare(request, now);
    const known = await this.lookUp(key, input.userId);
    const id = randomUUID();
    const answer = known ?? (await this.compute(id, { input, key, finder }));

    const inferenceTime = Math.round((performance.now() - startedAt) * 1000) / 1000;
    if (!known) this.seconds.observe(inferenceTime / 1000, { type: TYPE });
    this.answers.increment({ type: TYPE, version: String(answer.modelVersion ?? 0) });
    this.log.add({
      id,
      membersJson: answer.membersJson,
      output: known ? { sourceId: known.sourceId } : { json: answer.json },
      inferenceTime,
      createdAt: now,
    });
    return {
      dataJson: `{"predictionId":"${id}",${answer.json.slice(1)}`,
      cached: known !== undefined,
      inferenceTime,
    };
  }

  private prepare(request: RequestedRecommendation, now: Date): PreparedRequest {
    const day = dayOf(now);
    const { servingVersion } = this.recommendations;
    const known = this.prepared.get(request);
    if (known?.day === day && known.servingVersion === servingVersion) return known;
    const input = completeInput(request, day);
    const prepared = { day, servingVersion, input, key: cacheKey(servingVersion, input) };
    this.prepared.set(request, prepared);
    return prepared;
  }

  private async lookUp(key: string, userId: string): Promise<CachedAnswer | undefined> {
    const known = await this.cache.get<CachedAnswer>(key);
    const isGood = known && this.recommendations.isStillGood(userId, known.activityCursor, known.products);
    const result = !known ? 'miss' : isGood ? 'hit' : 'stale';
    this.lookups.increment({ result });
    return result === 'hit' ? known : undefined;
  }

  /** Only whole personal answers are kept: a short or general one may be better a moment later. */
  private async compute(sourceId: string, { input, key, finder }: Computation): Promise<CachedAnswer> {
    const recommendations = await this.recommendations.recommend(input, finder);
    const { model, confidence, activityCursor, ...rest } = recommendations;
    const answer: CachedAnswer = {
      sourceId,
      json: JSON.stringify({ type: TYPE, userId: input.userId, ...rest, confidence, model }),
      products: this.recommendations.imprint(recommendations),
      activityCursor,
      modelVersion: model?.version,
      membersJson: rowMembers({
        modelId: model?.id,
        modelVersion: model?.version,
        userId: input.userId,
        type: TYPE,
        input,
        confidence,
      }),
    };
    const isWhole = recommendations.personalized && answer.products.length === input.limit;
    if (isWhole) await this.cache.set(key, answer);
    return answer;
  }
}

/** ISO 8601 date in UTC. Written once a day, not once a request. */
function dayOf(now: Date): string {
  const day = Math.floor(now.getTime() / DAY_MS);
  if (day !== lastDay.day) lastDay = { day, text: now.toISOString().slice(0, 10) };
  return lastDay.text;
}

/** Everything an answer depends on, but for what is checked on every hit. */
function cacheKey(servingVersion: string, input: RecommendationInput): string {
  return createHash('sha256')
    .update(`${servingVersion}\n${JSON.stringify(input)}`)
    .digest('base64url');
}
