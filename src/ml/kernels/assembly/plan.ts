// what the host lays out in memory; the order of the fields is repeated in ../neumf-plan-fields.ts
import { Sampler } from './sampler';

/** One dense layer: addresses and sizes. 10 words. */
@unmanaged
export class Layer {
  inputs: i32;
  outputs: i32;
  kernel: usize;
  bias: usize;
  kernelGradient: usize;
  biasGradient: usize;
  /** Kernel as (outputs, inputs), rebuilt for every batch. */
  transposed: usize;
  /** Activations after ReLU, a row a sample of the group. */
  activation: usize;
  /** Bytes from one row of activations to the next. */
  activationStride: usize;
  /** Derivatives of the loss by the values before ReLU, `outputs` floats a row. */
  delta: usize;
}

const LAYER_BYTES: usize = 40;

/** Samples that pass the network together: enough to reuse weights, few enough for the first-level cache. */
export const GROUP: i32 = 32;

/** Everything one thread works on. Addresses shared by threads: data, rows, moments, dense weights. */
@unmanaged
export class Plan extends Sampler {
  factors: i32;
  /** Width of the embedding half that enters the MLP. */
  half: i32;
  /** half + factors: one row holds the MLP part, then the GMF part. */
  rowWidth: i32;
  /** 0 when there is no MLP. */
  layerCount: i32;
  layers: usize;
  /** Outputs of layer 1, 0 when there is none. */
  hiddenWidth: i32;
  /** Width of the output layer's input: factors, then the last activation. */
  featureWidth: i32;

  userRows: usize;
  userFirst: usize;
  userSecond: usize;
  itemRows: usize;
  itemFirst: usize;
  itemSecond: usize;
  dense: usize;
  denseFirst: usize;
  denseSecond: usize;
  denseGradient: usize;
  denseLength: i32;
  output: usize;
  outputGradient: usize;
  outputBias: usize;
  outputBiasGradient: usize;
  /** Bias of the GMF product where it is trained apart. */
  gmfBias: usize;
  gmfBiasGradient: usize;
  zeros: usize;

  /** MLP input of each sample of the group: user half, item half. */
  input: usize;
  inputDelta: usize;
  /** Output layer's input of each sample of the group: GMF product, last activation. */
  features: usize;

  learningRate: f32;
  /** Step size of embedding rows by plain gradient descent; 0 when they follow Adam. */
  rowRate: f32;
  regularization: f32;
  batchSize: i32;
  /** Samples of the current batch so far. */
  batchFill: i32;
  /** Adam steps done by this thread. */
  step: i32;

  chunkUsers: usize;
  chunkItems: usize;
  chunkLabels: usize;
  chunkCapacity: i32;
  chunkLength: i32;
  chunkPosition: i32;

  /** Slot of a row touched by the current batch, or -1. */
  userSlots: usize;
  itemSlots: usize;
  userTouched: usize;
  itemTouched: usize;
  userTouchedCount: i32;
  itemTouchedCount: i32;
  userGradient: usize;
  itemGradient: usize;

  /** What each item contributes to layer 1, then its factors. */
  preparedItems: usize;
  scores: usize;
  /** Log-odds of each sample of the group, then the derivative of the loss by them. */
  errors: usize;
  /** The same of the GMF product alone where both parts are trained apart; else the address of `errors`. */
  gmfErrors: usize;

  /** What a history that is folded in moves: a row like a user's, its gradient, and its part of layer 1. */
  foldRow: usize;
  foldGradient: usize;
}

@inline
export function layerAt(plan: Plan, index: i32): Layer {
  return changetype<Layer>(plan.layers + <usize>index * LAYER_BYTES);
}

@inline
export function rowOf(rows: usize, index: i32, width: i32): usize {
  return rows + <usize>index * (<usize>width << 2);
}
