import { describe, expect, it } from '@jest/globals';

import { NeuMFOracle, randomWeights } from '../../../test/support/neumf-oracle.js';
import { mulberry32 } from '../../../test/support/random.js';
import { joinParts } from './neumf-join.js';
import { denseParts } from './neumf-network.js';

const shape = { userCount: 5, itemCount: 6, factors: 4, layers: [16, 8] };
const weights = randomWeights(shape, mulberry32(3));
const { output, gmfBias } = denseParts(shape);
weights.dense[output.bias.start] = 0.3;
weights.dense[gmfBias.start] = -0.7;

describe('joinParts', () => {
  it.each([0, 0.5, 0.8, 1])('weighs the log-odds of both parts, %d of GMF', (gmfShare) => {
    const without = (start: number, count: number, bias: number): NeuMFOracle => {
      const dense = weights.dense.slice();
      dense.fill(0, start, start + count);
      dense[output.bias.start] = bias;
      return new NeuMFOracle(shape, { ...weights, dense });
    };
    const { start } = output.kernel;
    const gmf = without(start + 4, 8, -0.7);
    const mlp = without(start, 4, 0.3);
    const before = weights.dense.slice();
    const joined = new NeuMFOracle(shape, { ...weights, dense: joinParts(shape, weights, gmfShare) });
    expect(weights.dense).toEqual(before);
    for (let item = 0; item < 6; item += 1) {
      const expected = gmfShare * gmf.logit(2, item) + (1 - gmfShare) * mlp.logit(2, item);
      expect(joined.logit(2, item)).toBeCloseTo(expected, 5);
    }
  });
});
