import type { KeyObject } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';

import { AppConfig } from '../../config/app-config.js';
import { TokensIssuedElsewhereError } from './auth.errors.js';
import type { Caller } from './auth.types.js';
import { openTokenSecret } from './token-secret.js';

/** Makes tokens for people at the command line, for tests and for the banner at the start. */
@Injectable()
export class TokenIssuer {
  private key: Promise<KeyObject> | undefined;

  constructor(private readonly config: AppConfig) {}

  /** @throws TokensIssuedElsewhereError when tokens are verified by an identity provider's keys. */
  async issue({ subject, role }: Caller, lifetimeSeconds: number): Promise<string> {
    const { tokens, dataDirectory, tokenIssuer, tokenAudience } = this.config;
    if (tokens.kind === 'jwks') throw new TokensIssuedElsewhereError(tokens.url);

    this.key ??= openTokenSecret({ secret: tokens.secret, dataDirectory });
    return jwt.sign({ role }, await this.key, {
      algorithm: 'HS256',
      subject,
      issuer: tokenIssuer,
      audience: tokenAudience,
      expiresIn: lifetimeSeconds,
    });
  }
}
