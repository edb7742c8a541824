import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Characters that are safe in a header and in a log line. */
const ACCEPTED = /^[A-Za-z0-9._:@/+=-]{1,128}$/;

/** The caller's X-Request-Id when it is short and safe, or a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && ACCEPTED.test(given) ? given : randomUUID();
}
