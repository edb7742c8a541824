/** Lets timers, messages and an abort through; long computations call it at least every 50 ms. */
export async function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * Runs `work` over 0 … count in slices, letting the event loop turn between them.
 *
 * @throws The signal's reason when it is aborted; the slice under way is finished before.
 */
export async function runInSlices(
  count: number,
  sliceLength: number,
  work: (from: number, to: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let from = 0; from < count; from += sliceLength) {
    signal?.throwIfAborted();
    work(from, Math.min(count, from + sliceLength));
    await yieldToEventLoop();
  }
}
