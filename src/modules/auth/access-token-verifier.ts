import { createPublicKey, type KeyObject } from 'node:crypto';

import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import jwt, { type JwtPayload } from 'jsonwebtoken';
import { passportJwtSecret } from 'jwks-rsa';
import passport from 'passport';
import { ExtractJwt, Strategy, type SecretOrKeyProvider } from 'passport-jwt';

import { AppConfig } from '../../config/app-config.js';
import { KeysUnavailableError, TokenExpiredError, UnauthenticatedError } from './auth.errors.js';
import { isRole, type Caller } from './auth.types.js';
import { openTokenSecret } from './token-secret.js';

const STRATEGY = 'access-token';
const CLOCK_TOLERANCE_SECONDS = 5;

/** A caller and until when its token may be believed. */
export interface VerifiedToken {
  readonly caller: Caller;
  readonly expiresAt: number;
}

/** Checks signature, algorithm, issuer, audience and times of a bearer token with passport-jwt. */
@Injectable()
export class AccessTokenVerifier implements OnModuleInit {
  // an instance of its own: the global one would be shared by every application in the process
  private readonly passport = new passport.Passport();

  constructor(private readonly config: AppConfig) {}

  async onModuleInit(): Promise<void> {
    const { tokens, tokenIssuer, tokenAudience, dataDirectory } = this.config;
    const key =
      tokens.kind === 'secret' ? await openTokenSecret({ secret: tokens.secret, dataDirectory }) : undefined;
    const strategy = new Strategy(
      {
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: tokens.kind === 'jwks' ? publicKeys(tokens.url) : sharedKey(key),
        // never both families: a public key must not be usable as the secret of HS256
        algorithms: tokens.kind === 'jwks' ? ['RS256', 'ES256'] : ['HS256'],
        issuer: tokenIssuer,
        audience: tokenAudience,
        jsonWebTokenOptions: { clockTolerance: CLOCK_TOLERANCE_SECONDS },
      },
      (payload: JwtPayload, done: (error: unknown, user?: VerifiedToken) => void) => {
        try {
          done(null, toVerifiedToken(payload));
        } catch (error) {
          done(error);
        }
      },
    );
    this.passport.use(STRATEGY, strategy);
  }

  /** @throws UnauthenticatedError, TokenExpiredError, KeysUnavailableError */
  async verify(request: FastifyRequest, reply: FastifyReply): Promise<VerifiedToken> {
    return new Promise((resolve, reject) => {
      const finish = (error: unknown, token: VerifiedToken | false | null, reason: unknown): void => {
        if (error) reject(error);
        else if (token) resolve(token);
        else reject(toRefusal(reason));
      };
      const authenticate = this.passport.authenticate(STRATEGY, { session: false }, finish) as (
        request: unknown,
        reply: unknown,
        next: (error?: unknown) => void,
      ) => void;
      authenticate(request, reply, reject);
    });
  }
}

function sharedKey(key: KeyObject | undefined): SecretOrKeyProvider {
  return (_request, _token, done) => done(null, key as unknown as string); // the types know no KeyObject
}

/** Public keys of an identity provider, kept for ten minutes; unknown key ids ask at most 10 times a minute. */
function publicKeys(url: string): SecretOrKeyProvider {
  const find = passportJwtSecret({
    jwksUri: url,
    cache: true,
    cacheMaxAge: 600_000,
    rateLimit: true,
    jwksRequestsPerMinute: 10,
    timeout: 5000,
  });
  return (request, token, done) =>
    find(request, token, (error, key) => {
      if (error) return done(new KeysUnavailableError({ cause: error }));
      if (key === undefined || key === null) return done(new Error('unknown key or algorithm'));
      return done(null, createPublicKey(key) as unknown as string);
    });
}

function toVerifiedToken({ sub, exp, role, roles }: JwtPayload): VerifiedToken {
  if (typeof exp !== 'number') throw new UnauthenticatedError('the claim exp is missing');
  if (typeof sub !== 'string' || sub === '' || sub.length > 200) {
    throw new UnauthenticatedError('the claim sub must be 1 to 200 characters long');
  }
  // the first that we know: identity providers put roles of other applications beside ours
  const claimed: unknown[] = [role, ...(Array.isArray(roles) ? (roles as unknown[]) : [])];
  const known = claimed.find(isRole);
  if (known === undefined) {
    throw new UnauthenticatedError('the claim role must be admin, service or user');
  }
  return { caller: Object.freeze({ subject: sub, role: known }), expiresAt: exp * 1000 };
}

function toRefusal(reason: unknown): Error {
  if (reason instanceof KeysUnavailableError) return reason;
  if (reason instanceof jwt.TokenExpiredError) return new TokenExpiredError(reason.expiredAt);
  if (!(reason instanceof Error)) return new UnauthenticatedError('it cannot be read');
  return new UnauthenticatedError(reason.message === 'No auth token' ? undefined : reason.message);
}
