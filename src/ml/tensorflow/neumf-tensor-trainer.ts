import {
  add,
  dispose,
  gather,
  keep,
  mul,
  reshape,
  scatterND,
  tensor1d,
  tensor2d,
  tidy,
  valueAndGrads,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';

import { InvalidParameterError } from '../core/errors.js';
import { yieldToEventLoop } from '../core/event-loop.js';
import type { KernelRuntime } from '../kernels/kernel-runtime.js';
import { rowWidth, type NeuMFWeights } from '../kernels/neumf-network.js';
import { NeuMFSampler } from '../kernels/neumf-sampler.js';
import type {
  AdamState,
  LabelledPairs,
  NeuMFPace,
  NeuMFTrainerOptions,
  NeuMFTraining,
} from '../kernels/neumf-trainer.js';
import {
  adamStep,
  correctedRate,
  disposeMoments,
  lazyAdamStep,
  replaceMoments,
  type Moments,
} from './lazy-adam.js';
import { neumfLoss, type NeuMFLoss } from './neumf-tensor-loss.js';
import { TouchedRows } from './touched-rows.js';

/** Summed loss and gradient of a batch; rows are those that it touches, in the order of `TouchedRows`. */
interface BatchGradient {
  readonly loss: Scalar;
  readonly users: Tensor2D;
  readonly items: Tensor2D;
  readonly dense: Tensor1D;
}

type Arguments = Parameters<NeuMFLoss>;

/** Losses are read back together: on a GPU each reading waits for all that was asked before. */
const LOSSES_PER_READ = 32;

/**
 * Trains NeuMF with TensorFlow.js on whichever backend is set, as `NeuMFTrainer` does in WebAssembly.
 *
 * The same samples in the same batches, the same loss, lazy Adam and initial state, so that only rounding differs.
 * Parameters and moments stay on the device. A batch is worked on in slices of `sliceLength` samples, whose gradients
 * are summed: it bounds memory, and the time until an abort is seen. Threads are the backend's own business.
 */
export class NeuMFTensorTrainer implements NeuMFTraining {
  private readonly sampler: NeuMFSampler;
  private readonly touchedUsers: TouchedRows;
  private readonly touchedItems: TouchedRows;
  private users: Moments<Tensor2D>;
  private items: Moments<Tensor2D>;
  private dense: Moments<Tensor1D>;
  private step: number;
  private learningRate: number;

  constructor(
    kernels: KernelRuntime,
    private readonly options: NeuMFTrainerOptions,
    private readonly sliceLength: number,
  ) {
    const { shape, weights, adam } = options;
    const width = rowWidth(shape);
    const rows = (name: 'users' | 'items', count: number): Moments<Tensor2D> =>
      momentsOf(name, { weights, adam }, (values) => tensor2d(values, [count, width]));
    this.sampler = new NeuMFSampler(kernels, options);
    this.touchedUsers = new TouchedRows(shape.userCount);
    this.touchedItems = new TouchedRows(shape.itemCount);
    this.users = rows('users', shape.userCount);
    this.items = rows('items', shape.itemCount);
    this.dense = momentsOf('dense', { weights, adam }, (values) => tensor1d(values));
    this.step = adam?.steps[0] ?? 0;
    this.learningRate = options.learningRate ?? 0;
  }

  /**
   * As in `NeuMFTrainer`, but for what only the kernels can: networks apart, and embeddings by plain gradient descent.
   *
   * @throws InvalidParameterError when one of the two is asked for.
   */
  setPace({ learningRate, embeddingLearningRate, isApart }: NeuMFPace): void {
    if (isApart) throw new InvalidParameterError('pretraining', '0 on the engine tensorflow', 'more');
    if (embeddingLearningRate > 0) {
      throw new InvalidParameterError(
        'embeddingLearningRate',
        '0 on the engine tensorflow',
        embeddingLearningRate,
      );
    }
    this.learningRate = learningRate;
  }

  /** As in `NeuMFTrainer`. */
  setDense(dense: Float32Array): void {
    this.dense.weights.dispose();
    this.dense = { ...this.dense, weights: keep(tensor1d(dense)) };
  }

  /** As in `NeuMFTrainer`. */
  async trainEpoch(epoch: number, signal?: AbortSignal): Promise<{ loss: number; samples: number }> {
    const losses: Scalar[] = [];
    let loss = 0;
    let samples = 0;
    try {
      for await (const batch of this.sampler.batches(epoch, signal)) {
        const gradient = await this.differentiateInSlices(batch, signal);
        this.descend(gradient, batch.users.length);
        losses.push(gradient.loss);
        samples += batch.users.length;
        if (losses.length === LOSSES_PER_READ) loss += takeSum(losses);
      }
      return { loss: (loss + takeSum(losses)) / samples, samples };
    } finally {
      dispose(losses);
    }
  }

  /** As in `NeuMFTrainer`: mean loss of a batch and its gradient by all weights, changing nothing. */
  async differentiate(batch: LabelledPairs): Promise<{ loss: number; gradient: NeuMFWeights }> {
    const { loss, users, items, dense } = await this.differentiateInSlices(batch, undefined);
    const count = batch.users.length;
    const { shape } = this.options;
    const width = rowWidth(shape);
    const spread = (sums: Tensor2D, rows: Int32Array, rowCount: number): Float32Array => {
      const gradient = new Float32Array(rowCount * width);
      const values = sums.dataSync();
      rows.forEach((row, slot) => {
        for (let i = 0; i < width; i += 1) gradient[row * width + i] = values[slot * width + i]! / count;
      });
      return gradient;
    };
    const result = {
      loss: loss.dataSync()[0]! / count,
      gradient: {
        users: spread(users, this.touchedUsers.rows, shape.userCount),
        items: spread(items, this.touchedItems.rows, shape.itemCount),
        dense: Float32Array.from(dense.dataSync(), (value) => value / count),
      },
    };
    dispose([loss, users, items, dense]);
    return result;
  }

  weights(): NeuMFWeights {
    return this.read('weights');
  }

  adam(): AdamState {
    return { first: this.read('first'), second: this.read('second'), steps: [this.step] };
  }

  /** Frees what is on the device. The trainer is of no use afterwards. */
  async close(): Promise<void> {
    for (const moments of [this.users, this.items, this.dense]) disposeMoments(moments);
  }

  /** The caller disposes of the result. */
  private async differentiateInSlices(
    batch: LabelledPairs,
    signal: AbortSignal | undefined,
  ): Promise<BatchGradient> {
    this.touchedUsers.assign(batch.users);
    this.touchedItems.assign(batch.items);
    let total: BatchGradient | undefined;
    try {
      for (let from = 0; from < batch.users.length; from += this.sliceLength) {
        signal?.throwIfAborted();
        const to = Math.min(batch.users.length, from + this.sliceLength);
        const next = this.differentiateSlice(batch, from, to);
        total = total === undefined ? next : addGradients(total, next);
        await yieldToEventLoop();
      }
    } catch (error) {
      if (total) dispose({ ...total });
      throw error;
    }
    if (!total) throw new RangeError('A batch holds at least one sample.');
    return total;
  }

  private differentiateSlice({ labels }: LabelledPairs, from: number, to: number): BatchGradient {
    const { shape, regularization } = this.options;
    return tidy(() => {
      const count = to - from;
      const userSlots = tensor1d(this.touchedUsers.slots.subarray(from, to), 'int32');
      const itemSlots = tensor1d(this.touchedItems.slots.subarray(from, to), 'int32');
      const userRows = this.rowsOf(this.users, this.touchedUsers, userSlots);
      const itemRows = this.rowsOf(this.items, this.touchedItems, itemSlots);
      const loss = neumfLoss(shape, tensor2d(labels.subarray(from, to), [count, 1]));
      // arguments and their gradients have the shapes of the three tensors that are given
      const { value, grads } = valueAndGrads((...args) => loss(...(args as unknown as Arguments)))([
        userRows,
        itemRows,
        this.dense.weights,
      ]);
      const [ofUsers, ofItems, dense] = grads as unknown as Arguments;
      const sumByRow = (
        gradient: Tensor2D,
        rows: Tensor2D,
        slots: Tensor1D,
        touched: TouchedRows,
      ): Tensor2D => {
        const penalized =
          regularization === 0 ? gradient : add<Tensor2D>(gradient, mul(rows, regularization));
        const size: [number, number] = [touched.rows.length, rowWidth(shape)];
        return scatterND(reshape(slots, [count, 1]), penalized, size);
      };
      return {
        loss: value,
        users: sumByRow(ofUsers, userRows, userSlots, this.touchedUsers),
        items: sumByRow(ofItems, itemRows, itemSlots, this.touchedItems),
        dense,
      };
    });
  }

  private rowsOf({ weights }: Moments<Tensor2D>, touched: TouchedRows, slots: Tensor1D): Tensor2D {
    return gather(gather(weights, tensor1d(touched.rows, 'int32')), slots);
  }

  private descend({ users, items, dense }: BatchGradient, sampleCount: number): void {
    this.step += 1;
    const rate = correctedRate(this.learningRate, this.step);
    const scale = 1 / sampleCount;
    const stepRows = (table: Moments<Tensor2D>, touched: TouchedRows, sums: Tensor2D): Moments<Tensor2D> =>
      replaceMoments(table, (old) =>
        lazyAdamStep(old, tensor1d(touched.rows, 'int32'), mul(sums, scale), rate),
      );
    this.users = stepRows(this.users, this.touchedUsers, users);
    this.items = stepRows(this.items, this.touchedItems, items);
    this.dense = replaceMoments(this.dense, (old) => adamStep(old, mul(dense, scale), rate));
    dispose([users, items, dense]);
  }

  private read(part: keyof Moments<Tensor2D>): NeuMFWeights {
    const copy = (tensor: Tensor1D | Tensor2D): Float32Array => Float32Array.from(tensor.dataSync());
    return { users: copy(this.users[part]), items: copy(this.items[part]), dense: copy(this.dense[part]) };
  }
}

function momentsOf<T extends Tensor1D | Tensor2D>(
  name: keyof NeuMFWeights,
  { weights, adam }: { readonly weights: NeuMFWeights; readonly adam: AdamState | undefined },
  create: (values: Float32Array) => T,
): Moments<T> {
  const zeros = (): Float32Array => new Float32Array(weights[name].length);
  const place = (values: Float32Array): T => keep(create(values));
  return {
    weights: place(weights[name]),
    first: place(adam?.first[name] ?? zeros()),
    second: place(adam?.second[name] ?? zeros()),
  };
}

function addGradients(a: BatchGradient, b: BatchGradient): BatchGradient {
  const total = tidy(() => ({
    loss: add<Scalar>(a.loss, b.loss),
    users: add<Tensor2D>(a.users, b.users),
    items: add<Tensor2D>(a.items, b.items),
    dense: add<Tensor1D>(a.dense, b.dense),
  }));
  dispose([{ ...a }, { ...b }]);
  return total;
}

/** Sums the values of scalars, and disposes of them. */
function takeSum(losses: Scalar[]): number {
  const total = losses.reduce((sum, loss) => sum + loss.dataSync()[0]!, 0);
  dispose(losses.splice(0));
  return total;
}
