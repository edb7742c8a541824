import { DomainError } from '../../common/domain-error.js';

type Kind = 'user' | 'farm' | 'product';

/** No user, farm or product has this id. */
export class CatalogEntryNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code: string;
  override readonly extensions: { readonly id: string };

  constructor(kind: Kind, id: string) {
    super(`No ${kind} has the id ${id}.`);
    this.code = `${kind}-not-found`;
    this.extensions = { id };
  }
}

/** Something refers to a user, farm or product that is not there. */
export class UnknownReferenceError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'unknown-reference';
  override readonly extensions: { readonly field: string; readonly ids: readonly string[] };

  constructor(field: string, kind: Kind, ids: readonly string[]) {
    super(
      `\`${field}\` must be the id of a stored ${kind}, received ${ids.slice(0, 5).join(', ')}. Store it first.`,
    );
    this.extensions = { field, ids };
  }
}
