/** Words of the struct `Sampler` in assembly/sampler.ts, in order, after its 16 bytes of random state and loss: what every plan begins with. */
export const SAMPLER_FIELDS = [
  'samples',
  'userCount',
  'itemCount',
  'negatives',
  'positiveUsers',
  'positiveItems',
  'offsets',
  'bitmap',
  'bitmapRowBytes',
  'permutation',
  'cursor',
  'end',
] as const;

/** A 4-byte field that every plan has; addresses are in bytes. */
export type SamplerField = (typeof SAMPLER_FIELDS)[number];

const FIRST_WORD = 4;

/** Bytes of a plan with `fields` after the random state and loss. */
export function planBytes(fields: readonly string[]): number {
  return (FIRST_WORD + fields.length) * 4;
}

/** One thread's plan in kernel memory: a struct of 4-byte fields that begins as `Sampler` does. */
export class KernelPlan<Field extends string> {
  private readonly words: Int32Array;
  private readonly floats: Float32Array;
  private readonly wordOf: ReadonlyMap<string, number>;

  /**
   * @param fields All of the struct's, `SAMPLER_FIELDS` first, in order.
   * @param floatFields Those of them that hold floats.
   */
  constructor(
    protected readonly buffer: SharedArrayBuffer,
    readonly address: number,
    fields: readonly (Field | SamplerField)[],
    private readonly floatFields: ReadonlySet<string>,
  ) {
    this.words = new Int32Array(buffer, address, planBytes(fields) / 4);
    this.floats = new Float32Array(buffer, address, planBytes(fields) / 4);
    this.wordOf = new Map(fields.map((field, i) => [field, FIRST_WORD + i]));
  }

  get(field: Field | SamplerField): number {
    // every field has a word
    const word = this.wordOf.get(field)!;
    return (this.floatFields.has(field) ? this.floats[word] : this.words[word])!;
  }

  set(values: Readonly<Partial<Record<Field | SamplerField, number>>>): void {
    for (const [field, value] of Object.entries<number>(values as Readonly<Record<string, number>>)) {
      const word = this.wordOf.get(field)!;
      if (this.floatFields.has(field)) this.floats[word] = value;
      else this.words[word] = value;
    }
  }

  /** Starts the kernel's random stream from two uint32. */
  seed(low: number, high: number): void {
    this.words[0] = low;
    this.words[1] = high;
  }

  /** @returns Loss and samples since the last call, and resets both. */
  takeLoss(): { loss: number; samples: number } {
    const total = new Float64Array(this.buffer, this.address + 8, 1);
    const taken = { loss: total[0]!, samples: this.words[FIRST_WORD]! };
    total[0] = 0;
    this.words[FIRST_WORD] = 0;
    return taken;
  }
}
