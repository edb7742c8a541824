import type { Kernel, KernelRuntime } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';
import { denseParts, type NeuMFShape, type NeuMFWeights } from './neumf-network.js';
import { layOutNetwork, layOutScratch, NeuMFPlan } from './neumf-plan.js';

const KERNEL = 'neumf';
const PAIRS_PER_CALL = 4096;

/**
 * Scores users and items with given NeuMF weights, which it copies into a memory of its own.
 *
 * The item half of the first layer is computed once, so that scoring n items for one user costs
 * O(n · (layers[1] · layers[2] + …)). Indices are not checked here. One score at a time: not reentrant.
 */
export class NeuMFScorer {
  private readonly kernel: Kernel;
  private readonly plan: NeuMFPlan;
  private readonly scores: Float32Array;
  private readonly pairUsers: Int32Array;
  private readonly pairItems: Int32Array;
  private readonly parameters: NeuMFWeights;

  constructor(
    kernels: KernelRuntime,
    private readonly shape: NeuMFShape,
    weights: NeuMFWeights,
  ) {
    const layout = new MemoryLayout();
    const network = layOutNetwork(layout, shape);
    const scratch = layOutScratch(layout, shape);
    const { layers, length } = denseParts(shape);
    const fields = {
      chunkUsers: layout.takeWords(PAIRS_PER_CALL),
      chunkItems: layout.takeWords(PAIRS_PER_CALL),
      preparedItems: layout.takeWords(shape.itemCount * (layers[0]!.kernel.outputs + shape.factors)),
      // both ways of scoring write whole blocks of 4
      scores: layout.takeWords(Math.max(shape.itemCount + 3, PAIRS_PER_CALL)),
    };
    const { buffer } = kernels.createMemory(layout.byteLength);
    this.parameters = {
      users: new Float32Array(buffer, network.userRows, weights.users.length),
      items: new Float32Array(buffer, network.itemRows, weights.items.length),
      dense: new Float32Array(buffer, network.dense, length),
    };
    this.parameters.users.set(weights.users);
    this.parameters.items.set(weights.items);
    this.parameters.dense.set(weights.dense);

    this.plan = new NeuMFPlan(buffer, scratch.plan);
    this.plan.describeNetwork(shape, network, scratch);
    this.plan.set(fields);
    this.scores = new Float32Array(buffer, fields.scores, Math.max(shape.itemCount, PAIRS_PER_CALL));
    this.pairUsers = new Int32Array(buffer, fields.chunkUsers, PAIRS_PER_CALL);
    this.pairItems = new Int32Array(buffer, fields.chunkItems, PAIRS_PER_CALL);
    this.kernel = kernels.instantiate(KERNEL, { buffer });
    this.kernel.call('prepareItems', this.plan.address, 0, shape.itemCount);
  }

  /** @returns A copy of the weights. */
  weights(): NeuMFWeights {
    const { users, items, dense } = this.parameters;
    // constructed from a view: a copy outside the shared memory
    return { users: new Float32Array(users), items: new Float32Array(items), dense: new Float32Array(dense) };
  }

  /** @returns Log-odds of every item for `user`, in `out`. Shape (itemCount). */
  scoreAll(user: number, out: Float32Array): Float32Array {
    this.kernel.call('scoreAll', this.plan.address, user);
    out.set(this.scores.subarray(0, this.shape.itemCount));
    return out;
  }

  /** @returns Log-odds of each pair. Shape (users.length). */
  scorePairs(users: Int32Array, items: Int32Array): Float32Array {
    const scores = new Float32Array(users.length);
    for (let from = 0; from < users.length; from += PAIRS_PER_CALL) {
      const to = Math.min(users.length, from + PAIRS_PER_CALL);
      this.pairUsers.set(users.subarray(from, to));
      this.pairItems.set(items.subarray(from, to));
      this.kernel.call('scorePairs', this.plan.address, to - from);
      scores.set(this.scores.subarray(0, to - from), from);
    }
    return scores;
  }
}
