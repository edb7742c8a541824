import type { KernelMemory } from './kernel-runtime.js';
import type { MemoryLayout } from './memory-layout.js';

/** Words of the struct `Plan` in assembly/ease-plan.ts, in order. */
const FIELDS = [
  'itemCount',
  'size',
  'matrix',
  'stride',
  'itemOffsets',
  'itemUsers',
  'userOffsets',
  'userItems',
  'panel',
  'scaled',
  'block',
  'diagonal',
  'rows',
  'weights',
  'sums',
] as const;

/** A 4-byte field of the struct `Plan`; addresses and the stride are in bytes. */
export type EasePlanField = (typeof FIELDS)[number];

/** Compiled name of the kernel. */
export const EASE_KERNEL = 'ease';
/** PIVOTS of assembly/ease-plan.ts. */
export const PIVOTS = 64;
/** Rows that are added up in one call. */
export const ROWS_PER_CALL = 4096;

/** Floats between rows beyond their length, so that equal columns of a power of two do not share a cache set. */
const STRIDE_PADDING = 16;
const WORD_OF: ReadonlyMap<EasePlanField, number> = new Map(FIELDS.map((field, i) => [field, i]));

/** Rows and columns of the matrix in memory: items rounded up to whole blocks of pivots. */
export function paddedSize(itemCount: number): number {
  return PIVOTS * Math.ceil(itemCount / PIVOTS);
}

/** Fields of the matrix and of what adds up its rows. */
export function layOutWeights(layout: MemoryLayout, itemCount: number) {
  const size = paddedSize(itemCount);
  const strideWords = size + STRIDE_PADDING;
  return {
    plan: layout.takeWords(FIELDS.length),
    itemCount,
    size,
    stride: 4 * strideWords,
    rows: layout.takeWords(ROWS_PER_CALL),
    weights: layout.takeWords(ROWS_PER_CALL),
    sums: layout.takeWords(size),
    matrix: layout.takeWords(size * strideWords),
  };
}

/** The `Plan` in kernel memory. */
export class EasePlan {
  private readonly words: Int32Array;

  constructor(
    { buffer }: KernelMemory,
    readonly address: number,
  ) {
    this.words = new Int32Array(buffer, address, FIELDS.length);
  }

  set(values: Readonly<Partial<Record<EasePlanField, number>>>): void {
    for (const [field, value] of Object.entries(values)) {
      // Object.entries widens the keys of a record to string; every field has a word
      this.words[WORD_OF.get(field as EasePlanField)!] = value;
    }
  }
}
