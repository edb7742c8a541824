import { integer, number, readNamed, type Reader } from '../core/hyperparameter-readers.js';

/** What a next-basket fit can be told. `readNextBasketHyperparameters` fills in defaults and checks ranges. */
export interface NextBasketHyperparameters {
  /** Users asked for their habits k, integer in 0 … 10000. 0 leaves a user's own habits alone. @default 300 */
  readonly neighbors: number;
  /** Share α of a user's own habits against those of the neighbors, in [0, 1]. @default 0.1 */
  readonly alpha: number;
  /** Groups m that the baskets of a user are cut into, in order of time, integer in 1 … 1000. @default 7 */
  readonly groups: number;
  /** Weight r_b of a basket against the next one of its group, in (0, 1]. 1 forgets nothing within a group. @default 0.9 */
  readonly withinDecay: number;
  /** Weight r_g of a group against the next one, in (0, 1]. 1 forgets nothing between groups. @default 0.7 */
  readonly groupDecay: number;
  /** Latest baskets of a user that count r, integer in 0 … 100000. 0 counts all. @default 0 */
  readonly recency: number;
}

/** The authors' values for Ta-Feng, but for `alpha`. */
export const NEXT_BASKET_DEFAULTS: NextBasketHyperparameters = {
  neighbors: 300,
  alpha: 0.1,
  groups: 7,
  withinDecay: 0.9,
  groupDecay: 0.7,
  recency: 0,
};

const decay = number('in (0, 1]', (value) => value > 0 && value <= 1);

const READERS: Readonly<Record<keyof NextBasketHyperparameters, Reader>> = {
  neighbors: integer(0, 10_000),
  alpha: number('in [0, 1]', (value) => value >= 0 && value <= 1),
  groups: integer(1, 1000),
  withinDecay: decay,
  groupDecay: decay,
  recency: integer(0, 100_000),
};

/**
 * Checks hyperparameters that come from outside and fills in the defaults.
 *
 * @param received An object with any of the names of `NextBasketHyperparameters`, or `undefined`.
 * @throws InvalidParameterError naming the parameter, its range and what was received; unknown names too.
 */
export function readNextBasketHyperparameters(received?: unknown): NextBasketHyperparameters {
  return readNamed(received, NEXT_BASKET_DEFAULTS, READERS);
}
