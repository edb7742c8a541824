import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether the tests that need Redis can run here; they are skipped with a message otherwise. */
export const isRedisInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** A Redis of one's own, that keeps nothing. */
export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `redis-server` on a free port of 127.0.0.1. Clients wait until it accepts connections. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = spawn('redis-server', options, { stdio: 'ignore' });
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      redis.kill('SIGTERM');
      await once(redis, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
