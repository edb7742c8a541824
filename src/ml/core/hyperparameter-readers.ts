import { InvalidParameterError } from './errors.js';

/** Checks one number from outside. @throws InvalidParameterError naming the parameter, its range and what was received. */
export type Reader = (name: string, received: unknown) => number;

/** Accepts multiples of `step` in min … max. */
export function integer(min: number, max: number, step = 1): Reader {
  const expected = `${step === 1 ? 'an integer' : `a multiple of ${step}`} from ${min} to ${max}`;
  const isValid = (value: number): boolean => value >= min && value <= max && value % step === 0;
  return number(expected, isValid);
}

/** Accepts numbers that `isValid` accepts; `expected` is what the error says of them. */
export function number(expected: string, isValid: (value: number) => boolean): Reader {
  return (name, received) => {
    if (typeof received !== 'number' || !isValid(received)) {
      throw new InvalidParameterError(name, expected, received);
    }
    return received;
  };
}

/**
 * Checks hyperparameters that come from outside and fills in the defaults.
 *
 * @param received An object with any of the names of `readers`, or `undefined` for the defaults alone.
 * @throws InvalidParameterError naming the parameter, its range and what was received; unknown names too.
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
  const isKnown = (name: string): name is keyof T & string => Object.hasOwn(readers, name);
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(received)) {
    if (value === undefined) continue;
    if (!isKnown(name)) {
      const known = Object.keys(readers).sort().join(', ');
      throw new InvalidParameterError(name, `absent: known are ${known}`, value);
    }
    read[name] = readers[name](name, value);
  }
  // every value was read by the reader of its name
  return { ...defaults, ...(read as Partial<T>) };
}
