import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';

const ATTEMPTS = 5;

/** Whether the tests that need Redis can run here; they are skipped with a message otherwise. */
export const isRedisInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** A Redis of one's own, that keeps nothing. */
export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `redis-server` on a free port of 127.0.0.1, or the one of `url`, and waits until it accepts connections. */
export async function startRedis(url?: string): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = url === undefined ? await freePort() : Number(new URL(url).port);
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const redis = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(redis, 'exit');
    if (await saysReady(redis)) {
      return {
        url: `redis://127.0.0.1:${port}`,
        stop: async () => {
          redis.kill('SIGTERM');
          await exited;
        },
      };
    }
    // somebody took the port in between
    if (attempt === ATTEMPTS) throw new Error(`redis-server ended ${ATTEMPTS} times before it was ready.`);
  }
}

/** @returns False when it ends before. */
async function saysReady({ stdout }: ChildProcessByStdio<null, Readable, null>): Promise<boolean> {
  let text = '';
  return new Promise((resolve) => {
    // read to the end, or the server would wait for room in the pipe
    stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Ready to accept connections')) resolve(true);
    });
    stdout.on('end', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
