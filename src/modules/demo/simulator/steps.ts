import { yieldToEventLoop } from '../../../ml/core/event-loop.js';

/**
 * A long computation cut into steps of a few milliseconds: it pauses after each, and returns its result at the end.
 *
 * Nothing else may change what it reads; then the result does not depend on how long the pauses are.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

const SLICE_MS = 5;

/** Computes without a pause. */
export function computeAtOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** Computes in slices of about 5 ms, or of one step if that takes longer, and lets the event loop turn between them. */
export async function computeInSlices<T>(steps: Steps<T>): Promise<T> {
  let sliceEnd = performance.now() + SLICE_MS;
  let step = steps.next();
  while (step.done !== true) {
    if (performance.now() >= sliceEnd) {
      await yieldToEventLoop();
      sliceEnd = performance.now() + SLICE_MS;
    }
    step = steps.next();
  }
  return step.value;
}
