import { yieldToEventLoop } from '../core/event-loop.js';
import { topK } from '../math/top-k.js';
import type { HeldOutBaskets } from '../splits/latest-basket.js';

/** Mean quality of lists over baskets, each in [0, 1]. */
export type BasketReport = {
  /** Mean share of a basket that is in the list. */
  readonly recall: number;
  /** Mean normalized discounted cumulative gain. */
  readonly ndcg: number;
  /** Share of baskets of which the list has an item (personal hit ratio). */
  readonly phr: number;
  /** Baskets looked at. */
  readonly baskets: number;
};

/** Scores all items for the held-out basket number `index`; the array may be reused by the next call. */
export type BasketScorer = (index: number) => Float32Array;

const BASKETS_PER_SLICE = 64;

/** Share of the basket that is among the first `k` of the list. The basket has at least one item. */
export function basketRecall(list: ArrayLike<number>, basket: ReadonlySet<number>, k: number): number {
  return hitsOf(list, basket, k).length / basket.size;
}

/**
 * Discounted gain of the hits among the first `k`, over that of a list that begins with the whole basket.
 *
 * NDCG = Σ_{hits at rank r < k} 1 / log₂(r + 2) / Σ_{r < |basket|} 1 / log₂(r + 2), ranks from 0. The ideal is not
 * cut at k, so a basket of more than k items never reaches 1: as in the authors' code, whose figures stand in
 * publications.
 *
 * @see Li, Jullien, Ariannezhad & de Rijke, "A Next Basket Recommendation Reality Check", TOIS 2023, doi:10.1145/3587153.
 *
 * @example
 * basketGain([7, 3], new Set([3]), 10); // 1 / log₂ 3 = 0.63
 */
export function basketGain(list: ArrayLike<number>, basket: ReadonlySet<number>, k: number): number {
  const gainAt = (rank: number): number => 1 / Math.log2(rank + 2);
  const gain = hitsOf(list, basket, k).reduce((sum, rank) => sum + gainAt(rank), 0);
  let ideal = 0;
  for (let rank = 0; rank < basket.size; rank += 1) ideal += gainAt(rank);
  return gain / ideal;
}

/** Averages recall, gain and hits at `k` over lists, one a held-out basket, best first. */
export function reportBaskets(
  lists: readonly ArrayLike<number>[],
  { items, offsets }: HeldOutBaskets,
  k: number,
): BasketReport {
  let recall = 0;
  let ndcg = 0;
  let hits = 0;
  lists.forEach((list, index) => {
    const basket = new Set(items.subarray(offsets[index], offsets[index + 1]));
    const share = basketRecall(list, basket, k);
    recall += share;
    ndcg += basketGain(list, basket, k);
    hits += share > 0 ? 1 : 0;
  });
  const baskets = lists.length;
  return { recall: recall / baskets, ndcg: ndcg / baskets, phr: hits / baskets, baskets };
}

/**
 * The best `length` of all items for each held-out basket: what was taken before may come again.
 *
 * @returns A list a basket, best first, ties by index.
 * @throws The signal's reason when aborted.
 */
export async function listBaskets(
  score: BasketScorer,
  { users }: HeldOutBaskets,
  length: number,
  signal?: AbortSignal,
): Promise<readonly Int32Array[]> {
  const lists: Int32Array[] = [];
  for (let index = 0; index < users.length; index += 1) {
    if (index % BASKETS_PER_SLICE === 0) {
      signal?.throwIfAborted();
      await yieldToEventLoop();
    }
    lists.push(topK(score(index), length).indices);
  }
  return lists;
}

/** Ranks of the hits among the first `k`, from 0. */
function hitsOf(list: ArrayLike<number>, basket: ReadonlySet<number>, k: number): readonly number[] {
  const ranks: number[] = [];
  for (let rank = 0; rank < Math.min(k, list.length); rank += 1) {
    if (basket.has(list[rank] ?? Number.NaN)) ranks.push(rank);
  }
  return ranks;
}
