import { DomainError } from './domain-error.js';

/** One field of a request that is not as documented. */
export interface FieldProblem {
  /** Where in the request it was: the body, the query string or the path. */
  readonly in: 'body' | 'query' | 'path';
  /** JSON Pointer to the field (RFC 6901), e.g. `/input/userId`; empty for the whole. */
  readonly pointer: string;
  readonly expected: string;
  readonly received: string;
  readonly message: string;
}

export class ValidationFailedError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'validation-failed';
  override readonly extensions: { readonly errors: readonly FieldProblem[] };

  constructor(errors: readonly FieldProblem[]) {
    super(errors.map(({ message }) => message).join(' '));
    this.extensions = { errors };
  }
}

export class MalformedJsonError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'malformed-json';
  override readonly extensions: {
    readonly position: number;
    readonly line: number;
    readonly column: number;
    readonly expected: string;
    readonly received: string;
  };

  constructor(extensions: MalformedJsonError['extensions']) {
    const { line, column, expected, received } = extensions;
    super(`Line ${line}, column ${column} of the body: expected ${expected}, received ${received}.`);
    this.extensions = extensions;
  }
}

/** `__proto__` or `constructor.prototype` as a key: it would change objects that it does not belong to. */
export class ForbiddenKeyError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'forbidden-key';

  constructor() {
    super('The body has a key named `__proto__`, or `prototype` below `constructor`. Rename it.');
  }
}

export class UnsupportedMediaTypeError extends DomainError {
  readonly kind = 'unsupported-media';
  readonly code = 'unsupported-media-type';
  override readonly extensions: { readonly expected: string; readonly received: string };

  constructor(received: string | undefined, expected = 'application/json') {
    super(`Expected a body of the type ${expected}, received ${received ?? 'no Content-Type'}.`);
    this.extensions = { expected, received: received ?? 'nothing' };
  }
}

export class PayloadTooLargeError extends DomainError {
  readonly kind = 'too-large';
  readonly code = 'payload-too-large';
  override readonly extensions: { readonly limitBytes: number; readonly receivedBytes?: number };

  constructor(limitBytes: number, receivedBytes: number | undefined) {
    const received = receivedBytes === undefined ? 'more' : `${receivedBytes}`;
    super(`Expected a body of at most ${limitBytes} bytes, received ${received}. Send it in parts.`);
    this.extensions = { limitBytes, ...(receivedBytes === undefined ? {} : { receivedBytes }) };
  }
}

export class RateLimitedError extends DomainError {
  readonly kind = 'too-many';
  readonly code = 'rate-limited';
  override readonly extensions: { readonly limitPerMinute: number };
  override readonly retryAfterSeconds: number;

  constructor(limitPerMinute: number, retryAfterSeconds: number) {
    super(`More than ${limitPerMinute} requests in a minute. Try again in ${retryAfterSeconds} s.`);
    this.extensions = { limitPerMinute };
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class InvalidCursorError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'invalid-cursor';

  constructor() {
    super('The cursor is not one that `meta.nextCursor` gave. Leave it out to start with the first page.');
  }
}
