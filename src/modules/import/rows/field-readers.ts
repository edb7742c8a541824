import { LONGEST_ID, PLAIN_TEXT } from '../../catalog/catalog.types.js';

/** Reads a field, given as text (CSV) or as a JSON value. `undefined` says that it is not what `expected` says. */
export interface FieldReader<T> {
  readonly expected: string;
  readonly read: (value: unknown) => T | undefined;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const ISO_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;
/** Numbers below are seconds, others milliseconds: 10¹¹ s is the year 5138, 10¹¹ ms is March 1973. */
const FIRST_MILLISECONDS = 1e11;
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

/** The shop's own id. A JSON number is taken as its digits. */
export const id: FieldReader<string> = {
  expected: `a text of 1 to ${LONGEST_ID} characters without control characters`,
  read: (value) => {
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    if (typeof text !== 'string' || text.length === 0 || text.length > LONGEST_ID) return undefined;
    return PLAIN_TEXT.test(text) ? text : undefined;
  },
};

export function text(longest: number): FieldReader<string> {
  return {
    expected: `a text of 1 to ${longest} characters without control characters`,
    read: (value) =>
      typeof value === 'string' && value.length > 0 && value.length <= longest && PLAIN_TEXT.test(value)
        ? value
        : undefined,
  };
}

export function number(expected: string, isAllowed: (value: number) => boolean): FieldReader<number> {
  return {
    expected,
    read: (value) => {
      const parsed = toNumber(value);
      return parsed !== undefined && isAllowed(parsed) ? parsed : undefined;
    },
  };
}

export function integer(min: number, max: number): FieldReader<number> {
  return number(`an integer from ${min} to ${max}`, (n) => Number.isInteger(n) && n >= min && n <= max);
}

/** Keys of the options in any case; the answer is spelled as the option. */
export function oneOf<T extends string>(options: readonly T[]): FieldReader<T> {
  const byLowerCase = new Map(options.map((option) => [option.toLowerCase(), option]));
  return {
    expected: `one of ${options.join(', ')}`,
    read: (value) => (typeof value === 'string' ? byLowerCase.get(value.toLowerCase()) : undefined),
  };
}

export const flag: FieldReader<boolean> = {
  expected: 'true or false',
  read: (value) => {
    if (typeof value === 'boolean') return value;
    const word = typeof value === 'string' ? value.toLowerCase() : value;
    if (word === 'true' || word === '1' || word === 1) return true;
    return word === 'false' || word === '0' || word === 0 ? false : undefined;
  },
};

/** ISO 8601 or epoch seconds or milliseconds; without a zone it is UTC. Gives ISO 8601 UTC. */
export const time: FieldReader<string> = {
  expected: 'an ISO 8601 time or epoch seconds or milliseconds, between 1900 and 2200',
  read: (value) => {
    const milliseconds =
      typeof value === 'string' && !DECIMAL.test(value) ? readIso(value) : readEpoch(value);
    if (milliseconds === undefined || !(milliseconds >= EARLIEST && milliseconds < LATEST)) return undefined;
    return new Date(milliseconds).toISOString();
  },
};

export const jsonObject: FieldReader<Readonly<Record<string, unknown>>> = {
  expected: 'a JSON object of at most 10000 characters',
  read: (value) => {
    const object = typeof value === 'string' ? parse(value) : value;
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
    const written = JSON.stringify(object);
    // the escape of NUL and halves of surrogate pairs are JSON, but the database cannot keep them
    return written.length <= 10_000 && !/\\u0000|\\ud[89a-f]/i.test(written)
      ? (object as Record<string, unknown>)
      : undefined;
  },
};

export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !DECIMAL.test(value)) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

function readEpoch(value: unknown): number | undefined {
  const epoch = toNumber(value);
  if (epoch === undefined) return undefined;
  return Math.round(Math.abs(epoch) < FIRST_MILLISECONDS ? epoch * 1000 : epoch);
}

function readIso(value: string): number | undefined {
  const match = ISO_TIME.exec(value.trim());
  if (!match) return undefined;
  const [, date = '', clock = '00:00', zone = 'Z'] = match;
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.toUpperCase();
  const milliseconds = Date.parse(`${date}T${clock.replace(',', '.')}${offset}`);
  // engines read 31 February as 3 March
  const isRealDate = new Date(`${date}T00:00:00Z`).getUTCDate() === Number(date.slice(8));
  return Number.isNaN(milliseconds) || !isRealDate ? undefined : milliseconds;
}
