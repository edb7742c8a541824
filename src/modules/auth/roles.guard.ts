import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { ForbiddenRoleError, UnauthenticatedError } from './auth.errors.js';
import { routeAccess } from './route-access.js';

/** Lets a caller pass whose role the route names. A route that names none and is not public is closed. */
@Injectable()
export class RolesGuard implements CanActivate {
  /** @throws ForbiddenRoleError */
  canActivate(context: ExecutionContext): boolean {
    const access = routeAccess(context);
    if (access === 'public') return true;
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (caller === undefined) throw new UnauthenticatedError();
    const allowed = access === 'undeclared' ? [] : access;
    if (!allowed.includes(caller.role)) throw new ForbiddenRoleError(allowed, caller.role);
    return true;
  }
}
