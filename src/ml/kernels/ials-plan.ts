import type { KernelMemory } from './kernel-runtime.js';
import type { MemoryLayout } from './memory-layout.js';

/** Words of the struct `Plan` in assembly/ials-plan.ts, in order. */
const FIELDS = [
  'width',
  'own',
  'other',
  'offsets',
  'indices',
  'penalties',
  'losses',
  'gram',
  'matrix',
  'right',
  'inverses',
  'gathered',
  'row',
  'end',
  'entry',
  'scores',
  'otherCount',
] as const;

/** A 4-byte field of the struct `Plan`; addresses are in bytes. */
export type IalsPlanField = (typeof FIELDS)[number];

/** Compiled name of the kernel. */
export const IALS_KERNEL = 'ials';

/** BLOCK of assembly/ials-plan.ts. */
const BLOCK = 64;
/** Floats between the rows of a matrix beyond its width: see `strideOf` there. */
const STRIDE_PADDING = 8;
const WORD_OF: ReadonlyMap<IalsPlanField, number> = new Map(FIELDS.map((field, i) => [field, i]));

/** Addresses of one thread's plan and scratch. */
export type IalsScratch = Readonly<Record<'plan' | 'matrix' | 'right' | 'inverses' | 'gathered', number>>;

/** Width of rows in kernel memory: factors rounded up to whole tiles; what is added stays 0. */
export function paddedWidth(factors: number): number {
  return 8 * Math.ceil(factors / 8);
}

/** @returns Address of a Gram matrix. */
export function layOutGram(layout: MemoryLayout, width: number): number {
  return layout.takeWords(width * (width + STRIDE_PADDING));
}

export function layOutScratch(layout: MemoryLayout, width: number): IalsScratch {
  return {
    plan: layout.takeWords(FIELDS.length),
    matrix: layOutGram(layout, width),
    right: layout.takeWords(width),
    inverses: layout.takeWords(width),
    gathered: layout.takeWords(BLOCK * (width + STRIDE_PADDING)),
  };
}

/** One thread's `Plan` in kernel memory. */
export class IalsPlan {
  private readonly words: Int32Array;

  constructor({ buffer }: KernelMemory, width: number, { plan, ...scratch }: IalsScratch) {
    this.words = new Int32Array(buffer, plan, FIELDS.length);
    this.set({ width, ...scratch });
  }

  get address(): number {
    return this.words.byteOffset;
  }

  set(values: Readonly<Partial<Record<IalsPlanField, number>>>): void {
    for (const [field, value] of Object.entries(values)) {
      // Object.entries widens the keys of a record to string; every field has a word
      this.words[WORD_OF.get(field as IalsPlanField)!] = value;
    }
  }
}
