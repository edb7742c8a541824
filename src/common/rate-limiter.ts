import { RateLimitedError } from './http.errors.js';

const WINDOW_MS = 60_000;

/** How much of the present window a caller has left. */
export interface RateLimitState {
  readonly remaining: number;
  readonly resetSeconds: number;
}

/**
 * Counts requests by caller in fixed windows of a minute.
 *
 * A caller can send up to twice the limit around the change of a window: the limit protects the
 * service from a runaway client, it does not meter. Counts are those of this process; N replicas
 * together let N times the limit pass.
 */
export class RateLimiter {
  private counts = new Map<string, number>();
  private windowEnd = 0;

  constructor(readonly limitPerMinute: number) {}

  /** @returns What is left after this request; below 0 it is to be refused. */
  count(caller: string, now: number): RateLimitState {
    if (now >= this.windowEnd) {
      this.counts = new Map();
      this.windowEnd = now + WINDOW_MS;
    }
    const used = (this.counts.get(caller) ?? 0) + 1;
    this.counts.set(caller, used);
    return {
      remaining: this.limitPerMinute - used,
      resetSeconds: Math.ceil((this.windowEnd - now) / 1000),
    };
  }

  /** The error for a caller whose `remaining` is below 0. */
  refusal({ resetSeconds }: RateLimitState): RateLimitedError {
    return new RateLimitedError(this.limitPerMinute, resetSeconds);
  }
}
