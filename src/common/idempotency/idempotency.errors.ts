import { DomainError } from '../domain-error.js';

export class InvalidIdempotencyKeyError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'invalid-idempotency-key';

  constructor() {
    super('Expected an Idempotency-Key of 1 to 255 visible ASCII characters, received something else.');
  }
}

export class IdempotencyKeyReusedError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'idempotency-key-reused';

  constructor() {
    super('This Idempotency-Key was sent with another request before. Use a new key for a new request.');
  }
}

export class IdempotencyKeyInUseError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'idempotency-key-in-use';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('The first request with this Idempotency-Key is still being carried out.');
  }
}
