import type { DistinctInteractions } from '../core/interactions.js';
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
import { layOutPositives, trainEpoch, writePositives, type PositiveAddresses } from './positives.js';

/** What may change from epoch to epoch. */
export interface NeuMFPace {
  /** Adam's step size. */
  readonly learningRate: number;
  /** Step size of embeddings by plain gradient descent, each sample counting whole; h of GMF stays. 0: they follow Adam. */
  readonly embeddingLearningRate: number;
  /** Whether GMF and MLP have a loss each, as two networks would. */
  readonly isApart: boolean;
}

/** What one optimizer step depends on. */
export interface NeuMFOptimization extends Partial<Omit<NeuMFPace, 'isApart'>> {
  /** Samples a step. */
  readonly batchSize: number;
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
export type NeuMFTraining = Pick<
  NeuMFTrainer,
  'setPace' | 'setDense' | 'trainEpoch' | 'weights' | 'adam' | 'close'
>;

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

interface LaneAddresses extends ScratchAddresses {
  readonly fields: ReturnType<typeof layOutBatch>;
}

const KERNEL = 'neumf';
/** Samples mixed with each other before they are cut into batches, unless a batch is larger. */
export const CHUNK_SAMPLES = 4096;
/** Multiply–adds in one uninterrupted call: some 10 ms. */
const WORK_PER_CALL = 80e6;

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

  /** Sets what the next steps depend on. */
  setPace({ learningRate, embeddingLearningRate, isApart }: NeuMFPace): void {
    this.plans.forEach((plan, lane) => {
      const { errors, gmfErrors } = this.addresses.lanes[lane]!;
      plan.set({ learningRate, rowRate: embeddingLearningRate, gmfErrors: isApart ? gmfErrors : errors });
    });
  }

  /** Replaces the dense weights. Adam's moments stay. */
  setDense(dense: Float32Array): void {
    this.view(this.addresses.network.dense, dense.length).set(dense);
  }

  /**
   * Goes once over all positives in a new order with new negatives, all derived from seed and `epoch`.
   *
   * @returns Mean cross-entropy and number of samples.
   * @throws The signal's reason when aborted; the parameters are then somewhere inside the epoch.
   */
  async trainEpoch(epoch: number, signal?: AbortSignal): Promise<{ loss: number; samples: number }> {
    const { seed, positives, shape } = this.options;
    for (const plan of this.plans) plan.set({ chunkLength: 0, chunkPosition: 0 });
    const budget = Math.max(64, Math.ceil(WORK_PER_CALL / (3 * multiplyAdds(shape))));
    return trainEpoch(
      { plans: this.plans, kernel: this.kernel, threads: this.threads, train: { name: 'train', budget } },
      { seed, epoch, rowCount: positives.users.length },
      signal,
    );
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
    writePositives(this.memory.buffer, this.addresses.positives, positives);
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
  { shape, batchSize, negatives, regularization, ...pace }: NeuMFTrainerOptions,
  { network, first, second, positives }: Addresses,
  lane: LaneAddresses,
): NeuMFPlan {
  const plan = new NeuMFPlan(buffer, lane.plan);
  plan.describeNetwork(shape, network, lane);
  const { learningRate = 0, embeddingLearningRate: rowRate = 0 } = pace;
  plan.set({ batchSize, learningRate, rowRate, negatives, regularization, ...positives, ...lane.fields });
  plan.set({ userFirst: first.userRows, itemFirst: first.itemRows, denseFirst: first.dense });
  plan.set({ userSecond: second.userRows, itemSecond: second.itemRows, denseSecond: second.dense });
  new Int32Array(buffer, lane.fields.userSlots, shape.userCount).fill(-1);
  new Int32Array(buffer, lane.fields.itemSlots, shape.itemCount).fill(-1);
  return plan;
}
