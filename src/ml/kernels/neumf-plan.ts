import type { MemoryLayout } from './memory-layout.js';
import { denseParts, rowWidth, type NeuMFShape } from './neumf-network.js';
import { PLAN_FIELDS, type PlanField } from './neumf-plan-fields.js';

const FLOAT_FIELDS: ReadonlySet<PlanField> = new Set(['learningRate', 'regularization']);
const FIRST_WORD = 4;
const WORD_OF: ReadonlyMap<PlanField, number> = new Map(
  PLAN_FIELDS.map((field, i) => [field, FIRST_WORD + i]),
);

const PLAN_BYTES = (FIRST_WORD + PLAN_FIELDS.length) * 4;
const LAYER_WORDS = 9;
/** BLOCK_STRIDE of assembly/simd.ts: bytes between the 4 rows of a block. */
const BLOCK_STRIDE = 5184;
const WINDOW_BYTES = 4 * BLOCK_STRIDE;
/** Widest layer or input, floats; with the widest GMF part it still fits a block row. */
const MAX_WIDTH = 1024;

/** Addresses of the parameters that all threads share; the moments only while training. */
export interface NetworkAddresses {
  readonly userRows: number;
  readonly itemRows: number;
  readonly dense: number;
}

/** Addresses of one thread's plan and blocks, and of the layer table with its gradient, if it trains. */
export interface ScratchAddresses {
  readonly plan: number;
  readonly layers: number;
  readonly blocks: number;
  readonly zeros: number;
  readonly denseGradient: number;
  readonly transposed: number;
}

export function layOutNetwork(layout: MemoryLayout, shape: NeuMFShape): NetworkAddresses {
  return {
    userRows: layout.takeWords(shape.userCount * rowWidth(shape)),
    itemRows: layout.takeWords(shape.itemCount * rowWidth(shape)),
    dense: layout.takeWords(denseParts(shape).length),
  };
}

export function layOutScratch(layout: MemoryLayout, shape: NeuMFShape): ScratchAddresses {
  const { length, layers } = denseParts(shape);
  return {
    plan: layout.take(PLAN_BYTES),
    layers: layout.takeWords(LAYER_WORDS * layers.length),
    // at worst a window for each: input, its delta, features, and activation and delta of each layer
    blocks: layout.take(WINDOW_BYTES * (3 + 2 * layers.length)),
    zeros: layout.takeWords(MAX_WIDTH),
    denseGradient: layout.takeWords(length),
    transposed: layout.takeWords(length),
  };
}

/** One thread's `Plan` in kernel memory. */
export class NeuMFPlan {
  private readonly words: Int32Array;
  private readonly floats: Float32Array;

  constructor(
    private readonly buffer: SharedArrayBuffer,
    readonly address: number,
  ) {
    this.words = new Int32Array(buffer, address, PLAN_BYTES / 4);
    this.floats = new Float32Array(buffer, address, PLAN_BYTES / 4);
  }

  get(field: PlanField): number {
    const word = WORD_OF.get(field)!;
    return (FLOAT_FIELDS.has(field) ? this.floats[word] : this.words[word])!;
  }

  set(values: Readonly<Partial<Record<PlanField, number>>>): void {
    for (const [field, value] of Object.entries(values)) {
      // Object.entries widens the keys of a record to string
      const word = WORD_OF.get(field as PlanField)!;
      if (FLOAT_FIELDS.has(field as PlanField)) this.floats[word] = value;
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
    const taken = { loss: total[0]!, samples: this.get('samples') };
    total[0] = 0;
    this.set({ samples: 0 });
    return taken;
  }

  /** Writes sizes and addresses that training and scoring have in common. */
  describeNetwork(shape: NeuMFShape, network: NetworkAddresses, scratch: ScratchAddresses): void {
    const parts = denseParts(shape);
    const blocks = new BlockPacker(scratch.blocks);
    const inputWidth = shape.layers[0]!;
    const input = blocks.take(inputWidth);
    // scoring keeps a user's part of layer 1, and its factors, here
    const inputDelta = blocks.take(Math.max(inputWidth, shape.layers[1]!, shape.factors));
    const features = blocks.take(shape.factors + shape.layers.at(-1)!);
    const lastIndex = parts.layers.length - 1;
    const table = parts.layers.flatMap(({ kernel, bias }, index) => [
      kernel.inputs,
      kernel.outputs,
      network.dense + kernel.start * 4,
      network.dense + bias.start * 4,
      scratch.denseGradient + kernel.start * 4,
      scratch.denseGradient + bias.start * 4,
      scratch.transposed + kernel.start * 4,
      // the last activation lies behind the GMF product, so that the output layer reads both in one go
      index === lastIndex ? features + shape.factors * 4 : blocks.take(kernel.outputs),
      blocks.take(kernel.outputs),
    ]);
    new Int32Array(this.buffer, scratch.layers, table.length).set(table);
    const { kernel, bias } = parts.output;
    this.set({
      userCount: shape.userCount,
      itemCount: shape.itemCount,
      factors: shape.factors,
      half: inputWidth / 2,
      rowWidth: rowWidth(shape),
      layerCount: parts.layers.length,
      layers: scratch.layers,
      ...network,
      denseGradient: scratch.denseGradient,
      denseLength: parts.length,
      zeros: scratch.zeros,
      output: network.dense + kernel.start * 4,
      outputBias: network.dense + bias.start * 4,
      outputGradient: scratch.denseGradient + kernel.start * 4,
      outputBiasGradient: scratch.denseGradient + bias.start * 4,
      input,
      inputDelta,
      features,
    });
  }
}

/**
 * Places blocks side by side in windows of 4 rows.
 * All first rows then share a page or two: blocks of their own would touch four pages each and exhaust the TLB.
 */
class BlockPacker {
  private used = 0;

  constructor(private window: number) {}

  /** @returns Address of the first of 4 rows of `width` floats. */
  take(width: number): number {
    // a whole cache line more, so that no two blocks share one
    const bytes = Math.ceil((width * 4) / 64) * 64;
    if (this.used + bytes > BLOCK_STRIDE) {
      this.window += WINDOW_BYTES;
      this.used = 0;
    }
    const address = this.window + this.used;
    this.used += bytes;
    return address;
  }
}
