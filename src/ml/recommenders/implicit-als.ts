import { IncompatibleStateError } from '../core/errors.js';
import { distinctInteractions, type DistinctInteractions, type Interactions } from '../core/interactions.js';
import type { Checkpoint, FitContext, Learner, ModelContext, ModelState } from '../core/learner.js';
import { createRandom, deriveSeed, drawNormal } from '../core/random.js';
import { expectKind, readCount, readTensor } from '../core/state.js';
import { paddedWidth } from '../kernels/ials-plan.js';
import { IalsSolver, type IalsFactors } from '../kernels/ials-solver.js';
import {
  readImplicitAlsHyperparameters,
  type ImplicitAlsHyperparameters,
} from './implicit-als-hyperparameters.js';
import {
  IMPLICIT_ALS_KIND,
  ImplicitAlsModel,
  readImplicitAls,
  type ImplicitAlsFit,
} from './implicit-als-model.js';

const CHECKPOINT_KIND = 'implicit-als-checkpoint/1';
// purpose of the seed
const USERS = 1;

/**
 * Recommends items from who took what, by a factorization that also looks at every pair nobody took (iALS).
 *
 * Minimizes Σ_S (1 − w·h)² + α₀·Σ (w·h)² over all pairs + Σ λ·(count + α₀·otherCount)^ν·|x|² over users w and
 * items h, by exact ridge solutions of all items, then all users, in turn. Users start at N(0, σ²/f). Repeated
 * interactions count once. Deterministic: also the number of threads does not change a bit.
 *
 * For items that nobody took every score is 0, and users without items get the mean user: take `Popularity` or
 * a content prior there. Time O(n·f² + (users + items)·f³) an epoch: f = 64 on a million interactions takes
 * about half a second on one core. Exact (Cholesky) at every width; from some 256 factors on an epoch takes tens
 * of seconds on a million interactions.
 *
 * @see Hu, Koren & Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, doi:10.1109/ICDM.2008.22.
 * @see Rendle, Krichene, Zhang & Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks",
 * RecSys 2022, §3, arXiv:2110.14037.
 *
 * @example
 * const model = await new ImplicitAls({ factors: 64 }).fit(interactions, { seed: 7, kernels });
 * model.scoreHistory({ items: Int32Array.of(3, 17), timestamps: new Float64Array(2) });
 */
export class ImplicitAls implements Learner<Interactions, ImplicitAlsModel> {
  readonly kind = IMPLICIT_ALS_KIND;
  readonly hyperparameters: ImplicitAlsHyperparameters;

  /**
   * @param hyperparameters Any of `ImplicitAlsHyperparameters`; the rest take their defaults.
   * @throws InvalidParameterError naming the parameter, its range and what was received.
   */
  constructor(hyperparameters?: unknown) {
    this.hyperparameters = readImplicitAlsHyperparameters(hyperparameters);
  }

  /**
   * Reports the mean loss an interaction after each epoch: the objective divided by |S|.
   *
   * @throws InvalidDataError when a row is bad.
   * @throws IncompatibleStateError when `resumeFrom` belongs to another fit.
   * @throws The signal's reason when aborted.
   */
  async fit(interactions: Interactions, context: FitContext): Promise<ImplicitAlsModel> {
    const { signal, kernels, resumeFrom } = context;
    signal?.throwIfAborted();
    const { epochs } = this.hyperparameters;
    const positives = await distinctInteractions(interactions, signal);
    const start = resumeFrom
      ? this.readCheckpoint(resumeFrom, positives)
      : { users: this.initialUsers(positives.userCount, this.hyperparameters.seed ?? context.seed) };
    const solver = await IalsSolver.create(kernels, {
      ...this.hyperparameters,
      ...start,
      positives,
      threads: this.hyperparameters.threads ?? context.threads ?? 1,
      ...(signal && { signal }),
    });
    try {
      for (let epoch = (resumeFrom?.epoch ?? 0) + 1; epoch <= epochs; epoch += 1) {
        await this.runEpoch(solver, epoch, positives, context);
      }
      return new ImplicitAlsModel(kernels, this.finish(solver, positives));
    } finally {
      await solver.close();
    }
  }

  /** @throws IncompatibleStateError when `state` was saved by another learner or is incomplete. */
  load(state: ModelState, { kernels }: ModelContext): ImplicitAlsModel {
    expectKind(state, IMPLICIT_ALS_KIND);
    return new ImplicitAlsModel(kernels, readImplicitAls(state));
  }

  private initialUsers(userCount: number, seed: number): Float32Array {
    const { factors, initialDeviation } = this.hyperparameters;
    const width = paddedWidth(factors);
    const random = createRandom(deriveSeed(seed, USERS));
    const deviation = initialDeviation / Math.sqrt(factors);
    const users = new Float32Array(userCount * width);
    for (let start = 0; start < users.length; start += width) {
      for (let k = 0; k < factors; k += 1) users[start + k] = deviation * drawNormal(random);
    }
    return users;
  }

  private async runEpoch(
    solver: IalsSolver,
    epoch: number,
    positives: DistinctInteractions,
    { signal, clock, onProgress, onCheckpoint }: FitContext,
  ): Promise<void> {
    const rowCount = positives.users.length;
    const started = clock?.() ?? 0;
    const loss = (await solver.runEpoch(signal)) / rowCount;
    const elapsed = (clock?.() ?? 0) - started;
    if (onCheckpoint) {
      const { userCount, itemCount } = positives;
      await onCheckpoint({
        kind: CHECKPOINT_KIND,
        epoch,
        fitted: { userCount, itemCount, factors: this.hyperparameters.factors },
        tensors: { users: solver.users(), items: solver.items() },
      });
    }
    const samplesPerSecond = elapsed > 0 ? (1000 * rowCount) / elapsed : 0;
    onProgress?.({ epoch, epochs: this.hyperparameters.epochs, loss, samplesPerSecond });
  }

  private readCheckpoint(
    checkpoint: Checkpoint,
    { userCount, itemCount }: DistinctInteractions,
  ): IalsFactors {
    expectKind(checkpoint, CHECKPOINT_KIND);
    const { factors } = this.hyperparameters;
    for (const [name, expected] of Object.entries({ userCount, itemCount, factors })) {
      const received = readCount(checkpoint, name);
      if (received !== expected) {
        throw new IncompatibleStateError(
          `${CHECKPOINT_KIND} with ${name} = ${expected}`,
          `${CHECKPOINT_KIND} with ${name} = ${received}`,
        );
      }
    }
    const width = paddedWidth(factors);
    return {
      users: readTensor(checkpoint, 'users', userCount * width),
      items: readTensor(checkpoint, 'items', itemCount * width),
    };
  }

  private finish(
    solver: IalsSolver,
    { userCount, itemCount, offsets }: DistinctInteractions,
  ): ImplicitAlsFit {
    const { factors, unobservedWeight, regularization, regularizationExponent } = this.hyperparameters;
    const width = paddedWidth(factors);
    const users = solver.users();
    const hasItems = (user: number): boolean => offsets[user + 1]! > offsets[user]!;
    const stranger = meanRow(users, width, hasItems);
    for (let user = 0; user < userCount; user += 1) {
      if (!hasItems(user)) users.set(stranger, user * width);
    }
    return {
      objective: { unobservedWeight, regularization, regularizationExponent },
      factors,
      userCount,
      itemCount,
      users,
      items: solver.items(),
      stranger,
    };
  }
}

/** Mean of the rows that count. Shape (width). */
function meanRow(rows: Float32Array, width: number, counts: (row: number) => boolean): Float32Array {
  const sums = new Float64Array(width);
  let rowCount = 0;
  for (let row = 0; row < rows.length / width; row += 1) {
    if (!counts(row)) continue;
    rowCount += 1;
    for (let k = 0; k < width; k += 1) sums[k]! += rows[row * width + k]!;
  }
  return Float32Array.from(sums, (sum) => sum / rowCount);
}
