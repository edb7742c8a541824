import { yieldToEventLoop } from '../core/event-loop.js';
import type { HeldOut } from '../splits/leave-latest-out.js';

/** Mean ranking quality over users, at a list length of 10. */
export type RankingReport = {
  /** Share of users whose held-out item is in their top 10, in [0, 1]. */
  readonly hr10: number;
  /** Mean normalized discounted cumulative gain of the held-out item, in [0, 1]. */
  readonly ndcg10: number;
  /** Users ranked. */
  readonly users: number;
};

/** Scores pairs of a user and an item; higher means more likely. */
export interface PairScorer {
  scorePairs(users: Int32Array, items: Int32Array, moments?: Float64Array): Float32Array;
}

/** Length of the list that `RankingReport` looks at. */
export const LIST_LENGTH = 10;

const USERS_PER_SLICE = 100;

/**
 * Ranks one relevant score among others, from 0, pessimistically: a tie counts against it, and so does NaN.
 * A model that scores everything alike ranks last instead of first.
 */
export function rankOf(relevant: number, others: Float32Array): number {
  let rank = 0;
  for (const other of others) {
    // not `other >= relevant`: that would let NaN win
    if (!(other < relevant)) rank += 1;
  }
  return rank;
}

/** 1 when the relevant item is within the first `k`, else 0. */
export function hitRatio(rank: number, k: number): number {
  return rank < k ? 1 : 0;
}

/**
 * Discounted gain of a single relevant item: ln 2 / ln(rank + 2) within the first `k`, else 0.
 *
 * With one relevant item the ideal gain is 1, so this is already normalized.
 *
 * @see He, Liao, Zhang, Nie, Hu & Chua, "Neural Collaborative Filtering", WWW 2017, §4.1, doi:10.1145/3038912.3052569.
 *
 * @example
 * normalizedDiscountedGain(0, 10); // 1
 * normalizedDiscountedGain(2, 10); // 0.5
 */
export function normalizedDiscountedGain(rank: number, k: number): number {
  return rank < k ? Math.LN2 / Math.log(rank + 2) : 0;
}

/** Averages hit ratio and gain at 10 over ranks, one a user. */
export function reportRanks(ranks: readonly number[]): RankingReport {
  const mean = (score: (rank: number, k: number) => number): number =>
    ranks.reduce((sum, rank) => sum + score(rank, LIST_LENGTH), 0) / ranks.length;
  return { hr10: mean(hitRatio), ndcg10: mean(normalizedDiscountedGain), users: ranks.length };
}

/**
 * Ranks each held-out item among its user's sampled negatives (the NCF protocol).
 *
 * The moment asked about is that of the held-out row, where it is known.
 * Sampled metrics can order models differently from full ranking: compare models by
 * `RecommenderModel.evaluate` too.
 *
 * @throws The signal's reason when aborted.
 *
 * @see Krichene & Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020, doi:10.1145/3394486.3403226.
 */
export async function evaluateRanking(
  scorer: PairScorer,
  heldOut: HeldOut,
  signal?: AbortSignal,
): Promise<RankingReport> {
  return reportRanks(await rankHeldOut(scorer, heldOut, signal));
}

/** Ranks of the held-out items among their user's negatives, from 0, in the order of `heldOut`; ties as in `rankOf`. */
export async function rankHeldOut(
  scorer: PairScorer,
  heldOut: HeldOut,
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const ranks: number[] = [];
  const { users, items, negatives, offsets, timestamps } = heldOut;
  for (let from = 0; from < users.length; from += USERS_PER_SLICE) {
    signal?.throwIfAborted();
    const slice = users.subarray(from, from + USERS_PER_SLICE);
    const pairUsers: number[] = [];
    const pairItems: number[] = [];
    const moments: number[] = [];
    slice.forEach((user, index) => {
      // offsets has one entry more than users
      const candidates = [
        items[from + index]!,
        ...negatives.subarray(offsets[from + index], offsets[from + index + 1]),
      ];
      pairItems.push(...candidates);
      pairUsers.push(...candidates.map(() => user));
      moments.push(...candidates.map(() => timestamps?.[from + index] ?? Number.NaN));
    });
    const scores = scorer.scorePairs(
      Int32Array.from(pairUsers),
      Int32Array.from(pairItems),
      Float64Array.from(moments),
    );
    let start = 0;
    slice.forEach((_, index) => {
      const count = 1 + offsets[from + index + 1]! - offsets[from + index]!;
      ranks.push(rankOf(scores[start]!, scores.subarray(start + 1, start + count)));
      start += count;
    });
    await yieldToEventLoop();
  }
  return ranks;
}
