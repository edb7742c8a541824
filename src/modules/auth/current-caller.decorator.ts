import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { UnauthenticatedError } from './auth.errors.js';
import type { Caller } from './auth.types.js';

/** Gives the handler the `Caller` that the guard found. Not for public routes. */
export const CurrentCaller = createParamDecorator((_: undefined, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (caller === undefined) throw new UnauthenticatedError();
  return caller;
});
