import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';

import { AppConfig } from '../../config/app-config.js';
import { Metrics, type CounterMetric } from '../../ports/metrics.js';
import type { PredictionRecord } from './inference.types.js';
import { PredictionLogRepository, type PredictionFilter } from './prediction-log.repository.js';

/** A prediction to be logged. Most of its row is JSON that was written once, for all answers alike. */
export interface LoggedPrediction {
  readonly id: string;
  /** Members of the row that depend on question and answer alone, without braces; see `rowMembers`. */
  readonly membersJson: string;
  /** JSON of a new answer, or the id of the prediction whose answer was repeated from the cache. */
  readonly output: { readonly json: string } | { readonly sourceId: string };
  /** Milliseconds. */
  readonly inferenceTime: number;
  readonly createdAt: Date;
}

/** The part of a row that is the same for each time an answer is given. */
export function rowMembers(
  record: Pick<PredictionRecord, 'modelId' | 'modelVersion' | 'userId' | 'type' | 'input' | 'confidence'>,
): string {
  const { modelId, modelVersion, userId, type, input, confidence } = record;
  const members = {
    model_id: modelId,
    model_version: modelVersion,
    user_id: userId,
    type,
    input,
    confidence,
  };
  return JSON.stringify(members).slice(1, -1);
}

const FLUSH_MS = 50;
const ROWS_PER_BATCH = 1_000;
const RETRY_MS = 1_000;

/**
 * Writes the log of predictions in batches, away from the requests.
 *
 * The buffer is bounded: while the database cannot be reached the oldest entries make room, and
 * `almanac_prediction_log_dropped_total` counts them. A graceful stop writes what is left.
 */
@Injectable()
export class PredictionLogService implements OnApplicationShutdown {
  private readonly logger = new Logger(PredictionLogService.name);
  private readonly dropped: CounterMetric;
  private buffer: LoggedPrediction[] = [];
  private timer: NodeJS.Timeout | undefined;
  private active: Promise<void> | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly log: PredictionLogRepository,
    metrics: Metrics,
  ) {
    this.dropped = metrics.counter({
      name: 'almanac_prediction_log_dropped_total',
      help: 'Predictions that were answered but not logged, because the database was away too long.',
    });
  }

  add(prediction: LoggedPrediction): void {
    this.buffer.push(prediction);
    this.dropOldest();
    this.timer ??= setTimeout(() => this.wake(), FLUSH_MS);
  }

  /** Newest first; what is still in the buffer of this process is written before. */
  async list(filter: PredictionFilter): Promise<readonly PredictionRecord[]> {
    await this.flush();
    return this.log.list(filter);
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.flush();
    if (this.buffer.length > 0) this.logger.error(`${this.buffer.length} predictions could not be logged.`);
  }

  private wake(): void {
    this.timer = undefined;
    void this.flush();
  }

  /** Writes everything that is in the buffer now. Never rejects: a batch that fails stays in it. */
  private async flush(): Promise<void> {
    await this.active;
    this.active = this.drain();
    await this.active;
  }

  private async drain(): Promise<void> {
    while (this.buffer.length > 0) {
      const batch = this.buffer.splice(0, ROWS_PER_BATCH);
      try {
        await this.log.append(toRows(batch));
      } catch (error) {
        this.logger.warn(`The prediction log was not written, ${this.buffer.length} wait: ${String(error)}`);
        this.buffer = [...batch, ...this.buffer];
        this.dropOldest();
        this.timer ??= setTimeout(() => this.wake(), RETRY_MS);
        return;
      }
    }
  }

  private dropOldest(): void {
    const excess = this.buffer.length - this.config.predictionLogSize;
    if (excess <= 0) return;
    this.buffer.splice(0, excess);
    this.dropped.increment(undefined, excess);
  }
}

/** Rows as the repository wants them; what was JSON already is not parsed and written again. */
function toRows(predictions: readonly LoggedPrediction[]): string {
  const rows = predictions.map(({ id, membersJson, output, inferenceTime, createdAt }) => {
    const answer =
      'json' in output
        ? `"cached":false,"output":${output.json}`
        : `"cached":true,"source_id":"${output.sourceId}"`;
    return `{"id":"${id}",${membersJson},"inference_time":${inferenceTime},"created_at":"${createdAt.toISOString()}",${answer}}`;
  });
  return `[${rows.join(',')}]`;
}
