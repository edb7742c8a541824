import { createHash } from 'node:crypto';

import type { EventRow } from './events.types.js';

/**
 * Names an event that came without an id by what it is, so that it is one event however often it is sent.
 *
 * @returns `e-`, the time in milliseconds (so that neighbours in time are neighbours in the index) and
 * 96 bits of the SHA-256 of type, user and product.
 */
export function eventId({ type, userId, productId, at }: Omit<EventRow, 'id'>): string {
  // JSON keeps "a","bc" and "ab","c" apart
  const identity = JSON.stringify([type, userId, productId]);
  const hash = createHash('sha256').update(identity).digest('base64url').slice(0, 16);
  return `e-${Date.parse(at)}-${hash}`;
}
