import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { AccessTokenVerifier } from './access-token-verifier.js';
import { AuthenticationGuard } from './authentication.guard.js';
import { RolesGuard } from './roles.guard.js';
import { TokenIssuer } from './token-issuer.service.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Guards every route of the application: who calls, and whether its role may. */
@Module({
  providers: [
    AccessTokenVerifier,
    VerifiedTokens,
    TokenIssuer,
    { provide: APP_GUARD, useClass: AuthenticationGuard },
    { provide: APP_GUARD, useClass: RolesGuard },
  ],
  exports: [TokenIssuer, VerifiedTokens],
})
export class AuthModule {}
