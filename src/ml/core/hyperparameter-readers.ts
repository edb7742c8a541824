import { InvalidParameterError } from './errors.js';

/** Checks one number that came from outside. @throws InvalidParameterError naming it, its range and what was received. */
export type Reader = (name: string, received: unknown) => number;

/** Reads multiples of `step` in min … max. */
export function integer(min: number, max: number, step = 1): Reader {
  const expected = `${step === 1 ? 'an integer' : `a multiple of ${step}`} from ${min} to ${max}`;
  const isValid = (value: number): boolean => value >= min && value <= max && value % step === 0;
  return number(expected, isValid);
}

/** Reads numbers that are valid. `expected` says which, as in "in [0, 1]". */
export function number(expected: string, isValid: (value: number) => boolean): Reader {
  return (name, received) => {
    if (typeof received !== 'number' || !isValid(received)) {
      throw new InvalidParameterError(name, expected, received);
    }
    return received;
  };
}

/**
 * Checks hyperparameters that came from outside and fills in the defaults.
 *
 * @param received An object with any of the names of `readers`, or `undefined`; members that are `undefined` count as absent.
 * @param readers One for each name that there is, with a default or without.
 * @throws InvalidParameterError when it is no object, a name is unknown or a reader refuses its value.
 */
export function readNamed<T extends object>(
  received: unknown,
  defaults: T,
  readers: Readonly<Record<keyof T & string, (name: string, received: unknown) => unknown>>,
): T {
  if (received === undefined) return { ...defaults };
  if (typeof received !== 'object' || received === null || Array.isArray(received)) {
    throw new InvalidParameterError('hyperparameters', 'an object', received);
  }
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(received)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(readers, name)) {
      const known = Object.keys(readers).sort().join(', ');
      throw new InvalidParameterError(name, `absent: known are ${known}`, value);
    }
    // a name of `readers`
    read[name] = readers[name as keyof T & string](name, value);
  }
  return { ...defaults, ...(read as Partial<T>) };
}
