import type { DistinctInteractions } from '../core/interactions.js';
import { runInSlices } from '../core/event-loop.js';
import { deriveSeed } from '../core/random.js';
import type { Kernel, KernelMemory, KernelRuntime } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';
import { layOutScratch, NeuMFPlan } from './neumf-plan.js';
import { CHUNK_SAMPLES, type LabelledPairs, type NeuMFOptimization } from './neumf-trainer.js';
import { layOutPositives, writePositives } from './positives.js';

export interface NeuMFSamplerOptions extends Pick<NeuMFOptimization, 'batchSize' | 'negatives'> {
  readonly positives: DistinctInteractions;
  readonly seed: number;
}

const KERNEL = 'neumf';
const SHUFFLES_PER_CALL = 2 ** 18;
/** The plan of a network that is never run. */
const SMALLEST = { userCount: 1, itemCount: 1, factors: 4, layers: [8, 8] };

/**
 * Draws the batches that `NeuMFTrainer` trains on with one thread, in its order, for other engines.
 *
 * Memory: 12 bytes and a bit per user and item a positive, and one chunk of samples.
 */
export class NeuMFSampler {
  private readonly memory: KernelMemory;
  private readonly kernel: Kernel;
  private readonly plan: NeuMFPlan;
  private readonly chunk: LabelledPairs;

  constructor(
    kernels: KernelRuntime,
    private readonly options: NeuMFSamplerOptions,
  ) {
    const { positives, batchSize, negatives } = options;
    const layout = new MemoryLayout();
    const { plan } = layOutScratch(layout, SMALLEST);
    const addresses = layOutPositives(layout, positives);
    const chunkCapacity = Math.max(CHUNK_SAMPLES, batchSize, negatives + 1);
    const chunk = {
      chunkUsers: layout.takeWords(chunkCapacity),
      chunkItems: layout.takeWords(chunkCapacity),
      chunkLabels: layout.takeWords(chunkCapacity),
    };
    this.memory = kernels.createMemory(layout.byteLength);
    const { buffer } = this.memory;
    this.plan = new NeuMFPlan(buffer, plan);
    this.plan.set({ ...addresses, ...chunk, chunkCapacity, negatives, itemCount: positives.itemCount });
    writePositives(buffer, addresses, positives);
    this.chunk = {
      users: new Int32Array(buffer, chunk.chunkUsers, chunkCapacity),
      items: new Int32Array(buffer, chunk.chunkItems, chunkCapacity),
      labels: new Float32Array(buffer, chunk.chunkLabels, chunkCapacity),
    };
    this.kernel = kernels.instantiate(KERNEL, this.memory);
  }

  /**
   * Goes once over all positives in the order of `epoch`, with its negatives.
   *
   * @returns Batches of `batchSize` samples, the last one shorter; each is valid until the next is asked for.
   * @throws The signal's reason when aborted while the positives are shuffled.
   */
  async *batches(epoch: number, signal?: AbortSignal): AsyncGenerator<LabelledPairs, void, void> {
    const { seed, positives, batchSize } = this.options;
    const rowCount = positives.users.length;
    this.plan.seed(deriveSeed(seed, epoch, 0), deriveSeed(seed, epoch, 1));
    const shuffle = (from: number, to: number): void => {
      this.kernel.call('shuffle', this.plan.address, from, to);
    };
    await runInSlices(rowCount, SHUFFLES_PER_CALL, shuffle, signal);

    this.plan.seed(deriveSeed(seed, epoch, 2), deriveSeed(seed, epoch, 3));
    this.plan.set({ cursor: 0, end: rowCount });
    const batch = newBatch(batchSize);
    let fill = 0;
    for (;;) {
      const length = this.kernel.call('sampleChunk', this.plan.address);
      if (length === 0) break;
      for (let from = 0; from < length;) {
        const to = Math.min(length, from + batchSize - fill);
        copySamples(this.chunk, from, to, batch, fill);
        fill += to - from;
        from = to;
        if (fill < batchSize) break;
        yield batch;
        fill = 0;
      }
    }
    if (fill > 0) yield firstSamples(batch, fill);
  }
}

function newBatch(length: number): LabelledPairs {
  return {
    users: new Int32Array(length),
    items: new Int32Array(length),
    labels: new Float32Array(length),
  };
}

function copySamples(
  source: LabelledPairs,
  from: number,
  to: number,
  target: LabelledPairs,
  at: number,
): void {
  target.users.set(source.users.subarray(from, to), at);
  target.items.set(source.items.subarray(from, to), at);
  target.labels.set(source.labels.subarray(from, to), at);
}

function firstSamples({ users, items, labels }: LabelledPairs, count: number): LabelledPairs {
  return {
    users: users.subarray(0, count),
    items: items.subarray(0, count),
    labels: labels.subarray(0, count),
  };
}
