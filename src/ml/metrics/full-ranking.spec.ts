import { describe, expect, it } from '@jest/globals';

import { distinctInteractions } from '../core/interactions.js';
import { evaluateAmongAll } from './full-ranking.js';

describe('evaluateAmongAll', () => {
  const heldOut = {
    users: Int32Array.of(0, 1),
    items: Int32Array.of(2, 0),
    timestamps: Float64Array.of(5, 6),
    negatives: new Int32Array(),
    offsets: Int32Array.of(0, 0, 0),
  };
  const scored = (rows: readonly (readonly number[])[]) => {
    const moments: (number | undefined)[] = [];
    const scoreAll = (user: number, out = new Float32Array(4), at?: number): Float32Array => {
      moments.push(at);
      out.set(rows[user] ?? []);
      return out;
    };
    return { itemCount: 4, scoreAll, moments };
  };
  const training = distinctInteractions({
    userCount: 2,
    itemCount: 4,
    users: Int32Array.of(0, 1),
    items: Int32Array.of(0, 3),
    timestamps: new Float64Array(2),
  });

  it('leaves out what the user had, and counts ties against the model', async () => {
    // user 0: item 0 was had; item 1 ties with the held-out item 2: rank 1. User 1: item 3 was had: rank 0
    const model = scored([
      [9, 5, 5, 1],
      [4, 3, 2, 8],
    ]);
    const report = await evaluateAmongAll(model, heldOut, await training);
    expect(report).toEqual({ hr10: 1, ndcg10: (1 + Math.LN2 / Math.log(3)) / 2, users: 2 });
    expect(model.moments).toEqual([5, 6]);
  });

  it('ranks what is no number last', async () => {
    const many = Array.from({ length: 12 }, () => NaN);
    const model = { itemCount: 12, scoreAll: (_: number, out: Float32Array) => (out.set(many), out) };
    const report = await evaluateAmongAll(
      { ...model, scoreAll: (user, out = new Float32Array(12)) => model.scoreAll(user, out) },
      heldOut,
      await distinctInteractions({ ...(await training), itemCount: 12 }),
    );
    expect(report.hr10).toBe(0);
  });
});
