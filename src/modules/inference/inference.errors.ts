import { DomainError } from '../../common/domain-error.js';

/** A distance is asked for, and nobody knows from where. */
export class LocationNeededError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'location-needed';
  override readonly extensions: { readonly userId: string };

  constructor(userId: string) {
    super(
      `Expected \`input.location\`, or a user with a stored place, for \`maxDistanceKm\`; received none for user ${userId}.`,
    );
    this.extensions = { userId };
  }
}
