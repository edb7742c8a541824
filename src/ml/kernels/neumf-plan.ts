import type { MemoryLayout } from './memory-layout.js';
import { denseParts, rowWidth, type NeuMFShape } from './neumf-network.js';
import { PLAN_FIELDS, type PlanField } from './neumf-plan-fields.js';

const FLOAT_FIELDS: ReadonlySet<PlanField> = new Set(['learningRate', 'regularization']);
const FIRST_WORD = 4;
const WORD_OF: ReadonlyMap<PlanField, number> = new Map(
  PLAN_FIELDS.map((field, i) => [field, FIRST_WORD + i]),
);

const PLAN_BYTES = (FIRST_WORD + PLAN_FIELDS.length) * 4;
const LAYER_WORDS = 10;
/** GROUP of assembly/plan.ts: samples that pass the network together. */
const GROUP = 32;

/** Addresses of the parameters that all threads share; the moments only while training. */
export interface NetworkAddresses {
  readonly userRows: number;
  readonly itemRows: number;
  readonly dense: number;
}

/** Addresses of one thread's plan, of the layer table, of what a group leaves behind, and of the dense gradient. */
export interface ScratchAddresses {
  readonly plan: number;
  readonly layers: number;
  readonly input: number;
  readonly inputDelta: number;
  readonly features: number;
  readonly errors: number;
  /** A row a sample, for each layer but the last, whose activations lie among the features. */
  readonly activations: readonly number[];
  readonly deltas: readonly number[];
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
  const inputWidth = shape.layers[0]!;
  const widths = shape.layers.slice(1);
  const takeRows = (width: number): number => layout.takeWords(GROUP * width);
  return {
    plan: layout.take(PLAN_BYTES),
    layers: layout.takeWords(LAYER_WORDS * layers.length),
    // scoring keeps a user's factors in the first, and its part of layer 1 in the second
    input: layout.takeWords(Math.max(GROUP * inputWidth, shape.factors)),
    inputDelta: layout.takeWords(Math.max(GROUP * inputWidth, widths[0]!)),
    features: takeRows(shape.factors + shape.layers.at(-1)!),
    errors: takeRows(1),
    activations: widths.slice(0, -1).map(takeRows),
    deltas: widths.map(takeRows),
    zeros: layout.takeWords(Math.max(...shape.layers)),
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
    const featureWidth = shape.factors + shape.layers.at(-1)!;
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
      scratch.activations[index] ?? scratch.features + shape.factors * 4,
      4 * (index === lastIndex ? featureWidth : kernel.outputs),
      scratch.deltas[index]!,
    ]);
    new Int32Array(this.buffer, scratch.layers, table.length).set(table);
    const { kernel, bias } = parts.output;
    this.set({
      userCount: shape.userCount,
      itemCount: shape.itemCount,
      factors: shape.factors,
      half: shape.layers[0]! / 2,
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
      input: scratch.input,
      inputDelta: scratch.inputDelta,
      features: scratch.features,
      errors: scratch.errors,
    });
  }
}
