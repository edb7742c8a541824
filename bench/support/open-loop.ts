import { Agent, request } from 'node:http';

interface OpenLoop {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
}

/** Latencies of an open-loop load, in milliseconds. */
export interface OpenLoopResult {
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
}

/**
 * Sends requests at a steady rate, whether or not those before were answered, and measures each from the
 * moment it was due: a server that stalls is charged for all that had to wait.
 */
export async function openLoop({ url, headers, body, rate, seconds }: OpenLoop): Promise<OpenLoopResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const total = Math.round(rate * seconds);
  const latencies: number[] = [];
  let failures = 0;
  let sent = 0;
  const startedAt = performance.now();

  await new Promise<void>((resolve) => {
    const settle = (dueAt: number, isFailure: boolean): void => {
      latencies.push(performance.now() - dueAt);
      failures += isFailure ? 1 : 0;
      if (latencies.length === total) resolve();
    };
    const send = (dueAt: number): void => {
      const length = String(Buffer.byteLength(body));
      const call = request(url, { method: 'POST', agent, headers: { ...headers, 'content-length': length } });
      call.on('response', (response) => {
        response.resume().on('end', () => settle(dueAt, response.statusCode !== 200));
      });
      call.on('error', () => settle(dueAt, true));
      call.end(body);
    };
    const tick = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate));
      while (sent < due) {
        sent += 1;
        send(startedAt + (sent * 1000) / rate);
      }
      if (sent < total) setTimeout(tick, 1);
    };
    tick();
  });
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const quantile = (share: number): number =>
    latencies[Math.floor(share * (latencies.length - 1))] ?? Number.NaN;
  return { p50: quantile(0.5), p99: quantile(0.99), failures };
}
