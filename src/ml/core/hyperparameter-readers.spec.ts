import { describe, expect, it } from '@jest/globals';

import { InvalidParameterError } from './errors.js';
import { integer, number, readNamed } from './hyperparameter-readers.js';

const defaults: { readonly depth: number; readonly rate?: number } = { depth: 3 };
const readers = { depth: integer(2, 8, 2), rate: number('in (0, 1]', (value) => value > 0 && value <= 1) };

const refused: readonly { readonly received: unknown; readonly message: string | RegExp }[] = [
  { received: { depth: 3 }, message: 'Parameter `depth` must be a multiple of 2 from 2 to 8, received 3.' },
  { received: { depth: 10 }, message: /`depth`/ },
  { received: { depth: '4' }, message: /`depth`/ },
  { received: { rate: NaN }, message: /`rate` must be in \(0, 1\], received NaN/ },
  { received: { width: 1 }, message: /`width` must be absent: known are depth, rate, received 1/ },
  { received: { toString: 1 }, message: /`toString` must be absent/ },
  { received: [], message: /`hyperparameters` must be an object/ },
  { received: null, message: /received null/ },
];

describe('readNamed', () => {
  it('fills in defaults and skips what is undefined', () => {
    expect(readNamed(undefined, defaults, readers)).toEqual({ depth: 3 });
    expect(readNamed({ depth: undefined, rate: 1 }, defaults, readers)).toEqual({ depth: 3, rate: 1 });
    expect(readNamed({ depth: 2 }, defaults, readers)).toEqual({ depth: 2 });
  });

  it.each(refused)('refuses $received', ({ received, message }) => {
    expect(() => readNamed(received, defaults, readers)).toThrow(InvalidParameterError);
    expect(() => readNamed(received, defaults, readers)).toThrow(message);
  });
});
