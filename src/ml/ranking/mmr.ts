import { InvalidParameterError } from '../core/errors.js';
import { expectShare } from './share.js';

export interface DiversityQuery {
  /** How good each candidate is, best first is not needed, finite. Shape (n). */
  readonly relevance: ArrayLike<number>;
  /** How alike two candidates are, in [0, 1], symmetric. */
  readonly similarity: (a: number, b: number) => number;
  /** 0 orders by relevance alone, 1 by difference from what is chosen already. */
  readonly diversity: number;
  /** Length of the list, integer ≥ 0. */
  readonly count: number;
  /** Asked before each choice; a candidate that is refused stays refused. Default: all may. */
  readonly admits?: (candidate: number) => boolean;
  /** Told of each choice. */
  readonly onTake?: (candidate: number) => void;
}

/**
 * Chooses a list whose members are good and unlike each other (maximal marginal relevance).
 *
 * Repeatedly takes the candidate with the largest (1 − δ)·relevance − δ·max similarity to those taken. The paper's
 * λ is 1 − δ, and its Sim₁ is the relevance. Ties go to the earlier candidate. With δ = 0 it is the order of
 * relevance. Costs O(n · count) similarities, none for δ = 0.
 *
 * @returns Candidates in order of choice, at most `count`.
 * @throws InvalidParameterError when `diversity` or `count` is out of range.
 * @see Carbonell & Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing
 * Summaries", SIGIR 1998, section 2, doi:10.1145/290941.291025.
 *
 * @example
 * const similarity = (a: number, b: number) => (a % 2 === b % 2 ? 1 : 0);
 * maximalMarginalRelevance({ relevance: [1, 0.5, 0.9], similarity, diversity: 0.5, count: 2 }); // 0, 1
 */
export function maximalMarginalRelevance(query: DiversityQuery): Int32Array {
  const { relevance, similarity, diversity, count, admits, onTake } = query;
  expectShare('diversity', diversity);
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new InvalidParameterError('count', 'an integer ≥ 0', count);
  }
  const size = relevance.length;
  const left = Int32Array.from({ length: size }, (_, candidate) => candidate);
  const likeness = new Float64Array(size);
  const chosen: number[] = [];
  let leftCount = size;
  // hot: indices of `left` stay below leftCount
  while (chosen.length < count && leftCount > 0) {
    let best = -1;
    let bestValue = Number.NEGATIVE_INFINITY;
    let kept = 0;
    for (let i = 0; i < leftCount; i += 1) {
      const candidate = left[i]!;
      if (admits !== undefined && !admits(candidate)) continue;
      const value = (1 - diversity) * relevance[candidate]! - diversity * likeness[candidate]!;
      if (value > bestValue || (value === bestValue && candidate < best)) {
        best = candidate;
        bestValue = value;
      }
      left[kept] = candidate;
      kept += 1;
    }
    leftCount = kept;
    if (best < 0) break;
    chosen.push(best);
    onTake?.(best);
    kept = 0;
    for (let i = 0; i < leftCount; i += 1) {
      const candidate = left[i]!;
      if (candidate === best) continue;
      if (diversity > 0) {
        likeness[candidate] = Math.max(likeness[candidate]!, similarity(candidate, best));
      }
      left[kept] = candidate;
      kept += 1;
    }
    leftCount = kept;
  }
  return Int32Array.from(chosen);
}
