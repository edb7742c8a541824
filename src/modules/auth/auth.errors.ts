import { DomainError } from '../../common/domain-error.js';
import { OperatorError } from '../../common/operator-error.js';
import type { Caller, Role } from './auth.types.js';

/** No token, or one that cannot be trusted. The detail says which check failed, never the token. */
export class UnauthenticatedError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'unauthenticated';
  override readonly headers: Readonly<Record<string, string>>;

  /** @param reason Absent when there was no token at all: RFC 6750 wants the bare challenge then. */
  constructor(reason?: string) {
    super(
      reason === undefined
        ? 'Expected the header `Authorization: Bearer <token>`, received none.'
        : `The token was refused: ${reason}.`,
    );
    this.headers = {
      'www-authenticate':
        reason === undefined
          ? 'Bearer realm="almanac"'
          : `Bearer realm="almanac", error="invalid_token", error_description="${reason.replaceAll(/[^ !#-[\]-~]/g, "'")}"`,
    };
  }
}

export class TokenExpiredError extends DomainError {
  readonly kind = 'unauthenticated';
  readonly code = 'token-expired';
  override readonly extensions: { readonly expiredAt: string };
  override readonly headers = {
    'www-authenticate':
      'Bearer realm="almanac", error="invalid_token", error_description="The token expired"',
  };

  constructor(expiredAt: Date) {
    super(`The token expired at ${expiredAt.toISOString()}. Get a new one.`);
    this.extensions = { expiredAt: expiredAt.toISOString() };
  }
}

export class ForbiddenRoleError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'forbidden';
  override readonly extensions: { readonly expected: readonly Role[]; readonly received: Role };

  constructor(expected: readonly Role[], received: Role) {
    super(
      expected.length === 0
        ? 'This route names no role that may call it, so nobody may.'
        : `Expected the role ${expected.join(' or ')}, received ${received}.`,
    );
    this.extensions = { expected, received };
  }
}

export class OtherUserError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'other-user';
  override readonly extensions: { readonly expected: string; readonly received: string };

  constructor({ subject }: Caller, userId: string) {
    super(`A user acts for itself only: expected the user id \`${subject}\`, received \`${userId}\`.`);
    this.extensions = { expected: subject, received: userId };
  }
}

/** The identity provider cannot be reached, so nobody new can be let in. */
export class KeysUnavailableError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'keys-unavailable';
  override readonly retryAfterSeconds = 5;

  constructor(options?: ErrorOptions) {
    super('The public keys of the identity provider cannot be read at the moment.', options);
  }
}

/** Tokens are issued elsewhere: this service holds public keys only. */
export class TokensIssuedElsewhereError extends OperatorError {
  override readonly name = 'TokensIssuedElsewhereError';

  constructor(url: string) {
    super(
      `Tokens are issued by the identity provider behind ALMANAC_JWKS_URL (${new URL(url).host}); ` +
        'Almanac only verifies them. Get one there, or unset ALMANAC_JWKS_URL to issue tokens here.',
    );
  }
}
