import type { DistinctInteractions } from '../core/interactions.js';
import { runInSlices, yieldToEventLoop } from '../core/event-loop.js';
import { deriveSeed } from '../core/random.js';
import type { Kernel, KernelMemory, KernelRuntime, KernelThreads } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';
import { multiplyAdds, rowWidth, type NeuMFShape, type NeuMFWeights } from './neumf-network.js';
import {
  layOutNetwork,
  layOutScratch,
  NeuMFPlan,
  type NetworkAddresses,
  type ScratchAddresses,
} from './neumf-plan.js';

/** What one optimizer step depends on. */
export interface NeuMFOptimization {
  /** Samples a step. */
  readonly batchSize: number;
  readonly learningRate: number;
  /** Sampled negatives a positive. */
  readonly negatives: number;
  /** L2 penalty λ of the embedding rows of each sample. */
  readonly regularization: number;
}

/** Adam's moments, each of the shape of its weights, and the steps done by each thread. */
export interface AdamState {
  readonly first: NeuMFWeights;
  readonly second: NeuMFWeights;
  readonly steps: readonly number[];
}

/** Labelled pairs. Columns of equal length, at most a batch. */
export interface LabelledPairs {
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** 1 for a positive, 0 for a negative. */
  readonly labels: Float32Array;
}

/** A fit in progress on some engine: what NeuMF needs of it. */
export type NeuMFTraining = Pick<NeuMFTrainer, 'trainEpoch' | 'weights' | 'adam' | 'close'>;

/** Starts a fit on an engine. Engines draw the same samples in the same order and do the same optimizer steps. */
export type StartNeuMFTraining = (
  kernels: KernelRuntime,
  options: NeuMFTrainerOptions,
) => Promise<NeuMFTraining>;

export interface NeuMFTrainerOptions extends NeuMFOptimization {
  readonly shape: NeuMFShape;
  readonly positives: DistinctInteractions;
  readonly weights: NeuMFWeights;
  /** Continues with these moments; without them Adam starts at zero. */
  readonly adam?: AdamState;
  readonly threads: number;
  readonly seed: number;
}

interface Addresses {
  readonly network: NetworkAddresses;
  readonly first: NetworkAddresses;
  readonly second: NetworkAddresses;
  readonly positives: PositiveAddresses;
  readonly lanes: readonly LaneAddresses[];
}

interface PositiveAddresses {
  readonly positiveUsers: number;
  readonly positiveItems: number;
  readonly offsets: number;
  readonly permutation: number;
  readonly bitmap: number;
  readonly bitmapRowBytes: number;
}

interface LaneAddresses extends ScratchAddresses {
  readonly fields: ReturnType<typeof layOutBatch>;
}

const KERNEL = 'neumf';
/** A larger bitmap of positives is left out; the kernel then searches the sorted positives, which is slower. */
const MAX_BITMAP_BYTES = 64 * 2 ** 20;
/** Samples mixed with each other before they are cut into batches, unless a batch is larger. */
export const CHUNK_SAMPLES = 4096;
/** Multiply–adds in one uninterrupted call: some 10 ms. */
const WORK_PER_CALL = 80e6;
const SHUFFLES_PER_CALL = 2 ** 18;

/**
 * Trains NeuMF in WebAssembly: parameters, moments and data in one memory, one plan a thread.
 *
 * With one thread it runs on the caller's, in slices, and is deterministic. With more, threads
 * update the same parameters without locks (Hogwild), each with batches of its own.
 * Memory: 3 floats a parameter, 12 bytes and a bit per user and item a positive, and batch buffers.
 *
 * @see Recht, Ré, Wright & Niu, "Hogwild!: A Lock-Free Approach to Parallelizing SGD", NeurIPS 2011.
 */
export class NeuMFTrainer {
  private constructor(
    private readonly options: NeuMFTrainerOptions,
    private readonly memory: KernelMemory,
    private readonly addresses: Addresses,
    private readonly plans: readonly NeuMFPlan[],
    private readonly kernel: Kernel,
    private readonly threads: KernelThreads | undefined,
  ) {}

  static async create(kernels: KernelRuntime, options: NeuMFTrainerOptions): Promise<NeuMFTrainer> {
    const layout = new MemoryLayout();
    const addresses = layOut(layout, options);
    const memory = kernels.createMemory(layout.byteLength);
    const plans = addresses.lanes.map((lane) => writePlan(memory, options, addresses, lane));
    const kernel = kernels.instantiate(KERNEL, memory);
    const threads =
      options.threads > 1 ? await kernels.startThreads(KERNEL, memory, options.threads) : undefined;
    const trainer = new NeuMFTrainer(options, memory, addresses, plans, kernel, threads);
    trainer.writeState();
    return trainer;
  }

  /**
   * Goes once over all positives in a new order with new negatives, all derived from seed and `epoch`.
   *
   * @returns Mean cross-entropy and number of samples.
   * @throws The signal's reason when aborted; the parameters are then somewhere inside the epoch.
   */
  async trainEpoch(epoch: number, signal?: AbortSignal): Promise<{ loss: number; samples: number }> {
    const { seed, positives } = this.options;
    const rowCount = positives.users.length;
    const main = this.plans[0]!;
    main.seed(deriveSeed(seed, epoch, 0), deriveSeed(seed, epoch, 1));
    const shuffle = (from: number, to: number): void => {
      this.kernel.call('shuffle', main.address, from, to);
    };
    await runInSlices(rowCount, SHUFFLES_PER_CALL, shuffle, signal);

    const share = (lane: number): number => Math.floor((rowCount * lane) / this.plans.length);
    const lanes = this.plans.map(async (plan, lane) => {
      plan.seed(deriveSeed(seed, epoch, 2 + 2 * lane), deriveSeed(seed, epoch, 3 + 2 * lane));
      plan.set({ cursor: share(lane), end: share(lane + 1), chunkLength: 0, chunkPosition: 0 });
      await this.trainLane(plan, lane, signal);
    });
    // all of them, so that no thread still writes when an abort is reported
    const failed = (await Promise.allSettled(lanes)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;

    const totals = this.plans.map((plan) => plan.takeLoss());
    const samples = totals.reduce((sum, total) => sum + total.samples, 0);
    return { loss: totals.reduce((sum, total) => sum + total.loss, 0) / samples, samples };
  }

  /**
   * Differentiates the loss of one batch and changes nothing.
   *
   * @returns Mean cross-entropy, and the derivatives of it, plus λ/2 times the squared rows of each pair, by all weights.
   */
  differentiate(pairs: LabelledPairs): { loss: number; gradient: NeuMFWeights } {
    const plan = this.accumulate(pairs);
    const { loss, samples } = plan.takeLoss();
    const { shape } = this.options;
    const width = rowWidth(shape);
    const rows = (kind: 'user' | 'item', count: number): Float32Array => {
      const sums = this.view(plan.get(`${kind}Gradient`), plan.get(`${kind}TouchedCount`) * width);
      const touched = new Int32Array(this.memory.buffer, plan.get(`${kind}Touched`), sums.length / width);
      const slots = new Int32Array(this.memory.buffer, plan.get(`${kind}Slots`), count);
      const gradient = new Float32Array(count * width);
      touched.forEach((row, slot) => {
        gradient.set(sums.subarray(slot * width, (slot + 1) * width), row * width);
        slots[row] = -1;
      });
      return gradient.map((sum) => sum / samples);
    };
    const denseSums = this.view(plan.get('denseGradient'), plan.get('denseLength'));
    const gradient = {
      users: rows('user', shape.userCount),
      items: rows('item', shape.itemCount),
      dense: Float32Array.from(denseSums, (sum) => sum / samples),
    };
    denseSums.fill(0);
    plan.set({ batchFill: 0, userTouchedCount: 0, itemTouchedCount: 0 });
    return { loss: loss / samples, gradient };
  }

  /** Does one optimizer step on one batch. @returns Mean cross-entropy before the step. */
  step(pairs: LabelledPairs): number {
    const plan = this.accumulate(pairs);
    this.kernel.call('applyBatch', plan.address);
    const { loss, samples } = plan.takeLoss();
    return loss / samples;
  }

  /** @returns A copy of the current weights. */
  weights(): NeuMFWeights {
    return this.copy(this.addresses.network);
  }

  /** @returns A copy of the optimizer's state. */
  adam(): AdamState {
    const { first, second } = this.addresses;
    return {
      first: this.copy(first),
      second: this.copy(second),
      steps: this.plans.map((plan) => plan.get('step')),
    };
  }

  /** Ends the threads, if any. The trainer is of no use afterwards. */
  async close(): Promise<void> {
    await this.threads?.close();
  }

  private async trainLane(plan: NeuMFPlan, lane: number, signal: AbortSignal | undefined): Promise<void> {
    const budget = Math.max(64, Math.ceil(WORK_PER_CALL / (3 * multiplyAdds(this.options.shape))));
    for (;;) {
      signal?.throwIfAborted();
      const isUnfinished = this.threads
        ? await this.threads.call(lane, 'train', plan.address, 4 * budget)
        : this.kernel.call('train', plan.address, budget);
      if (isUnfinished === 0) return;
      if (!this.threads) await yieldToEventLoop();
    }
  }

  private accumulate({ users, items, labels }: LabelledPairs): NeuMFPlan {
    const plan = this.plans[0]!;
    const { buffer } = this.memory;
    new Int32Array(buffer, plan.get('chunkUsers'), users.length).set(users);
    new Int32Array(buffer, plan.get('chunkItems'), items.length).set(items);
    new Float32Array(buffer, plan.get('chunkLabels'), labels.length).set(labels);
    this.kernel.call('beginBatch', plan.address);
    this.kernel.call('accumulate', plan.address, 0, users.length);
    return plan;
  }

  private writeState(): void {
    const { weights, adam, positives } = this.options;
    const { network, first, second } = this.addresses;
    this.write(network, weights);
    if (adam) {
      this.write(first, adam.first);
      this.write(second, adam.second);
      this.plans.forEach((plan, lane) => plan.set({ step: adam.steps[lane] ?? 0 }));
    }
    writePositives(this.memory, this.addresses.positives, positives);
  }

  private view(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  private write({ userRows, itemRows, dense }: NetworkAddresses, weights: NeuMFWeights): void {
    this.view(userRows, weights.users.length).set(weights.users);
    this.view(itemRows, weights.items.length).set(weights.items);
    this.view(dense, weights.dense.length).set(weights.dense);
  }

  private copy({ userRows, itemRows, dense }: NetworkAddresses): NeuMFWeights {
    const { weights } = this.options;
    // constructed from a view: a copy outside the shared memory
    return {
      users: new Float32Array(this.view(userRows, weights.users.length)),
      items: new Float32Array(this.view(itemRows, weights.items.length)),
      dense: new Float32Array(this.view(dense, weights.dense.length)),
    };
  }
}

function layOut(layout: MemoryLayout, options: NeuMFTrainerOptions): Addresses {
  const { shape, threads } = options;
  return {
    network: layOutNetwork(layout, shape),
    first: layOutNetwork(layout, shape),
    second: layOutNetwork(layout, shape),
    positives: layOutPositives(layout, options.positives),
    lanes: Array.from({ length: threads }, () => ({
      ...layOutScratch(layout, shape),
      fields: layOutBatch(layout, options),
    })),
  };
}

export function layOutPositives(layout: MemoryLayout, { users, userCount, itemCount }: DistinctInteractions) {
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

/** Buffers of one thread: the chunk of samples, and gradient rows for every user and item of a batch. */
function layOutBatch(
  layout: MemoryLayout,
  { shape, batchSize, negatives }: NeuMFOptimization & { shape: NeuMFShape },
) {
  const chunkCapacity = Math.max(CHUNK_SAMPLES, batchSize, negatives + 1);
  // 3 samples more: a block is read whole even where the chunk ends
  const padded = chunkCapacity + 3;
  const width = rowWidth(shape);
  const userSlots = Math.min(batchSize, shape.userCount);
  const itemSlots = Math.min(batchSize, shape.itemCount);
  return {
    chunkUsers: layout.takeWords(padded),
    chunkItems: layout.takeWords(padded),
    chunkLabels: layout.takeWords(padded),
    chunkCapacity,
    userSlots: layout.takeWords(shape.userCount),
    itemSlots: layout.takeWords(shape.itemCount),
    userTouched: layout.takeWords(userSlots),
    itemTouched: layout.takeWords(itemSlots),
    userGradient: layout.takeWords(userSlots * width),
    itemGradient: layout.takeWords(itemSlots * width),
  };
}

function writePlan(
  { buffer }: KernelMemory,
  { shape, batchSize, learningRate, negatives, regularization }: NeuMFTrainerOptions,
  { network, first, second, positives }: Addresses,
  lane: LaneAddresses,
): NeuMFPlan {
  const plan = new NeuMFPlan(buffer, lane.plan);
  plan.describeNetwork(shape, network, lane);
  plan.set({ batchSize, learningRate, negatives, regularization, ...positives, ...lane.fields });
  plan.set({ userFirst: first.userRows, itemFirst: first.itemRows, denseFirst: first.dense });
  plan.set({ userSecond: second.userRows, itemSecond: second.itemRows, denseSecond: second.dense });
  new Int32Array(buffer, lane.fields.userSlots, shape.userCount).fill(-1);
  new Int32Array(buffer, lane.fields.itemSlots, shape.itemCount).fill(-1);
  return plan;
}

export function writePositives(
  { buffer }: KernelMemory,
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
