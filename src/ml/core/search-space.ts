import { InvalidParameterError } from './errors.js';
import type { Random } from './random.js';

/** Numbers from `min` to `max` that a search may try. */
export interface SearchRange {
  readonly min: number;
  readonly max: number;
  /** `log` draws each factor of ten as often as the next; then `min` > 0. @default linear */
  readonly scale?: 'linear' | 'log';
  /** Values are `min` plus multiples of it. Absent: any number. */
  readonly step?: number;
}

/** What a search may try for one hyperparameter: some values, or a range. */
export type SearchDimension = readonly unknown[] | SearchRange;

/** What a search may try, by hyperparameter; the others stay as they are. */
export type SearchSpace = Readonly<Record<string, SearchDimension>>;

const MAX_CHOICES = 100;
const RANGE_MEMBERS = ['min', 'max', 'scale', 'step'];
/** Digits of a drawn number: finer steps make no difference that a search could see. */
const DIGITS = 4;

/**
 * Checks a search space that comes from outside.
 *
 * @param received An array of values or a range for each hyperparameter; `undefined` takes what the learner declares.
 * A range without scale or step takes those that are declared for it.
 * @param declared What the learner declares, if anything.
 * @throws InvalidParameterError naming the member, what was expected and received. Names and values are the learner's to check.
 */
export function readSearchSpace(received: unknown, declared: SearchSpace | undefined): SearchSpace {
  if (received === undefined && declared !== undefined) return declared;
  if (typeof received !== 'object' || received === null || Array.isArray(received)) {
    throw new InvalidParameterError(
      'space',
      declared ? 'an object' : 'given, as the model type declares no space of its own',
      received,
    );
  }
  const entries = Object.entries(received);
  if (entries.length === 0) throw new InvalidParameterError('space', 'of at least one hyperparameter', '{}');
  return Object.fromEntries(
    entries.map(([name, value]) => [name, readDimension(`space.${name}`, value, declared?.[name])]),
  );
}

/** Draws one configuration, uniformly in each dimension. */
export function drawConfiguration(space: SearchSpace, random: Random): Record<string, unknown> {
  // sorted, so that the order in which a client writes the names changes nothing
  const names = Object.keys(space).sort();
  return Object.fromEntries(names.map((name) => [name, draw(space[name] ?? [], random())]));
}

function draw(dimension: SearchDimension, share: number): unknown {
  if (!isRange(dimension)) return dimension[Math.floor(share * dimension.length)];
  const { min, max, scale, step } = dimension;
  const value =
    scale === 'log'
      ? Math.exp(Math.log(min) + share * (Math.log(max) - Math.log(min)))
      : min + share * (max - min);
  const stepped = step === undefined ? value : min + Math.round((value - min) / step) * step;
  if (stepped > max && step !== undefined) return Number((stepped - step).toPrecision(12));
  return step === undefined
    ? Math.min(max, Math.max(min, Number(value.toPrecision(DIGITS))))
    : Number(stepped.toPrecision(12));
}

function readDimension(
  name: string,
  received: unknown,
  declared: SearchDimension | undefined,
): SearchDimension {
  if (Array.isArray(received)) {
    if (received.length < 1 || received.length > MAX_CHOICES) {
      throw new InvalidParameterError(name, `1 to ${MAX_CHOICES} values`, `${received.length} values`);
    }
    return received;
  }
  if (typeof received !== 'object' || received === null) {
    throw new InvalidParameterError(name, 'an array of values or a range with min and max', received);
  }
  const unknown = Object.keys(received).find((member) => !RANGE_MEMBERS.includes(member));
  if (unknown !== undefined) {
    throw new InvalidParameterError(
      `${name}.${unknown}`,
      `absent: known are ${RANGE_MEMBERS.join(', ')}`,
      'a value',
    );
  }
  return readRange(name, received, declared !== undefined && isRange(declared) ? declared : undefined);
}

function readRange(name: string, received: object, declared: SearchRange | undefined): SearchRange {
  const given: Partial<Record<keyof SearchRange, unknown>> = { ...received };
  const { min, max, scale = declared?.scale ?? 'linear', step = declared?.step } = given;
  if (!isFiniteNumber(min)) throw new InvalidParameterError(`${name}.min`, 'a number', min);
  if (!isFiniteNumber(max) || max <= min) {
    throw new InvalidParameterError(`${name}.max`, `a number above min, ${min}`, max);
  }
  if (scale !== 'linear' && scale !== 'log') {
    throw new InvalidParameterError(`${name}.scale`, '`linear` or `log`', scale);
  }
  if (scale === 'log' && min <= 0) {
    throw new InvalidParameterError(`${name}.min`, 'above 0 on a logarithmic scale', min);
  }
  if (step === undefined) return { min, max, scale };
  if (!isFiniteNumber(step) || step <= 0) throw new InvalidParameterError(`${name}.step`, 'above 0', step);
  return { min, max, scale, step };
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isRange(dimension: SearchDimension): dimension is SearchRange {
  return 'min' in dimension;
}
