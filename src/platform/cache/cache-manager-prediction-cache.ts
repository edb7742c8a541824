import { Inject, Injectable } from '@nestjs/common';
import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';

import { PredictionCache } from '../../ports/prediction-cache.js';

/** The prediction cache on cache-manager; time to live and stores are set where the module is registered. */
@Injectable()
export class CacheManagerPredictionCache extends PredictionCache {
  constructor(@Inject(CACHE_MANAGER) private readonly cache: Cache) {
    super();
  }

  async get<T>(key: string): Promise<T | undefined> {
    return this.cache.get<T>(key);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.cache.set(key, value);
  }
}
