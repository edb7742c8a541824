import { describe, expect, it } from '@jest/globals';

import { computeAtOnce, computeInSlices, type Steps } from './steps.js';

/** Sums 1 … count, busy for `milliseconds` in each step. */
function* sum(count: number, milliseconds: number): Steps<number> {
  let total = 0;
  for (let i = 1; i <= count; i++) {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    total += i;
    yield;
  }
  return total;
}

function* failing(): Steps<number> {
  yield;
  throw new RangeError('Expected nothing.');
}

describe('steps', () => {
  it('give the same result in slices as at once', async () => {
    expect(computeAtOnce(sum(100, 0))).toBe(5050);
    await expect(computeInSlices(sum(100, 0))).resolves.toBe(5050);
    await expect(computeInSlices(sum(0, 0))).resolves.toBe(0);
  });

  it('let timers fire between slices', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await computeInSlices(sum(40, 2));
    clearInterval(timer);
    // 80 ms of work in slices of 5 to 7 ms
    expect(turns).toBeGreaterThanOrEqual(8);
  });

  it('pass an error on', async () => {
    expect(() => computeAtOnce(failing())).toThrow('Expected nothing.');
    await expect(computeInSlices(failing())).rejects.toThrow('Expected nothing.');
  });
});
