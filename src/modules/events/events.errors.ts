import { DomainError } from '../../common/domain-error.js';

/** No order has this id. */
export class OrderNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'order-not-found';
  override readonly extensions: { readonly id: string };

  constructor(id: string) {
    super(`No order has the id ${id}.`);
    this.extensions = { id };
  }
}

/** No event has this id. */
export class EventNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'event-not-found';
  override readonly extensions: { readonly id: string };

  constructor(id: string) {
    super(`No event has the id ${id}.`);
    this.extensions = { id };
  }
}
