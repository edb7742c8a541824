import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import type { Role } from './auth.types.js';
import { PUBLIC_METADATA } from './public.decorator.js';
import { ROLES_METADATA } from './roles.decorator.js';

/** Who may call a route: everybody, some roles, or nobody because it does not say. */
export type RouteAccess = 'public' | 'undeclared' | readonly Role[];

type Target = Pick<ExecutionContext, 'getHandler' | 'getClass'>;

const reflector = new Reflector();
/** Read once a route: reflection costs more than the rest of the guard. */
const known = new WeakMap<object, Map<unknown, RouteAccess>>();

/** What the decorators of a route say; the handler's own beat those of its controller. */
export function routeAccess(context: Target): RouteAccess {
  const handler = context.getHandler();
  const controller = context.getClass();
  const found = known.get(handler)?.get(controller);
  if (found !== undefined) return found;

  const access = readAccess([handler, controller]);
  const ofHandler = known.get(handler) ?? new Map<unknown, RouteAccess>();
  known.set(handler, ofHandler.set(controller, access));
  return access;
}

function readAccess(targets: readonly (() => unknown)[] | readonly object[]): RouteAccess {
  for (const target of targets) {
    if (reflector.get<boolean>(PUBLIC_METADATA, target as never)) return 'public';
    const roles = reflector.get<readonly Role[] | undefined>(ROLES_METADATA, target as never);
    if (roles !== undefined) return roles;
  }
  return 'undeclared';
}
