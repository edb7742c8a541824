import { penaltyOf, type IalsObjective } from './ials-objective.js';
import type { KernelMemory } from './kernel-runtime.js';
import type { MemoryLayout } from './memory-layout.js';

/** Addresses of one side of the factorization, users or items, by their fields of the plan. */
export interface IalsSideAddresses {
  readonly own: number;
  readonly offsets: number;
  readonly indices: number;
  readonly penalties: number;
  readonly losses: number;
}

/** One side in kernel memory, its rows cut into shares of about equal work. */
export interface IalsSide {
  readonly count: number;
  readonly addresses: IalsSideAddresses;
  /** Share s are rows shares[s] … shares[s + 1] − 1. */
  readonly shares: readonly number[];
}

/** Entries of each row of a side, each a row of the other side, in compressed rows. */
export interface IalsEntries {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

/** Multiply–adds in one uninterrupted call on the calling thread: some 10 ms. */
export const IALS_WORK_PER_CALL = 80e6;

export function layOutSide(layout: MemoryLayout, { offsets, indices }: IalsEntries, width: number): IalsSide {
  const count = offsets.length - 1;
  return {
    count,
    addresses: {
      own: layout.takeWords(count * width),
      offsets: layout.takeWords(offsets.length),
      indices: layout.takeWords(indices.length),
      penalties: layout.takeWords(count),
      losses: layout.takeWords(4 * count),
    },
    shares: cutShares(offsets, width),
  };
}

/** Writes the entries, and the penalties that follow from their numbers. */
export function writeSide(
  { buffer }: KernelMemory,
  { addresses, count }: IalsSide,
  { offsets, indices }: IalsEntries,
  otherCount: number,
  objective: IalsObjective,
): void {
  new Int32Array(buffer, addresses.offsets, offsets.length).set(offsets);
  new Int32Array(buffer, addresses.indices, indices.length).set(indices);
  const penalties = new Float32Array(buffer, addresses.penalties, count);
  for (let row = 0; row < count; row += 1) {
    // offsets has one entry more than rows
    penalties[row] = penaltyOf(objective, offsets[row + 1]! - offsets[row]!, otherCount);
  }
}

/** Cuts rows into shares of about `IALS_WORK_PER_CALL`; a row that is larger is a share of its own. */
function cutShares(offsets: Int32Array, width: number): number[] {
  const shares = [0];
  let work = 0;
  for (let row = 0; row < offsets.length - 1; row += 1) {
    if (work > IALS_WORK_PER_CALL) {
      shares.push(row);
      work = 0;
    }
    const entries = offsets[row + 1]! - offsets[row]!;
    work += entries * (width ** 2 / 2) + width ** 3 / 6 + 4 * width ** 2;
  }
  shares.push(offsets.length - 1);
  return shares;
}
