import {
  LARGEST_PRICE_MINOR,
  LARGEST_QUANTITY,
  PLAIN_TEXT,
  UNITS,
  type Certification,
} from '../../catalog/catalog.types.js';
import { integer, number, oneOf, parse, type FieldReader } from './field-readers.js';

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const MONTH_LIST = /^\s*\d{1,2}(?:\s*[;|, ]\s*\d{1,2})*\s*$/;
const PRICE = /^\d{1,12}(?:\.\d{1,4})?$/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

export const latitude = number('a number from -90 to 90', (n) => n >= -90 && n <= 90);
export const longitude = number('a number from -180 to 180', (n) => n >= -180 && n <= 180);
export const quantity = number(
  `a number > 0 and at most ${LARGEST_QUANTITY}, counted in thousandths`,
  (n) => n >= 0.0005 && n <= LARGEST_QUANTITY,
);
export const stock = number(`a number from 0 to ${LARGEST_QUANTITY}`, (n) => n >= 0 && n <= LARGEST_QUANTITY);
export const priceMinor = integer(0, LARGEST_PRICE_MINOR);
export const unit = oneOf(UNITS);

export const currency: FieldReader<string> = {
  expected: 'an ISO 4217 currency, e.g. EUR',
  read: (value) => (typeof value === 'string' && CURRENCIES.has(value) ? value : undefined),
};

/** A price in major units, as written: 3.5 and "3.50" are 350 cents. Kept as text until its currency is known. */
export const price: FieldReader<string> = {
  expected: 'a decimal >= 0 in major units, e.g. "3.50"',
  read: (value) => {
    const written = typeof value === 'number' ? String(value) : value;
    return typeof written === 'string' && PRICE.test(written) ? written : undefined;
  },
};

/** @returns Minor units, or undefined when the price has more decimals than its currency or is too large. */
export function toMinorUnits(price: string, currency: string): number | undefined {
  const decimals = decimalsOf(currency);
  const [whole = '0', fraction = ''] = price.split('.');
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > decimals) return undefined;
  const minor = Number(`${whole}${significant.padEnd(decimals, '0')}`);
  return minor <= LARGEST_PRICE_MINOR ? minor : undefined;
}

const knownDecimals = new Map<string, number>();

function decimalsOf(currency: string): number {
  const known = knownDecimals.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  knownDecimals.set(currency, decimals);
  return decimals;
}

/** A JSON list, or text like `5;6;7`. An empty list is all year. */
export const months: FieldReader<readonly number[]> = {
  expected: 'months from 1 to 12, as a JSON list or separated by ";"',
  read: (value) => {
    const list =
      typeof value === 'string' && MONTH_LIST.test(value)
        ? value
            .trim()
            .split(/[;|, ]+/)
            .map(Number)
        : value;
    const parsed = typeof list === 'string' ? parse(list) : list;
    if (!Array.isArray(parsed) || parsed.length > 12) return undefined;
    const isMonth = (month: unknown): boolean =>
      Number.isInteger(month) && Number(month) >= 1 && Number(month) <= 12;
    return parsed.every(isMonth) ? [...new Set(parsed as number[])].sort((a, b) => a - b) : undefined;
  },
};

/** A list of certifications, in CSV as JSON text. */
export const certifications: FieldReader<readonly Certification[]> = {
  expected: 'a JSON list of { "kind", "number", "body", "validFrom", "validUntil" }, dates as YYYY-MM-DD',
  read: (value) => {
    const list = typeof value === 'string' ? parse(value) : value;
    if (!Array.isArray(list) || list.length > 50) return undefined;
    return list.every(isCertification) ? (list as Certification[]) : undefined;
  },
};

const CERTIFICATION_FIELDS = new Set(['kind', 'number', 'body', 'validFrom', 'validUntil']);

export function isCertification(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  if (typeof fields['kind'] !== 'string' || fields['kind'] === '') return false;
  return Object.entries(fields).every(([name, field]) => {
    if (!CERTIFICATION_FIELDS.has(name) || typeof field !== 'string' || field.length > 200) return false;
    if (!PLAIN_TEXT.test(field)) return false;
    return !name.startsWith('valid') || (ISO_DATE.test(field) && !Number.isNaN(Date.parse(field)));
  });
}
