/** What a caller may do: everything, act for every user, or act for itself. */
export const ROLES = ['admin', 'service', 'user'] as const;

export type Role = (typeof ROLES)[number];

/** Who sends a request, as its token says. */
export interface Caller {
  /** Claim `sub`. For the role `user` it is the id of the user. */
  readonly subject: string;
  readonly role: Role;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authentication guard; absent on public routes. */
    caller: Caller | undefined;
  }
}

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}
