import { IncompatibleStateError } from './errors.js';
import type { ModelState } from './learner.js';

/** @throws IncompatibleStateError when `state` is not of `kind`. */
export function expectKind(state: ModelState, kind: string): void {
  if (state.kind !== kind) throw new IncompatibleStateError(kind, state.kind);
}

/** @throws IncompatibleStateError when the field is absent or no integer ≥ 0. */
export function readCount(state: ModelState, name: string): number {
  const value = state.fitted[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new IncompatibleStateError(state.kind, `${state.kind} with ${name} = ${JSON.stringify(value)}`);
  }
  return value;
}

/** @throws IncompatibleStateError when the tensor is absent or not `length` long. */
export function readTensor(state: ModelState, name: string, length: number): Float32Array {
  const tensor = state.tensors[name];
  if (tensor?.length !== length) {
    throw new IncompatibleStateError(
      state.kind,
      `${state.kind} with tensor ${name} of length ${tensor?.length ?? 'none'} instead of ${length}`,
    );
  }
  return tensor;
}

/** @throws IncompatibleStateError when the field is absent or not finite. */
export function readNumber(state: ModelState, name: string): number {
  const value = state.fitted[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new IncompatibleStateError(state.kind, `${state.kind} with ${name} = ${JSON.stringify(value)}`);
  }
  return value;
}
