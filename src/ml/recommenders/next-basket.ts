import { InvalidDataError } from '../core/errors.js';
import { runInSlices, yieldToEventLoop } from '../core/event-loop.js';
import { validateInteractions, type Interactions } from '../core/interactions.js';
import type { FitContext, Learner, ModelState } from '../core/learner.js';
import { expectKind } from '../core/state.js';
import { groupRowsByUser } from '../core/user-rows.js';
import { basketFrequencies, type SparseVector } from './basket-frequency.js';
import {
  readNextBasketHyperparameters,
  type NextBasketHyperparameters,
} from './next-basket-hyperparameters.js';
import { NextBasketModel } from './next-basket-model.js';
import { MAX_ITEMS, NEXT_BASKET_KIND, readNextBasket } from './next-basket-state.js';
import { rowsOf } from './sparse-rows.js';

const USERS_PER_SLICE = 512;

/**
 * Recommends what somebody will buy next, bought before or not, from habits (TIFU-kNN).
 *
 * score(u, i) = α · u_i + (1 − α) · mean of v_i over the k users v nearest to u, with u the decayed frequencies of
 * `basketFrequencies`. Repetition is what it learns: rows of one user and item at several times all count, and a
 * basket is what one user took in one day. Deviates from the paper in that users with the very same vector are no
 * neighbors of each other, and that items without any score are ordered by popularity.
 *
 * Takes seldom-bought things for unwanted: not for catalogues where nothing is bought twice.
 * Fit O(n log n). Scoring one user is O(users + entries of users who share an item + k · items of a user).
 *
 * @see Hu, He, Gao & Zhang, "Modeling Personalized Item Frequency Information for Next-basket Recommendation",
 * SIGIR 2020, §4, doi:10.1145/3397271.3401066.
 *
 * @example
 * const model = await new NextBasket({ neighbors: 300 }).fit(interactions, context);
 * model.predict({ user: 3, count: 10 }).items;
 */
export class NextBasket implements Learner<Interactions, NextBasketModel> {
  readonly kind = NEXT_BASKET_KIND;
  readonly hyperparameters: NextBasketHyperparameters;

  /**
   * @param hyperparameters Any of `NextBasketHyperparameters`; the rest take their defaults.
   * @throws InvalidParameterError naming the parameter, its range and what was received.
   */
  constructor(hyperparameters?: unknown) {
    this.hyperparameters = readNextBasketHyperparameters(hyperparameters);
  }

  /** @throws InvalidDataError when a row is bad or there are over 2²⁴ items; the signal's reason when aborted. */
  async fit(interactions: Interactions, context: FitContext): Promise<NextBasketModel> {
    context.signal?.throwIfAborted();
    validateInteractions(interactions);
    const { userCount, itemCount, items, timestamps } = interactions;
    if (itemCount > MAX_ITEMS) {
      throw new InvalidDataError(`\`itemCount\` must be at most ${MAX_ITEMS}, received ${itemCount}.`);
    }
    const { offsets, rows } = groupRowsByUser(interactions);
    const vectors: SparseVector[] = [];
    const sumUp = (from: number, to: number): void => {
      for (let user = from; user < to; user += 1) {
        const own = rows.subarray(offsets[user], offsets[user + 1]);
        const history = {
          items: own.map((row) => items[row]!),
          timestamps: Float64Array.from(own, (row) => timestamps[row]!),
        };
        vectors.push(basketFrequencies(history, this.hyperparameters));
      }
    };
    await runInSlices(userCount, USERS_PER_SLICE, sumUp, context.signal);
    await yieldToEventLoop();
    context.signal?.throwIfAborted();
    context.onProgress?.({ epoch: 1, epochs: 1, loss: 0, samplesPerSecond: 0 });
    return new NextBasketModel(rowsOf(vectors, itemCount), this.hyperparameters);
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState): NextBasketModel {
    expectKind(state, NEXT_BASKET_KIND);
    const { rows, hyperparameters } = readNextBasket(state);
    return new NextBasketModel(rows, hyperparameters);
  }
}
