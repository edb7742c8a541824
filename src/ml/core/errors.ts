/** Base of every error thrown by `src/ml`. Carries a stable, kebab-case code; never an HTTP status. */
export abstract class MlError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A hyperparameter is outside its documented range. */
export class InvalidParameterError extends MlError {
  readonly code = 'invalid-parameter';

  constructor(
    readonly parameter: string,
    readonly expected: string,
    readonly received: unknown,
  ) {
    super(`Parameter \`${parameter}\` must be ${expected}, received ${String(received)}.`);
  }
}

/** Data cannot be learned from or scored: empty, non-finite or of the wrong shape. */
export class InvalidDataError extends MlError {
  readonly code = 'invalid-data';
}

/** A saved state belongs to another kind of model or to an unsupported format version. */
export class IncompatibleStateError extends MlError {
  readonly code = 'incompatible-state';

  constructor(expected: string, received: string) {
    super(`Expected a saved \`${expected}\` state, received \`${received}\`.`);
  }
}
