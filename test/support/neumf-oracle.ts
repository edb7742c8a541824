import {
  denseParts,
  rowWidth,
  type NeuMFShape,
  type NeuMFWeights,
} from '../../src/ml/kernels/neumf-network.js';
import type { LabelledPairs } from '../../src/ml/kernels/neumf-trainer.js';

/** Gradient by all weights, in double precision. */
export interface OracleGradient {
  readonly users: Float64Array;
  readonly items: Float64Array;
  readonly dense: Float64Array;
}

interface Pass {
  readonly activations: readonly number[][];
  readonly product: readonly number[];
  readonly logit: number;
}

/** The forward and backward pass of NeuMF from its definition: one pair at a time, plain loops, double precision. */
export class NeuMFOracle {
  constructor(
    private readonly shape: NeuMFShape,
    private readonly weights: NeuMFWeights,
    private readonly regularization = 0,
  ) {}

  logit(user: number, item: number): number {
    return this.forward(user, item).logit;
  }

  differentiate({ users, items, labels }: LabelledPairs): { loss: number; gradient: OracleGradient } {
    const gradient = {
      users: new Float64Array(this.weights.users.length),
      items: new Float64Array(this.weights.items.length),
      dense: new Float64Array(this.weights.dense.length),
    };
    let loss = 0;
    users.forEach((user, i) => {
      const item = items[i]!;
      const pass = this.forward(user, item);
      const probability = 1 / (1 + Math.exp(-pass.logit));
      loss -= Math.log(labels[i] === 1 ? probability : 1 - probability);
      this.backward(user, item, { pass, error: probability - labels[i]!, gradient });
    });
    for (const part of Object.values(gradient)) part.forEach((sum, i) => (part[i] = sum / users.length));
    return { loss: loss / users.length, gradient };
  }

  private forward(user: number, item: number): Pass {
    const { dense } = this.weights;
    const parts = denseParts(this.shape);
    const half = (this.shape.layers[0] ?? 0) / 2;
    const { p, q } = this.rows(user, item);
    const product = p.slice(half).map((value, k) => value * q[half + k]!);
    const activations = [[...p.slice(0, half), ...q.slice(0, half)]];
    for (const { kernel, bias } of parts.layers) {
      const x = activations.at(-1)!;
      const y = Array.from({ length: kernel.outputs }, (_, j) =>
        x.reduce(
          (sum, value, k) => sum + value * dense[kernel.start + k * kernel.outputs + j]!,
          dense[bias.start + j]!,
        ),
      );
      activations.push(y.map((value) => Math.max(0, value)));
    }
    const { kernel, bias } = parts.output;
    const features = [...product, ...activations.at(-1)!];
    const logit = features.reduce(
      (sum, value, k) => sum + value * dense[kernel.start + k]!,
      dense[bias.start]!,
    );
    return { activations, product, logit };
  }

  private backward(
    user: number,
    item: number,
    { pass, error, gradient }: { pass: Pass; error: number; gradient: OracleGradient },
  ): void {
    const { dense } = this.weights;
    const { factors } = this.shape;
    const parts = denseParts(this.shape);
    const { kernel, bias } = parts.output;
    [...pass.product, ...pass.activations.at(-1)!].forEach((value, k) => {
      gradient.dense[kernel.start + k]! += error * value;
    });
    gradient.dense[bias.start]! += error;

    let delta = pass.activations.at(-1)!.map((_, k) => error * dense[kernel.start + factors + k]!);
    for (const [l, layer] of [...parts.layers.entries()].reverse()) {
      const x = pass.activations[l]!;
      const active = delta.map((value, j) => (pass.activations[l + 1]![j]! > 0 ? value : 0));
      active.forEach((value, j) => (gradient.dense[layer.bias.start + j]! += value));
      const at = (k: number, j: number): number => layer.kernel.start + k * layer.kernel.outputs + j;
      x.forEach((value, k) => active.forEach((d, j) => (gradient.dense[at(k, j)]! += value * d)));
      delta = x.map((_, k) => active.reduce((sum, d, j) => sum + d * dense[at(k, j)]!, 0));
    }

    const half = (this.shape.layers[0] ?? 0) / 2;
    const width = rowWidth(this.shape);
    const { p, q } = this.rows(user, item);
    const h = Array.from({ length: factors }, (_, k) => error * dense[kernel.start + k]!);
    const byUser = [...delta.slice(0, half), ...h.map((value, k) => value * q[half + k]!)];
    const byItem = [...delta.slice(half), ...h.map((value, k) => value * p[half + k]!)];
    byUser.forEach((d, k) => (gradient.users[user * width + k]! += d + this.regularization * p[k]!));
    byItem.forEach((d, k) => (gradient.items[item * width + k]! += d + this.regularization * q[k]!));
  }

  private rows(user: number, item: number): { p: number[]; q: number[] } {
    const width = rowWidth(this.shape);
    const row = (rows: Float32Array, index: number): number[] => [
      ...rows.subarray(index * width, (index + 1) * width),
    ];
    return { p: row(this.weights.users, user), q: row(this.weights.items, item) };
  }
}

/** Weights large enough that every layer, active or not, matters. */
export function randomWeights(shape: NeuMFShape, random: () => number): NeuMFWeights {
  const width = rowWidth(shape);
  const draw = (): number => random() - 0.5;
  const { length, output } = denseParts(shape);
  const dense = new Float32Array(length).map(draw);
  dense.fill(0, output.bias.start + 1);
  return {
    users: new Float32Array(shape.userCount * width).map(draw),
    items: new Float32Array(shape.itemCount * width).map(draw),
    dense,
  };
}
