import { describe, it } from '@jest/globals';

import { AppConfig } from '../../src/config/app-config.js';
import { Database } from '../../src/platform/database/database.js';
import { BullmqTrainingQueue } from '../../src/platform/queue/bullmq-training-queue.js';
import { describeTrainingQueue, type QueueFixture } from '../contracts/training-queue.contract.js';
import { isRedisInstalled, startRedis } from '../support/redis-server.js';
import { createTestDatabase } from '../support/test-database.js';

/** Replicas over a database, and a Redis where one is given, of their own. */
async function openQueue(environment: Readonly<Record<string, string>> = {}): Promise<QueueFixture> {
  const test = await createTestDatabase();
  const config = AppConfig.load({ DATABASE_URL: test.url, ALMANAC_DATABASE_POOL: '2', ...environment });
  const database = await Database.open(config);
  const replicas: BullmqTrainingQueue[] = [];
  return {
    replica: async () => {
      const queue = new BullmqTrainingQueue(database, config);
      replicas.push(queue);
      return Promise.resolve(queue);
    },
    close: async () => {
      await Promise.all(replicas.map(async (queue) => queue.onApplicationShutdown()));
      await database.close();
      await test.drop();
    },
  };
}

describeTrainingQueue('PostgreSQL', openQueue);

if (isRedisInstalled) {
  describeTrainingQueue('Redis', async () => {
    const redis = await startRedis();
    const fixture = await openQueue({ REDIS_URL: redis.url });
    return {
      replica: fixture.replica,
      close: async () => {
        await fixture.close();
        await redis.stop();
      },
    };
  });
} else {
  describe('the training queue on Redis', () => {
    it.skip('needs redis-server, which is not installed', () => undefined);
  });
}
