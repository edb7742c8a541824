import { IncompatibleStateError } from '../core/errors.js';
import type { ModelState } from '../core/learner.js';
import { readTensor } from '../core/state.js';

/** Integers up to here are exact in a Float32Array, in which states keep them. */
export const MAX_SAVED_INDEX = 2 ** 24;

/**
 * Reads a tensor of integers.
 *
 * @throws IncompatibleStateError when it is absent, not `length` long or an entry is no integer in 0 … below − 1.
 */
export function readIndices(
  state: ModelState,
  name: string,
  { length, below }: { length: number; below: number },
): Int32Array {
  const indices = Int32Array.from(readTensor(state, name, length));
  const tensor = state.tensors[name]!;
  const bad = indices.findIndex((index, i) => index !== tensor[i] || index < 0 || index >= below);
  if (bad >= 0) {
    throw new IncompatibleStateError(
      state.kind,
      `${state.kind} with ${name}[${bad}] = ${tensor[bad]} instead of an integer in 0 … ${below - 1}`,
    );
  }
  return indices;
}
