import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { AccessTokenVerifier } from './access-token-verifier.js';
import { routeAccess } from './route-access.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Finds out who sends a request. Answers at once, without a promise, for a token seen lately. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly verifier: AccessTokenVerifier,
    private readonly verified: VerifiedTokens,
  ) {}

  /** @throws UnauthenticatedError, TokenExpiredError, KeysUnavailableError */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (routeAccess(context) === 'public') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    request.caller = this.verified.find(request.headers.authorization, Date.now());
    return request.caller !== undefined || this.verify(request, http.getResponse<FastifyReply>());
  }

  private async verify(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const token = await this.verifier.verify(request, reply);
    request.caller = token.caller;
    const { authorization } = request.headers;
    if (authorization !== undefined) this.verified.remember(authorization, token, Date.now());
    return true;
  }
}
