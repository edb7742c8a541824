/** Size of a NeuMF network. */
export interface NeuMFShape {
  readonly userCount: number;
  readonly itemCount: number;
  /** Width of the GMF embeddings, multiple of 4; 0 for the MLP alone. */
  readonly factors: number;
  /**
   * Widths of the MLP, input first; multiples of 8. The input joins a user's and an item's embedding of half its width.
   * Empty for GMF alone.
   */
  readonly layers: readonly number[];
}

/**
 * The parameters of a NeuMF network.
 *
 * A row of `users` or `items` holds the MLP embedding (layers[0] / 2 floats), then the GMF embedding
 * (factors). `dense` holds each layer's kernel (inputs, outputs) row-major and bias, then the output
 * kernel over [GMF product, last layer], the output bias and the bias that GMF has where it is trained apart,
 * padded to a multiple of 4: see `denseParts`.
 */
export interface NeuMFWeights {
  /** Shape (userCount, layers[0] / 2 + factors). */
  readonly users: Float32Array;
  /** Shape (itemCount, layers[0] / 2 + factors). */
  readonly items: Float32Array;
  readonly dense: Float32Array;
}

/** One array inside `NeuMFWeights.dense`. */
export interface DensePart {
  /** First float. */
  readonly start: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Kernels and biases of the layers, then of the output, in their order in memory. */
export interface DenseParts {
  readonly layers: readonly { readonly kernel: DensePart; readonly bias: DensePart }[];
  readonly output: { readonly kernel: DensePart; readonly bias: DensePart };
  /** Bias of GMF where it is trained apart from the MLP; elsewhere nothing reads it. */
  readonly gmfBias: DensePart;
  /** Floats in all, multiple of 4. */
  readonly length: number;
}

/** Width of one embedding row. */
export function rowWidth({ layers, factors }: NeuMFShape): number {
  return (layers[0] ?? 0) / 2 + factors;
}

/** Where each dense parameter lies in `NeuMFWeights.dense`. */
export function denseParts({ factors, layers }: NeuMFShape): DenseParts {
  let length = 0;
  const part = (inputs: number, outputs: number): DensePart => {
    const start = length;
    length += inputs * outputs;
    return { start, inputs, outputs };
  };
  // an MLP has at least two widths, and every one after the first has one before it
  const hidden = layers.slice(1).map((outputs, index) => ({
    kernel: part(layers[index]!, outputs),
    bias: part(1, outputs),
  }));
  const output = { kernel: part(factors + (layers.at(-1) ?? 0), 1), bias: part(1, 1) };
  const gmfBias = part(1, 1);
  return { layers: hidden, output, gmfBias, length: Math.ceil(length / 4) * 4 };
}

/** Multiply–adds of one forward pass; forward and backward together take three times as many. */
export function multiplyAdds(shape: NeuMFShape): number {
  const { layers, output } = denseParts(shape);
  const hidden = layers.reduce((sum, { kernel }) => sum + kernel.inputs * kernel.outputs, 0);
  return hidden + output.kernel.inputs + 2 * rowWidth(shape);
}
