import { describe, expect, it } from '@jest/globals';

import { RateLimiter } from './rate-limiter.js';

describe('RateLimiter', () => {
  it('counts each caller down and starts anew after a minute', () => {
    const limiter = new RateLimiter(2);
    expect(limiter.count('a', 0)).toEqual({ remaining: 1, resetSeconds: 60 });
    expect(limiter.count('a', 59_001)).toEqual({ remaining: 0, resetSeconds: 1 });
    expect(limiter.count('b', 59_001)).toEqual({ remaining: 1, resetSeconds: 1 });
    expect(limiter.count('a', 59_999)).toEqual({ remaining: -1, resetSeconds: 1 });
    expect(limiter.count('a', 60_000)).toEqual({ remaining: 1, resetSeconds: 60 });
  });

  it('says when to try again', () => {
    const limiter = new RateLimiter(1);
    expect(limiter.refusal(limiter.count('a', 0)).retryAfterSeconds).toBe(60);
  });
});
