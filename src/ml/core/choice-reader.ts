import { InvalidParameterError } from './errors.js';

/**
 * Accepts one of some names.
 *
 * @example
 * oneOf(['linear', 'cosine'])('schedule', 'linear'); // 'linear'
 */
export function oneOf(names: readonly string[]): (name: string, received: unknown) => string {
  return (name, received) => {
    if (typeof received !== 'string' || !names.includes(received)) {
      throw new InvalidParameterError(name, `one of ${names.join(', ')}`, received);
    }
    return received;
  };
}
