import { parseJsonBody } from './json-body.js';
import { deepFreeze } from './small-value.js';

/** Texts longer than this are not remembered. */
const LONGEST_REMEMBERED = 2048;
const MOST_REMEMBERED = 4096;

/**
 * Parses request bodies and remembers the last small ones by their text.
 *
 * The same text gives the same object again, deeply frozen, so whoever works something out from a body
 * (RequestValidationPipe, PredictionsService) can remember that by the object. Clients that ask the same
 * again and again are what a cache is for.
 */
export class RememberedBodies {
  private readonly remembered = new Map<string, object>();

  /** @throws MalformedJsonError, ForbiddenKeyError */
  parse(text: string): unknown {
    if (text.length > LONGEST_REMEMBERED) return parseJsonBody(text);
    const known = this.remembered.get(text);
    if (known !== undefined) return known;
    const value = parseJsonBody(text);
    if (typeof value !== 'object' || value === null) return value;
    // dropping all of them now and then is cheaper than keeping an order at every hit
    if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
    this.remembered.set(text, deepFreeze(value));
    return value;
  }
}
