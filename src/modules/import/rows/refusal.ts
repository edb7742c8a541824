import { describeValue } from '../../../common/describe-value.js';

/** Why a value or a row is not taken in. A return value, not an exception: bad lines are ordinary. */
export class Refusal {
  constructor(
    readonly reason: string,
    readonly field?: string,
  ) {}

  /** Says what a field must be and what was received instead. */
  static of(field: string, expected: string, received: unknown): Refusal {
    return new Refusal(`${field} must be ${expected}, received ${describeValue(received)}`, field);
  }
}
