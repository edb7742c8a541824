import { DomainError } from '../../common/domain-error.js';
import type { ReadinessState } from '../../ports/readiness.js';

export type HealthChecks = Readonly<Record<string, ReadinessState>>;

/** Something the service needs is down, or the service stops. */
export class NotReadyError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'not-ready';
  override readonly extensions: { readonly checks: HealthChecks };
  override readonly retryAfterSeconds = 1;

  constructor(checks: HealthChecks) {
    const down = Object.entries(checks).filter(([, { status }]) => status === 'down');
    super(`Down: ${down.map(([name, { detail }]) => (detail ? `${name} (${detail})` : name)).join(', ')}.`);
    this.extensions = { checks };
  }
}
