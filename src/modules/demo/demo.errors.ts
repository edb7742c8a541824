import { DomainError } from '../../common/domain-error.js';

export class MarketplaceNotEmptyError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'marketplace-not-empty';

  constructor() {
    super('The demo marketplace is only written into an empty database; this one has users or products.');
  }
}

export class InvalidMarketplaceOptionError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'marketplace-option-invalid';

  constructor(name: string, expected: string, received: unknown) {
    super(`\`${name}\` of the demo marketplace must be ${expected}, received ${String(received)}.`);
  }
}
