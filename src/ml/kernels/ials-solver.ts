import { groupByItem } from '../core/by-item.js';
import { runInSlices, yieldToEventLoop } from '../core/event-loop.js';
import type { DistinctInteractions } from '../core/interactions.js';
import type { IalsObjective } from './ials-objective.js';
import { IALS_KERNEL, IalsPlan, layOutGram, layOutScratch, paddedWidth } from './ials-plan.js';
import { IALS_WORK_PER_CALL, layOutSide, writeSide, type IalsSide } from './ials-side.js';
import type { Kernel, KernelMemory, KernelRuntime, KernelThreads } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';

/** Factors of both sides; rows have `paddedWidth(factors)` floats, zero from `factors` on. */
export interface IalsFactors {
  /** Shape (userCount, width). */
  readonly users: Float32Array;
  /** Shape (itemCount, width). */
  readonly items: Float32Array;
}

export interface IalsSolverOptions extends IalsObjective {
  readonly factors: number;
  readonly positives: DistinctInteractions;
  /** Where the users start. Shape (userCount, width). */
  readonly users: Float32Array;
  /** Where the items stand, for a fit that goes on; the first epoch does not need them. Shape (itemCount, width). */
  readonly items?: Float32Array;
  readonly threads: number;
  readonly signal?: AbortSignal;
}

/** Multiply–adds in one call on another thread, whose messages cost more than its pauses are worth. */
const WORK_PER_THREAD_CALL = 4 * IALS_WORK_PER_CALL;

/**
 * Alternates exact ridge solutions of users and items in WebAssembly (iALS by Cholesky factorization).
 *
 * Each row x of one side solves (Σ_S y·yᵀ + α₀·YᵀY + penalty·I)·x = Σ_S y over the rows y of the other side.
 * Rows of a side do not depend on each other and each is summed in one order, so that the result is the same
 * to the last bit on any number of threads. With one thread it runs on the caller's, in slices.
 * Time O(n·f² + (users + items)·f³) an epoch; memory 8 bytes an interaction, f floats a row.
 *
 * @see Hu, Koren & Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, doi:10.1109/ICDM.2008.22.
 * @see Rendle, Krichene, Zhang & Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks",
 * RecSys 2022, §3, arXiv:2110.14037.
 */
export class IalsSolver {
  private constructor(
    private readonly objective: IalsObjective,
    private readonly width: number,
    private readonly memory: KernelMemory,
    private readonly gram: number,
    private readonly sides: { readonly users: IalsSide; readonly items: IalsSide },
    private readonly plans: readonly IalsPlan[],
    private readonly kernel: Kernel,
    private readonly threads: KernelThreads | undefined,
  ) {}

  /** @throws The signal's reason when aborted. */
  static async create(kernels: KernelRuntime, options: IalsSolverOptions): Promise<IalsSolver> {
    const { positives, factors, users, items, threads: threadCount, signal } = options;
    const width = paddedWidth(factors);
    const layout = new MemoryLayout();
    const gram = layOutGram(layout, width);
    const scratches = Array.from({ length: threadCount }, () => layOutScratch(layout, width));
    const byItem = await groupByItem(positives, signal);
    const entries = {
      users: { offsets: positives.offsets, indices: positives.items },
      items: { offsets: byItem.offsets, indices: byItem.users },
    };
    const sides = {
      users: layOutSide(layout, entries.users, width),
      items: layOutSide(layout, entries.items, width),
    };
    const memory = kernels.createMemory(layout.byteLength);
    writeSide(memory, sides.users, entries.users, sides.items.count, options);
    writeSide(memory, sides.items, entries.items, sides.users.count, options);
    new Float32Array(memory.buffer, sides.users.addresses.own, users.length).set(users);
    if (items) new Float32Array(memory.buffer, sides.items.addresses.own, items.length).set(items);
    const plans = scratches.map((scratch) => new IalsPlan(memory, width, scratch));
    const kernel = kernels.instantiate(IALS_KERNEL, memory);
    const threads =
      threadCount > 1 ? await kernels.startThreads(IALS_KERNEL, memory, threadCount) : undefined;
    return new IalsSolver(options, width, memory, gram, sides, plans, kernel, threads);
  }

  /**
   * Solves all items given the users, then all users given the items.
   *
   * @returns The objective after it: Σ_S (1 − ŷ)² + α₀·Σ ŷ² over all pairs + Σ penalty·|x|² over all rows.
   * @throws The signal's reason when aborted; rows are then partly of this epoch.
   */
  async runEpoch(signal?: AbortSignal): Promise<number> {
    const { users, items } = this.sides;
    await this.solve(items, users, signal);
    const itemPenalty = this.losses(items).penalty;
    await this.solve(users, items, signal);
    return this.losses(users).total + itemPenalty;
  }

  /** @returns A copy of the users' factors. */
  users(): Float32Array {
    return this.rows(this.sides.users);
  }

  /** @returns A copy of the items' factors: zeros before the first epoch. */
  items(): Float32Array {
    return this.rows(this.sides.items);
  }

  /** Ends the threads, if any. The solver is of no use afterwards. */
  async close(): Promise<void> {
    await this.threads?.close();
  }

  private async solve(own: IalsSide, other: IalsSide, signal: AbortSignal | undefined): Promise<void> {
    const { shares, addresses } = own;
    const { own: others } = other.addresses;
    for (const plan of this.plans) plan.set({ ...addresses, other: others, gram: this.gram });
    await this.computeGram(other.count, signal);
    let next = 0;
    const lanes = this.plans.map(async (plan, lane) => {
      while (next < shares.length - 1) {
        // shares has one entry more than there are shares
        plan.set({ row: shares[next]!, end: shares[next + 1]!, entry: -1 });
        next += 1;
        await this.finishShare(plan, lane, signal);
      }
    });
    // all of them, so that no thread still writes when an abort is reported
    const failed = (await Promise.allSettled(lanes)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async computeGram(rowCount: number, signal: AbortSignal | undefined): Promise<void> {
    // every plan has the same `other` and `gram`
    const { address } = this.plans[0]!;
    this.kernel.call('beginGram', address);
    // whole blocks, so that the sums do not depend on the slices
    const rowsPerCall = 64 * Math.ceil(IALS_WORK_PER_CALL / (32 * this.width ** 2));
    await runInSlices(
      rowCount,
      rowsPerCall,
      (from, to) => {
        this.kernel.call('addToGram', address, from, to);
      },
      signal,
    );
    this.kernel.call('scaleGram', address, this.objective.unobservedWeight);
  }

  private async finishShare(plan: IalsPlan, lane: number, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const isUnfinished = this.threads
        ? await this.threads.call(lane, 'solve', plan.address, WORK_PER_THREAD_CALL)
        : this.kernel.call('solve', plan.address, IALS_WORK_PER_CALL);
      if (!this.threads) await yieldToEventLoop();
      if (isUnfinished === 0) return;
    }
  }

  private losses({ count, addresses }: IalsSide): { total: number; penalty: number } {
    const parts = new Float64Array(this.memory.buffer, addresses.losses, 2 * count);
    let total = 0;
    let penalty = 0;
    for (let row = 0; row < count; row += 1) {
      total += parts[2 * row]!;
      penalty += parts[2 * row + 1]!;
    }
    return { total, penalty };
  }

  private rows({ addresses, count }: IalsSide): Float32Array {
    // constructed from a view: a copy outside the shared memory
    return new Float32Array(new Float32Array(this.memory.buffer, addresses.own, count * this.width));
  }
}
