import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';

import type { Role } from './auth.types.js';

export const ROLES_METADATA = 'almanac:roles';

/** Names the roles that may call a route or all routes of a controller. */
export function Roles(first: Role, ...others: readonly Role[]): ClassDecorator & MethodDecorator {
  const roles = [first, ...others];
  return applyDecorators(
    SetMetadata(ROLES_METADATA, roles),
    ApiBearerAuth('bearer'),
    ApiExtension('x-roles', roles),
  );
}
