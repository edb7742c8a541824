import { KernelPlan, planBytes } from './kernel-plan.js';
import type { MemoryLayout } from './memory-layout.js';
import { denseParts, rowWidth, type NeuMFShape } from './neumf-network.js';
import { PLAN_FIELDS, type PlanField } from './neumf-plan-fields.js';

const FLOAT_FIELDS: ReadonlySet<string> = new Set(['learningRate', 'rowRate', 'regularization']);
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
  readonly gmfErrors: number;
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
  const inputWidth = shape.layers[0] ?? 0;
  const widths = shape.layers.slice(1);
  const takeRows = (width: number): number => layout.takeWords(GROUP * width);
  return {
    plan: layout.take(planBytes(PLAN_FIELDS)),
    layers: layout.takeWords(LAYER_WORDS * Math.max(1, layers.length)),
    // scoring keeps a user's factors in the first, and its part of layer 1 in the second
    input: layout.takeWords(Math.max(GROUP * inputWidth, shape.factors)),
    inputDelta: layout.takeWords(Math.max(GROUP * inputWidth, widths[0] ?? 0)),
    features: takeRows(shape.factors + (shape.layers.at(-1) ?? 0)),
    errors: takeRows(1),
    gmfErrors: takeRows(1),
    activations: widths.slice(0, -1).map(takeRows),
    deltas: widths.map(takeRows),
    zeros: layout.takeWords(Math.max(0, ...shape.layers)),
    denseGradient: layout.takeWords(length),
    transposed: layout.takeWords(length),
  };
}

/** One thread's `Plan` in kernel memory. */
export class NeuMFPlan extends KernelPlan<PlanField> {
  constructor(buffer: SharedArrayBuffer, address: number) {
    super(buffer, address, PLAN_FIELDS, FLOAT_FIELDS);
  }

  /** Writes sizes and addresses that training and scoring have in common. */
  describeNetwork(shape: NeuMFShape, network: NetworkAddresses, scratch: ScratchAddresses): void {
    const parts = denseParts(shape);
    const featureWidth = shape.factors + (shape.layers.at(-1) ?? 0);
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
      half: (shape.layers[0] ?? 0) / 2,
      rowWidth: rowWidth(shape),
      layerCount: parts.layers.length,
      layers: scratch.layers,
      hiddenWidth: shape.layers[1] ?? 0,
      featureWidth,
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
      // one loss of both parts
      gmfErrors: scratch.errors,
      gmfBias: network.dense + parts.gmfBias.start * 4,
      gmfBiasGradient: scratch.denseGradient + parts.gmfBias.start * 4,
    });
  }
}
