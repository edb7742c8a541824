/** What went wrong, in terms a client can act on. The only mapping to HTTP is in `problem-details.filter.ts`. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'unsupported-media'
  | 'unprocessable'
  | 'too-many'
  | 'unavailable';

/** An expected failure of a use case. `code` is stable and documented; `message` is safe to show. */
export abstract class DomainError extends Error {
  abstract readonly kind: ErrorKind;
  /** Kebab-case, unique in the system, e.g. `model-not-found`. Listed in `problem-catalog.ts`. */
  abstract readonly code: string;
  /** Extra members of the problem document: ids and limits, never secrets or rows. */
  readonly extensions: Readonly<Record<string, unknown>> = {};
  /** Seconds after which it is worth trying again; becomes `Retry-After`. */
  readonly retryAfterSeconds: number | undefined = undefined;
  /** Response headers that the error needs, e.g. `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>> = {};

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
