import type { DistinctInteractions } from '../core/interactions.js';
import { runInSlices, yieldToEventLoop } from '../core/event-loop.js';
import { deriveSeed } from '../core/random.js';
import type { Kernel, KernelThreads } from './kernel-runtime.js';
import type { KernelPlan } from './kernel-plan.js';
import type { MemoryLayout } from './memory-layout.js';

/** Where positives lie in kernel memory: fields of every plan. */
export interface PositiveAddresses {
  readonly positiveUsers: number;
  readonly positiveItems: number;
  readonly offsets: number;
  readonly permutation: number;
  /** 0 when there is none. */
  readonly bitmap: number;
  readonly bitmapRowBytes: number;
}

/** Who goes over the positives: a plan a thread, and the threads when there are several. */
export interface PositiveLanes {
  readonly plans: readonly KernelPlan<never>[];
  readonly kernel: Kernel;
  readonly threads: KernelThreads | undefined;
  /** What of the kernel to call, and how much in one uninterrupted call of some 10 ms, in its own unit. */
  readonly train: { readonly name: string; readonly budget: number };
}

/** A larger bitmap of positives is left out; the kernel then searches the sorted positives, which is slower. */
const MAX_BITMAP_BYTES = 64 * 2 ** 20;
const SHUFFLES_PER_CALL = 2 ** 18;

/** Takes room for positives: 12 bytes a row, and one bit a user and item where that is not too much. */
export function layOutPositives(
  layout: MemoryLayout,
  { users, userCount, itemCount }: DistinctInteractions,
): PositiveAddresses {
  const bitmapRowBytes = Math.ceil(itemCount / 8);
  const bitmapBytes = bitmapRowBytes * userCount;
  return {
    positiveUsers: layout.takeWords(users.length),
    positiveItems: layout.takeWords(users.length),
    offsets: layout.takeWords(userCount + 1),
    permutation: layout.takeWords(users.length),
    bitmap: bitmapBytes <= MAX_BITMAP_BYTES ? layout.take(bitmapBytes) : 0,
    bitmapRowBytes,
  };
}

/** Writes positives where they were laid out; the bitmap there must be zero. */
export function writePositives(
  buffer: SharedArrayBuffer,
  { positiveUsers, positiveItems, offsets, bitmap, bitmapRowBytes }: PositiveAddresses,
  positives: DistinctInteractions,
): void {
  const { users, items } = positives;
  new Int32Array(buffer, positiveUsers, users.length).set(users);
  new Int32Array(buffer, positiveItems, items.length).set(items);
  new Int32Array(buffer, offsets, positives.offsets.length).set(positives.offsets);
  if (bitmap === 0) return;
  const bits = new Uint8Array(buffer, bitmap, bitmapRowBytes * positives.userCount);
  // hot: one pass over validated rows
  for (let row = 0; row < users.length; row += 1) {
    const item = items[row]!;
    bits[users[row]! * bitmapRowBytes + (item >> 3)]! |= 1 << (item & 7);
  }
}

/**
 * Goes once over `rowCount` positives in a new order, all of it derived from `seed` and `epoch`.
 *
 * One plan runs on the caller's thread in slices; of several each has a thread and a share of its own.
 *
 * @returns Mean loss a sample and the number of samples.
 * @throws The signal's reason when aborted; no thread works on then.
 */
export async function trainEpoch(
  lanes: PositiveLanes,
  { seed, epoch, rowCount }: { readonly seed: number; readonly epoch: number; readonly rowCount: number },
  signal?: AbortSignal,
): Promise<{ loss: number; samples: number }> {
  const { plans, kernel } = lanes;
  // there is at least one
  const main = plans[0]!;
  main.seed(deriveSeed(seed, epoch, 0), deriveSeed(seed, epoch, 1));
  const shuffle = (from: number, to: number): void => {
    kernel.call('shuffle', main.address, from, to);
  };
  await runInSlices(rowCount, SHUFFLES_PER_CALL, shuffle, signal);

  const share = (lane: number): number => Math.floor((rowCount * lane) / plans.length);
  const running = plans.map(async (plan, lane) => {
    plan.seed(deriveSeed(seed, epoch, 2 + 2 * lane), deriveSeed(seed, epoch, 3 + 2 * lane));
    plan.set({ cursor: share(lane), end: share(lane + 1) });
    await trainLane(lanes, lane, signal);
  });
  // all of them, so that no thread still writes when an abort is reported
  const failed = (await Promise.allSettled(running)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;

  const totals = plans.map((plan) => plan.takeLoss());
  const samples = totals.reduce((sum, total) => sum + total.samples, 0);
  return { loss: totals.reduce((sum, total) => sum + total.loss, 0) / samples, samples };
}

async function trainLane(
  { plans, kernel, threads, train }: PositiveLanes,
  lane: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { address } = plans[lane]!;
  for (;;) {
    signal?.throwIfAborted();
    const isUnfinished = threads
      ? await threads.call(lane, train.name, address, 4 * train.budget)
      : kernel.call(train.name, address, train.budget);
    if (isUnfinished === 0) return;
    if (!threads) await yieldToEventLoop();
  }
}
