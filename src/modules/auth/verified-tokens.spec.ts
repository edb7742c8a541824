import { describe, expect, it } from '@jest/globals';

import type { Caller } from './auth.types.js';
import { VerifiedTokens } from './verified-tokens.js';

const caller: Caller = { subject: 'ada', role: 'user' };

describe('VerifiedTokens', () => {
  it('knows a token until it expires, then never again', () => {
    const tokens = new VerifiedTokens();
    tokens.remember('Bearer a', { caller, expiresAt: 1000 }, 0);
    expect(tokens.find('Bearer a', 999)).toBe(caller);
    expect(tokens.find('Bearer a', 1000)).toBeUndefined();
    expect(tokens.find('Bearer a', 0)).toBeUndefined();
  });

  it('believes a long-lived token for five minutes only', () => {
    const tokens = new VerifiedTokens();
    tokens.remember('Bearer a', { caller, expiresAt: 10_000_000 }, 0);
    expect(tokens.find('Bearer a', 299_999)).toBe(caller);
    expect(tokens.find('Bearer a', 300_000)).toBeUndefined();
  });

  it.each(['Bearer b', 'bearer a', 'Bearer a ', undefined])(
    'does not take %p for another header',
    (header) => {
      const tokens = new VerifiedTokens();
      tokens.remember('Bearer a', { caller, expiresAt: 1000 }, 0);
      expect(tokens.find(header, 0)).toBeUndefined();
    },
  );

  it('forgets the oldest of more than 10,000 tokens', () => {
    const tokens = new VerifiedTokens();
    for (let i = 0; i <= 10_000; i += 1) tokens.remember(`Bearer ${i}`, { caller, expiresAt: 1000 }, 0);
    expect(tokens.find('Bearer 0', 0)).toBeUndefined();
    expect(tokens.find('Bearer 1', 0)).toBe(caller);
    expect(tokens.find('Bearer 10000', 0)).toBe(caller);
  });
});
