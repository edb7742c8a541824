import type { ModelState } from '../ml/core/learner.js';
import type { TopK } from '../ml/math/top-k.js';
import type { UserHistory } from '../ml/recommenders/recommender-model.js';

/** A model as threads can load it. */
export interface ScoringModel {
  /** Of its version: the same id is the same model. */
  readonly id: string;
  readonly type: string;
  /** Its tensors lie in shared memory, so that handing it over copies none of them: see `shareTensors`. */
  readonly state: ModelState;
}

/** Rank all items of a model for one of its users, or for a history. */
export interface ScoringTask {
  /** Index in 0 … userCount − 1; of no matter where a history is given. */
  readonly user: number;
  /** What somebody took, to be scored instead of a user's training rows (fold-in). */
  readonly history?: UserHistory | undefined;
  /** Moment asked about, milliseconds since the epoch; default: that of the latest training row. */
  readonly at?: number | undefined;
  /** Entries other than 0 are left out. Shape (items). */
  readonly excluded: Uint8Array;
  /** Length of the list. */
  readonly count: number;
}

/** The pool could not do a task; the same task may be done elsewhere. */
export class ScoringPoolError extends Error {
  override readonly name = 'ScoringPoolError';
}

/** Ranks items away from the event loop. */
export abstract class ScoringPool {
  /**
   * Ranks with one model, whatever other models are in use at the time.
   *
   * @returns Indices of the best items of each task, in the order of the tasks.
   * @throws ScoringPoolError when a thread died or the pool is closed; InvalidDataError and the like become it too.
   */
  abstract rank(model: ScoringModel, tasks: readonly ScoringTask[]): Promise<readonly TopK[]>;

  /** Ends the threads; tasks under way reject. */
  abstract close(): Promise<void>;
}

/** Copies the tensors of a state to shared memory, unless they lie there already. */
export function shareTensors(state: ModelState): ModelState {
  const tensors = Object.entries(state.tensors).map(([name, tensor]) => {
    if (tensor.buffer instanceof SharedArrayBuffer) return [name, tensor] as const;
    const shared = new Float32Array(new SharedArrayBuffer(tensor.byteLength));
    shared.set(tensor);
    return [name, shared] as const;
  });
  return { ...state, tensors: Object.fromEntries(tensors) };
}
