import { denseParts, type NeuMFShape, type NeuMFWeights } from './neumf-network.js';

/**
 * Joins GMF and MLP that were trained apart into one network, whose log-odds are a weighted mean of theirs.
 *
 * @param gmfShare α: how much of the log-odds is GMF's, the rest is the MLP's, in [0, 1].
 * @returns Dense weights; embeddings stay as they are. Shape of `weights.dense`.
 *
 * @see He, Liao, Zhang, Nie, Hu & Chua, "Neural Collaborative Filtering", WWW 2017, §3.4.1, equation 13.
 */
export function joinParts(
  shape: NeuMFShape,
  { dense }: Pick<NeuMFWeights, 'dense'>,
  gmfShare: number,
): Float32Array {
  const { output, gmfBias } = denseParts(shape);
  const joined = dense.slice();
  const first = output.kernel.start;
  for (let k = 0; k < output.kernel.inputs; k += 1) {
    joined[first + k]! *= k < shape.factors ? gmfShare : 1 - gmfShare;
  }
  // both are parts of the array
  joined[output.bias.start] = gmfShare * dense[gmfBias.start]! + (1 - gmfShare) * dense[output.bias.start]!;
  joined[gmfBias.start] = 0;
  return joined;
}
