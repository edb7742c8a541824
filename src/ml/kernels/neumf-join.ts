import { denseParts, type NeuMFShape, type NeuMFWeights } from './neumf-network.js';

/** α of the paper: how much of the log-odds is GMF's, the rest is the MLP's. */
const GMF_SHARE = 0.5;

/**
 * Joins GMF and MLP that were trained apart into one network, whose log-odds are the mean of theirs.
 *
 * @returns Dense weights; embeddings stay as they are. Shape of `weights.dense`.
 *
 * @see He, Liao, Zhang, Nie, Hu & Chua, "Neural Collaborative Filtering", WWW 2017, §3.4.1, equation 13.
 */
export function joinParts(shape: NeuMFShape, { dense }: Pick<NeuMFWeights, 'dense'>): Float32Array {
  const { output, gmfBias } = denseParts(shape);
  const joined = dense.slice();
  const first = output.kernel.start;
  for (let k = 0; k < output.kernel.inputs; k += 1) {
    joined[first + k]! *= k < shape.factors ? GMF_SHARE : 1 - GMF_SHARE;
  }
  // both are parts of the array
  joined[output.bias.start] = GMF_SHARE * dense[gmfBias.start]! + (1 - GMF_SHARE) * dense[output.bias.start]!;
  joined[gmfBias.start] = 0;
  return joined;
}
