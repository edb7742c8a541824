import { InvalidParameterError } from '../core/errors.js';

/** @throws InvalidParameterError when `value` is not in [0, 1]. */
export function expectShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new InvalidParameterError(name, 'in [0, 1]', value);
}
