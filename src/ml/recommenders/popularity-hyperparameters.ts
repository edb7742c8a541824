import { InvalidParameterError } from '../core/errors.js';
import { number, readNamed } from '../core/hyperparameter-readers.js';

/** What popularity can be told. `readPopularityHyperparameters` fills in defaults and checks ranges. */
export interface PopularityHyperparameters {
  /** Whose taste counts: that of all users, or that of the user's region. @default 'overall' */
  readonly scope: 'overall' | 'region';
  /** Whether the weeks around the moment asked about count, over all years. @default false */
  readonly season: boolean;
  /** Days after which a taking counts half, 0 or in [0.1, 100000]. 0 turns it off. @default 0 */
  readonly halfLifeDays: number;
  /**
   * Takings that are believed before a region or season is looked at, in (0, 1000000]. Many of them keep seldom-bought
   * items at their overall popularity. @default 10
   */
  readonly smoothing: number;
}

/** Overall popularity, the yardstick of He et al. 2017. */
export const POPULARITY_DEFAULTS: PopularityHyperparameters = {
  scope: 'overall',
  season: false,
  halfLifeDays: 0,
  smoothing: 10,
};

const READERS = {
  scope: readScope,
  season: readBoolean,
  halfLifeDays: number('0 or in [0.1, 100000]', (value) => value === 0 || (value >= 0.1 && value <= 100_000)),
  smoothing: number('in (0, 1000000]', (value) => value > 0 && value <= 1_000_000),
};

/**
 * Checks hyperparameters that come from outside and fills in the defaults.
 *
 * @param received An object with any of the names of `PopularityHyperparameters`, or `undefined`.
 * @throws InvalidParameterError naming the parameter, its range and what was received; unknown names too.
 */
export function readPopularityHyperparameters(received?: unknown): PopularityHyperparameters {
  return readNamed(received, POPULARITY_DEFAULTS, READERS);
}

function readScope(name: string, received: unknown): PopularityHyperparameters['scope'] {
  if (received === 'overall' || received === 'region') return received;
  throw new InvalidParameterError(name, '`overall` or `region`', received);
}

function readBoolean(name: string, received: unknown): boolean {
  if (typeof received === 'boolean') return received;
  throw new InvalidParameterError(name, 'true or false', received);
}
