import { OtherUserError } from './auth.errors.js';
import type { Caller } from './auth.types.js';

/**
 * Refuses a user that asks for another user. Admins and services act for everybody.
 *
 * @throws OtherUserError
 */
export function assertActsFor(caller: Caller, userId: string): void {
  if (caller.role === 'user' && caller.subject !== userId) throw new OtherUserError(caller, userId);
}
