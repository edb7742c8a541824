import { resolve } from 'node:path';

import { EnvironmentReader, InvalidEnvironmentError } from './environment-reader.js';

/** Which parts of Almanac this process runs. */
export type ProcessRole = 'api' | 'worker' | 'all';

/** How tokens are verified: with a shared secret, or with the public keys of an identity provider. */
export type TokenVerification =
  | { readonly kind: 'secret'; readonly secret: string | undefined }
  | { readonly kind: 'jwks'; readonly url: string };

/**
 * Everything that can be set from outside, typed and checked once at start.
 *
 * Each field names its variable. `load` is pure: the same environment gives the same configuration.
 */
export class AppConfig {
  private constructor(
    /** NODE_ENV is `production`: no secret is made up, logs are JSON. */
    readonly isProduction: boolean,
    /** ALMANAC_ROLE: `api`, `worker` or `all` (default). */
    readonly role: ProcessRole,
    /** PORT, default 3000. 0 takes a free one. */
    readonly port: number,
    /** ALMANAC_HOST, default 127.0.0.1, in production 0.0.0.0. */
    readonly host: string,
    /** DATABASE_URL. Absent: embedded PostgreSQL under `dataDirectory`. */
    readonly databaseUrl: string | undefined,
    /** ALMANAC_DATABASE_POOL, connections of the pool, default 10. */
    readonly databasePoolSize: number,
    /** REDIS_URL. Absent: queue on PostgreSQL, cache in memory. */
    readonly redisUrl: string | undefined,
    /** ALMANAC_DATA, default ./data. */
    readonly dataDirectory: string,
    /** ML_MODELS_DIR, default ./ml-models. */
    readonly modelsDirectory: string,
    /** ML_MAX_CONCURRENT_JOBS, trainings that run at once over all replicas, default 2. */
    readonly maxConcurrentJobs: number,
    /** ML_QUEUE_SIZE, trainings that may wait, default 10. */
    readonly queueSize: number,
    /** ML_CACHE_TTL, seconds a prediction is kept, default 3600. */
    readonly cacheTtlSeconds: number,
    /** ALMANAC_CACHE_SIZE, predictions kept in memory, default 20000. */
    readonly cacheSize: number,
    /** ML_GPU_ENABLED, ML_GPU_MEMORY_MB, ML_CUDA_CORES: read for the GPU tier. */
    readonly gpu: {
      readonly enabled: boolean;
      readonly memoryMb: number | undefined;
      readonly cudaCores: number | undefined;
    },
    /** ALMANAC_TRAINER_THREADS, threads a training may use, default 1 (deterministic). */
    readonly trainerThreads: number,
    /** ALMANAC_TRAINER_NICE, how far a training steps back for requests, default 19: as far as it can. */
    readonly trainerNice: number,
    /** ALMANAC_JWT_SECRET (HS256, at least 32 bytes) or ALMANAC_JWKS_URL (RS256, ES256). */
    readonly tokens: TokenVerification,
    /** ALMANAC_JWT_ISSUER, default `almanac`. */
    readonly tokenIssuer: string,
    /** ALMANAC_JWT_AUDIENCE, default `almanac`. */
    readonly tokenAudience: string,
    /** ALMANAC_DEMO: `on`, `off`, or `auto` (default): on for an empty embedded database outside production. */
    readonly demo: 'on' | 'off' | 'auto',
    /** ALMANAC_RATE_LIMIT, requests a minute and caller; 0 switches the limit off. Default 1200000. */
    readonly rateLimitPerMinute: number,
    /** ALMANAC_LOG_LEVEL, default `info`. */
    readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent',
    /** ALMANAC_SHUTDOWN_SECONDS, grace given to running requests and jobs, default 10. */
    readonly shutdownSeconds: number,
    /** ALMANAC_PREDICTION_LOG_SIZE, predictions buffered before some are dropped, default 50000. */
    readonly predictionLogSize: number,
    /** ALMANAC_ACTIVITY_ROWS, orders and events of users kept in memory, default 1000000 (some 60 MB). */
    readonly activityRows: number,
  ) {
    Object.freeze(this);
  }

  /** @throws InvalidEnvironmentError naming every variable that is wrong; values never appear in it. */
  static load(environment: Readonly<Record<string, string | undefined>>): AppConfig {
    const read = new EnvironmentReader(environment);
    const isProduction = environment['NODE_ENV'] === 'production';
    const databaseUrl = read.text('DATABASE_URL');
    const config = new AppConfig(
      isProduction,
      read.choice('ALMANAC_ROLE', ['api', 'worker', 'all'], 'all'),
      read.integer('PORT', { min: 0, max: 65_535 }, 3000),
      read.text('ALMANAC_HOST') ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
      databaseUrl,
      read.integer('ALMANAC_DATABASE_POOL', { min: 2, max: 1000 }, 10),
      read.text('REDIS_URL'),
      resolve(read.text('ALMANAC_DATA') ?? 'data'),
      resolve(read.text('ML_MODELS_DIR') ?? 'ml-models'),
      read.integer('ML_MAX_CONCURRENT_JOBS', { min: 1, max: 64 }, 2),
      read.integer('ML_QUEUE_SIZE', { min: 1, max: 10_000 }, 10),
      read.integer('ML_CACHE_TTL', { min: 0, max: 31_536_000 }, 3600),
      read.integer('ALMANAC_CACHE_SIZE', { min: 1, max: 10_000_000 }, 20_000),
      {
        enabled: read.flag('ML_GPU_ENABLED', false),
        memoryMb: read.optionalInteger('ML_GPU_MEMORY_MB', { min: 1, max: 10_000_000 }),
        cudaCores: read.optionalInteger('ML_CUDA_CORES', { min: 1, max: 10_000_000 }),
      },
      read.integer('ALMANAC_TRAINER_THREADS', { min: 1, max: 64 }, 1),
      read.integer('ALMANAC_TRAINER_NICE', { min: 0, max: 19 }, 19),
      readTokens(read, isProduction),
      read.text('ALMANAC_JWT_ISSUER') ?? 'almanac',
      read.text('ALMANAC_JWT_AUDIENCE') ?? 'almanac',
      readDemo(read),
      read.integer('ALMANAC_RATE_LIMIT', { min: 0, max: 100_000_000 }, 1_200_000),
      read.choice('ALMANAC_LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'silent'], 'info'),
      read.integer('ALMANAC_SHUTDOWN_SECONDS', { min: 1, max: 3600 }, 10),
      read.integer('ALMANAC_PREDICTION_LOG_SIZE', { min: 1, max: 10_000_000 }, 50_000),
      read.integer('ALMANAC_ACTIVITY_ROWS', { min: 1, max: 1_000_000_000 }, 1_000_000),
    );
    if (isProduction && databaseUrl === undefined && read.text('ALMANAC_DATA') === undefined) {
      read.refuse(
        'DATABASE_URL',
        'set in production (or ALMANAC_DATA, to keep an embedded database there on purpose)',
      );
    }
    if (read.problems.length > 0) throw new InvalidEnvironmentError(read.problems);
    return config;
  }
}

function readTokens(read: EnvironmentReader, isProduction: boolean): TokenVerification {
  const url = read.url('ALMANAC_JWKS_URL');
  if (url !== undefined) return { kind: 'jwks', url };

  const secret = read.text('ALMANAC_JWT_SECRET');
  if (secret !== undefined && Buffer.byteLength(secret) < 32) {
    read.refuse('ALMANAC_JWT_SECRET', 'at least 32 bytes long');
  }
  if (secret === undefined && isProduction) {
    read.refuse('ALMANAC_JWT_SECRET', 'set in production (at least 32 bytes), or ALMANAC_JWKS_URL instead');
  }
  return { kind: 'secret', secret };
}

function readDemo(read: EnvironmentReader): 'on' | 'off' | 'auto' {
  const text = read.text('ALMANAC_DEMO')?.toLowerCase();
  if (text === undefined || text === 'auto') return 'auto';
  return read.flag('ALMANAC_DEMO', true) ? 'on' : 'off';
}
