import type { DistinctInteractions } from '../core/interactions.js';
import type { Kernel, KernelRuntime, KernelThreads } from './kernel-runtime.js';
import { planBytes } from './kernel-plan.js';
import { MemoryLayout } from './memory-layout.js';
import { matrixRowWidth, type MatrixShape, type MatrixWeights } from './mf-matrix.js';
import { MATRIX_PLAN_FIELDS, MatrixPlan } from './mf-plan.js';
import { layOutPositives, trainEpoch, writePositives } from './positives.js';

/** How a positive is told from its negatives; the numbers are those of assembly/mf-loss.ts. */
export const MATRIX_LOSSES = { logistic: 0, softmax: 1, bpr: 2 } as const;

/** Name of a loss. */
export type MatrixLoss = keyof typeof MATRIX_LOSSES;

export interface MatrixTrainerOptions {
  readonly shape: MatrixShape;
  readonly positives: DistinctInteractions;
  readonly weights: MatrixWeights;
  /** Added to every product. */
  readonly bias: number;
  readonly loss: MatrixLoss;
  /** Sampled negatives a positive. */
  readonly negatives: number;
  /** L2 penalty λ of the rows of each sample. */
  readonly regularization: number;
  readonly threads: number;
  readonly seed: number;
}

const KERNEL = 'mf';
/** Multiply–adds in one uninterrupted call: some 10 ms. */
const WORK_PER_CALL = 40e6;

/**
 * Trains a matrix factorization in WebAssembly by stochastic gradient descent, without moments.
 *
 * One step takes a positive and its negatives: the items move one after the other as they see the user from before
 * the step, then the user moves. With one thread it runs on the caller's, in slices, and is deterministic. With more,
 * threads update the same rows without locks (Hogwild).
 * Memory: 1 float a parameter, 12 bytes and a bit per user and item a positive.
 *
 * @see Recht, Ré, Wright & Niu, "Hogwild!: A Lock-Free Approach to Parallelizing SGD", NeurIPS 2011.
 */
export class MatrixTrainer {
  private constructor(
    private readonly options: MatrixTrainerOptions,
    private readonly rows: MatrixWeights,
    private readonly plans: readonly MatrixPlan[],
    private readonly kernel: Kernel,
    private readonly threads: KernelThreads | undefined,
  ) {}

  static async create(kernels: KernelRuntime, options: MatrixTrainerOptions): Promise<MatrixTrainer> {
    const { shape, positives, weights, negatives } = options;
    const width = matrixRowWidth(shape);
    const layout = new MemoryLayout();
    const userRows = layout.takeWords(shape.userCount * width);
    const itemRows = layout.takeWords(shape.itemCount * width);
    const addresses = layOutPositives(layout, positives);
    const lanes = Array.from({ length: options.threads }, () => ({
      plan: layout.take(planBytes(MATRIX_PLAN_FIELDS)),
      fields: {
        group: layout.takeWords(1 + negatives),
        // whole blocks of 4
        errors: layout.takeWords(4 + negatives),
        userGradient: layout.takeWords(width),
      },
    }));
    const memory = kernels.createMemory(layout.byteLength);
    const plans = lanes.map(({ plan: address, fields }) => {
      const plan = new MatrixPlan(memory.buffer, address);
      plan.set({ ...addresses, ...fields, userRows, itemRows, rowWidth: width, negatives });
      plan.set({ userCount: shape.userCount, itemCount: shape.itemCount, bias: options.bias });
      plan.set({ regularization: options.regularization, lossKind: MATRIX_LOSSES[options.loss] });
      return plan;
    });
    const rows = {
      users: new Float32Array(memory.buffer, userRows, weights.users.length),
      items: new Float32Array(memory.buffer, itemRows, weights.items.length),
    };
    rows.users.set(weights.users);
    rows.items.set(weights.items);
    writePositives(memory.buffer, addresses, positives);
    const kernel = kernels.instantiate(KERNEL, memory);
    const threads =
      options.threads > 1 ? await kernels.startThreads(KERNEL, memory, options.threads) : undefined;
    return new MatrixTrainer(options, rows, plans, kernel, threads);
  }

  /**
   * Goes once over all positives in a new order with new negatives, all derived from seed and `epoch`.
   *
   * @returns Mean loss a sample and number of samples.
   * @throws The signal's reason when aborted; the parameters are then somewhere inside the epoch.
   */
  async trainEpoch(
    epoch: number,
    learningRate: number,
    signal?: AbortSignal,
  ): Promise<{ loss: number; samples: number }> {
    const { seed, positives, shape, negatives } = this.options;
    for (const plan of this.plans) plan.set({ learningRate });
    const budget = Math.ceil(WORK_PER_CALL / (3 * matrixRowWidth(shape) * (1 + negatives)));
    return trainEpoch(
      { plans: this.plans, kernel: this.kernel, threads: this.threads, train: { name: 'train', budget } },
      { seed, epoch, rowCount: positives.users.length },
      signal,
    );
  }

  /**
   * Does one step of `user` on a group.
   *
   * @param items The positive, then at most `negatives` others.
   * @returns The group's loss before the step.
   */
  step(user: number, items: Int32Array, learningRate: number): number {
    const plan = this.plans[0]!;
    const rowBytes = matrixRowWidth(this.options.shape) * 4;
    const group = new Int32Array(this.rows.users.buffer, plan.get('group'), items.length);
    group.set(items.map((item) => plan.get('itemRows') + item * rowBytes));
    plan.set({ learningRate });
    this.kernel.call('step', plan.address, user, items.length);
    return plan.takeLoss().loss;
  }

  /** @returns A copy of the current weights. */
  weights(): MatrixWeights {
    // constructed from a view: a copy outside the shared memory
    return { users: new Float32Array(this.rows.users), items: new Float32Array(this.rows.items) };
  }

  /** Ends the threads, if any. The trainer is of no use afterwards. */
  async close(): Promise<void> {
    await this.threads?.close();
  }
}
