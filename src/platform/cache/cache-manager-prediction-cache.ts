import { Inject, Injectable } from '@nestjs/common';
import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';

import { AppConfig } from '../../config/app-config.js';
import { PredictionCache } from '../../ports/prediction-cache.js';

/** The prediction cache on cache-manager; its stores are set where its module is registered. */
@Injectable()
export class CacheManagerPredictionCache extends PredictionCache {
  private readonly ttlMs: number;

  constructor(
    @Inject(CACHE_MANAGER) private readonly cache: Cache,
    { cacheTtlSeconds }: AppConfig,
  ) {
    super();
    this.ttlMs = cacheTtlSeconds * 1000;
  }

  async get<T>(key: string): Promise<T | undefined> {
    return this.cache.get<T>(key);
  }

  /** A time to live of 0 means that nothing is kept; to Keyv it would mean for ever. */
  async set(key: string, value: unknown): Promise<void> {
    if (this.ttlMs > 0) await this.cache.set(key, value, this.ttlMs);
  }
}
