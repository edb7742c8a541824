import { describe, expect, it } from '@jest/globals';

import { createRandom, drawNormal } from '../core/random.js';
import { decomposeSymmetric } from './symmetric-eigen.js';

describe('decomposeSymmetric', () => {
  it('decomposes by hand', () => {
    // ((2, 1), (1, 2)) has 3 along (1, 1)/√2 and 1 along (1, −1)/√2
    const { values, vectors } = decomposeSymmetric(Float64Array.of(2, 1, 1, 2), 2);
    expect(values[0]).toBeCloseTo(3, 12);
    expect(values[1]).toBeCloseTo(1, 12);
    expect(Math.abs(vectors[0]! + vectors[1]!)).toBeCloseTo(Math.SQRT2, 12);
    expect(vectors[2]! + vectors[3]!).toBeCloseTo(0, 12);
  });

  it.each([1, 2, 7, 40])('satisfies A·v = λ·v with orthogonal v, largest λ first (n = %i)', (n) => {
    const random = createRandom(n);
    const half = Float64Array.from({ length: n * n }, () => drawNormal(random));
    const matrix = half.map((value, i) => value + half[(i % n) * n + Math.floor(i / n)]!);
    const { values, vectors } = decomposeSymmetric(matrix, n);
    let worst = 0;
    for (let i = 0; i < n; i += 1) {
      for (let row = 0; row < n; row += 1) {
        let product = 0;
        let inner = 0;
        for (let k = 0; k < n; k += 1) {
          product += matrix[row * n + k]! * vectors[i * n + k]!;
          inner += vectors[row * n + k]! * vectors[i * n + k]!;
        }
        worst = Math.max(worst, Math.abs(product - values[i]! * vectors[i * n + row]!));
        worst = Math.max(worst, Math.abs(inner - (row === i ? 1 : 0)));
      }
    }
    expect(worst).toBeLessThan(1e-5);
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });

  it('takes zeros', () => {
    expect([...decomposeSymmetric(new Float64Array(4), 2).values]).toEqual([0, 0]);
  });
});
