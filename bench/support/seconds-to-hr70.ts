import { distinctInteractions } from '../../src/ml/core/interactions.js';
import type { Checkpoint, FitProgress } from '../../src/ml/core/learner.js';
import type { KernelRuntime } from '../../src/ml/kernels/kernel-runtime.js';
import { evaluateRanking, type PairScorer, type RankingReport } from '../../src/ml/metrics/ranking.js';
import { MatrixFactorization } from '../../src/ml/recommenders/matrix-factorization.js';
import type { NcfSplit } from './movielens.js';
import { round, say } from './report.js';

/** How long the fastest network learner takes to rank well on MovieLens-1M in the NCF split. */
export interface SecondsToHr70 {
  /** Seconds of training until HR@10 on the test part was ≥ .70 after an epoch, evaluation excluded; -1 when it never was. */
  readonly secondsToHr70: number;
  /** Seconds of training until the last epoch. */
  readonly hr70TrainSeconds: number;
  /** Test part after the last epoch. */
  readonly hr70Hr10: number;
  readonly hr70Ndcg10: number;
  readonly hr70SamplesPerSecond: number;
  readonly hr70Threads: number;
  readonly hr70Learner: string;
}

const TARGET = 0.7;

/** Chosen on a validation part of the training rows: see docs/neural-recommenders.md. */
const HYPERPARAMETERS = {
  epochs: 12,
  factors: 64,
  learningRate: 0.1,
  schedule: 'linear',
  negatives: 8,
  regularization: 0.007,
};

/**
 * Trains matrix factorization and ranks the test part after every epoch.
 *
 * @param split From `readMovieLens`.
 */
export async function measureSecondsToHr70(
  kernels: KernelRuntime,
  { training, heldOut }: NcfSplit,
  { threads = 2, seed = 1 } = {},
): Promise<SecondsToHr70> {
  const learner = new MatrixFactorization(HYPERPARAMETERS);
  const { users } = await distinctInteractions(training);
  const samples = users.length * (1 + learner.hyperparameters.negatives);
  let seconds = 0;
  let secondsToHr70 = -1;
  let ranking: RankingReport = { hr10: 0, ndcg10: 0, users: 0 };
  const onCheckpoint = async (checkpoint: Checkpoint): Promise<void> => {
    ranking = await evaluateRanking(productScorer(checkpoint), heldOut);
  };
  const onProgress = ({ epoch, samplesPerSecond }: FitProgress): void => {
    seconds += samples / samplesPerSecond;
    if (secondsToHr70 < 0 && ranking.hr10 >= TARGET) secondsToHr70 = seconds;
    say(
      `epoch ${epoch}: ${seconds.toFixed(2)} s, ${(samplesPerSecond / 1e6).toFixed(2)} M samples/s, ` +
        `HR@10 ${ranking.hr10.toFixed(4)}, NDCG@10 ${ranking.ndcg10.toFixed(4)}`,
    );
  };
  const clock = (): number => performance.now();
  await learner.fit(training, { seed, threads, kernels, clock, onCheckpoint, onProgress });
  return {
    secondsToHr70: round(secondsToHr70, 2),
    hr70TrainSeconds: round(seconds, 2),
    hr70Hr10: round(ranking.hr10, 4),
    hr70Ndcg10: round(ranking.ndcg10, 4),
    hr70SamplesPerSecond: round((HYPERPARAMETERS.epochs * samples) / seconds),
    hr70Threads: threads,
    hr70Learner: learner.kind,
  };
}

/** Scores by products of rows, biases in them. */
function productScorer({ fitted, tensors }: Checkpoint): PairScorer {
  const { users, items } = tensors;
  const width = 4 + Number(fitted['factors']);
  if (!users || !items) throw new TypeError('A checkpoint of matrix factorization has users and items.');
  const product = (user: number, item: number): number => {
    let sum = 0;
    // hot: rows of known users and items
    for (let k = 0; k < width; k += 1) sum += users[user * width + k]! * items[item * width + k]!;
    return sum;
  };
  return {
    scorePairs: (pairUsers, pairItems) =>
      Float32Array.from(pairUsers, (user, i) => product(user, pairItems[i]!)),
  };
}
