import { Logger } from '@nestjs/common';
import KeyvRedis, { createClient } from '@keyv/redis';
import { Keyv } from 'keyv';

const PING_MS = 1000;
const SILENCE_MS = 3000;
const LONGEST_RETRY_MS = 2000;

/**
 * Keeps the answers that replicas share, in Redis.
 *
 * A Redis that is away is an empty cache and never makes a request wait: nothing is queued for it, it is connected to
 * in the background, and a connection that has been silent for 3 s is cut.
 */
export function createRedisStore(url: string): Keyv {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    socket: {
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (attempt: number) => Math.min(50 * 2 ** attempt, LONGEST_RETRY_MS),
    },
  });
  const logger = new Logger('RedisStore');
  let isDown = false;
  client.on('error', (error: Error) => {
    if (!isDown) logger.warn(`The shared cache is away, answers are cached here alone: ${error.message}`);
    isDown = true;
  });
  client.on('ready', () => {
    if (isDown) logger.log('The shared cache is back.');
    isDown = false;
  });
  client.connect().catch(() => undefined); // told by the event; ends when it is closed before it was ever reached

  const namespace = 'almanac';
  const store = new KeyvRedis(client, { namespace });
  store.on('error', () => undefined); // each command that was refused; the connection is told about above
  const keyv = new Keyv(store, { namespace, useKeyPrefix: false });
  keyv.on('error', () => undefined);
  return keyv;
}
