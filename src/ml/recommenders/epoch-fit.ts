import { distinctInteractions, type DistinctInteractions, type Interactions } from '../core/interactions.js';
import { IncompatibleStateError } from '../core/errors.js';
import type { Checkpoint, FitContext } from '../core/learner.js';
import { evaluateRanking, type PairScorer, type RankingReport } from '../metrics/ranking.js';
import { leaveLatestOut, type HeldOut } from '../splits/leave-latest-out.js';

/** Rows to train on, and those to stop by. */
export interface FitData {
  readonly positives: DistinctInteractions;
  readonly validation: HeldOut | undefined;
}

/** Best validation so far, with the weights of then. */
export interface BestEpoch<TWeights> {
  readonly epoch: number;
  readonly ndcg10: number;
  readonly weights: TWeights;
}

/** Where a fit of several epochs stands. */
export interface FitState<TWeights> {
  /** Epochs finished. */
  readonly epoch: number;
  /** Absent without a validation part. */
  readonly best?: BestEpoch<TWeights>;
}

/** What a learner tells `runEpochs` about itself. */
export interface EpochFit<TWeights> {
  readonly epochs: number;
  /** Epochs without a better NDCG@10 after which to stop. */
  readonly patience: number;
  readonly validation: HeldOut | undefined;
  /** Goes once over the data. @returns Mean loss a sample and the number of samples. */
  readonly train: (epoch: number, signal?: AbortSignal) => Promise<{ loss: number; samples: number }>;
  /** Copies of the weights that a model would be made of. */
  readonly weights: (epoch: number) => TWeights;
  readonly scorer: (weights: TWeights) => PairScorer;
  readonly checkpoint: (state: FitState<TWeights>) => Checkpoint;
}

/**
 * Takes the latest item of each user out of the rows when `patience` asks for it and the context brings no validation.
 *
 * @throws InvalidDataError when a row is bad, or nothing can be held out though `patience` asks for it.
 */
export async function prepareFit(
  interactions: Interactions,
  { patience, seed }: { readonly patience: number; readonly seed: number },
  { signal, validation }: Pick<FitContext, 'signal' | 'validation'>,
): Promise<FitData> {
  if (patience === 0) {
    return { positives: await distinctInteractions(interactions, signal), validation: undefined };
  }
  if (validation) return { positives: await distinctInteractions(interactions, signal), validation };
  const split = await leaveLatestOut(interactions, { seed, ...(signal && { signal }) });
  return { positives: split.training, validation: split.heldOut };
}

/**
 * Trains epoch by epoch, with checkpoints and progress, until all are done or validation has not improved for long.
 *
 * @returns The best epoch's weights, or the last one's where nothing is held out.
 * @throws The signal's reason when aborted.
 */
export async function runEpochs<TWeights>(
  fit: EpochFit<TWeights>,
  start: FitState<TWeights>,
  context: FitContext,
): Promise<TWeights> {
  const isExhausted = ({ epoch, best }: FitState<TWeights>): boolean =>
    best !== undefined && epoch - best.epoch >= fit.patience;
  let state: FitState<TWeights> = { epoch: start.epoch, ...(start.best && { best: start.best }) };
  while (state.epoch < fit.epochs && !isExhausted(state)) state = await runEpoch(fit, state, context);
  return state.best?.weights ?? fit.weights(state.epoch);
}

async function runEpoch<TWeights>(
  fit: EpochFit<TWeights>,
  before: FitState<TWeights>,
  { signal, clock, onProgress, onCheckpoint }: FitContext,
): Promise<FitState<TWeights>> {
  const epoch = before.epoch + 1;
  const started = clock?.() ?? 0;
  const { loss, samples } = await fit.train(epoch, signal);
  const elapsed = (clock?.() ?? 0) - started;

  let state: FitState<TWeights> = { ...before, epoch };
  let metrics: RankingReport | undefined;
  if (fit.validation) {
    const weights = fit.weights(epoch);
    metrics = await evaluateRanking(fit.scorer(weights), fit.validation, signal);
    if (metrics.ndcg10 > (state.best?.ndcg10 ?? -1)) {
      state = { ...state, best: { epoch, ndcg10: metrics.ndcg10, weights } };
    }
  }
  if (onCheckpoint) await onCheckpoint(fit.checkpoint(state));
  onProgress?.({
    epoch,
    epochs: fit.epochs,
    loss,
    samplesPerSecond: elapsed > 0 ? (1000 * samples) / elapsed : 0,
    ...(metrics && { metrics }),
  });
  return state;
}

/** What a checkpoint says of the best epoch beside its weights. */
export function writeBest(best: BestEpoch<unknown> | undefined): Readonly<Record<string, unknown>> {
  return best ? { best: { epoch: best.epoch, ndcg10: best.ndcg10 } } : {};
}

/** @throws IncompatibleStateError when what `writeBest` wrote is damaged. */
export function readBest(checkpoint: Checkpoint): { epoch: number; ndcg10: number } | undefined {
  const { best } = checkpoint.fitted;
  if (best === undefined) return undefined;
  if (typeof best === 'object' && best !== null && 'epoch' in best && 'ndcg10' in best) {
    const { epoch, ndcg10 } = best;
    if (typeof epoch === 'number' && typeof ndcg10 === 'number') return { epoch, ndcg10 };
  }
  throw new IncompatibleStateError(checkpoint.kind, `${checkpoint.kind} without valid best`);
}

/** @throws IncompatibleStateError naming the first size of `shape` that the checkpoint has otherwise. */
export function expectShape(checkpoint: Checkpoint, shape: object): void {
  for (const [name, expected] of Object.entries(shape)) {
    const received = JSON.stringify(checkpoint.fitted[name]);
    if (received !== JSON.stringify(expected)) {
      throw new IncompatibleStateError(
        `${checkpoint.kind} with ${name} = ${JSON.stringify(expected)}`,
        `${checkpoint.kind} with ${name} = ${received}`,
      );
    }
  }
}

/** Tensors under names that begin with `prefix`. */
export function prefixed(prefix: string, weights: object | undefined): Record<string, Float32Array> {
  const tensors: readonly (readonly [string, Float32Array])[] = Object.entries(weights ?? {});
  return Object.fromEntries(tensors.map(([name, tensor]) => [prefix + name, tensor]));
}
