import { describe, expect, it } from '@jest/globals';

import { createRandom } from '../core/random.js';
import { Neighborhood } from './neighborhood.js';
import { rowOf, rowsOf, transposed, type SparseRows } from './sparse-rows.js';

const vector = (entries: Readonly<Record<number, number>>) => ({
  items: Int32Array.from(Object.keys(entries).map(Number)),
  weights: Float32Array.from(Object.values(entries)),
});

function randomRows(rowCount: number, columnCount: number): SparseRows {
  const random = createRandom(3);
  const rows = Array.from({ length: rowCount }, () => {
    const items = Int32Array.from({ length: columnCount }, (_, i) => i).filter(() => random() < 0.2);
    return { items, weights: Float32Array.from(items, () => random()) };
  });
  return rowsOf(rows, columnCount);
}

function dense(rows: SparseRows, row: number): Float64Array {
  const values = new Float64Array(rows.columnCount);
  const { items, weights } = rowOf(rows, row);
  items.forEach((item, i) => {
    values[item] = weights[i]!;
  });
  return values;
}

describe('transposed', () => {
  it('turns columns into rows and back', () => {
    const rows = rowsOf([vector({ 1: 0.5 }), vector({}), vector({ 0: 2, 1: 3 })], 3);
    expect(transposed(rows)).toEqual({
      columnCount: 3,
      offsets: Int32Array.of(0, 1, 3, 3),
      columns: Int32Array.of(2, 0, 2),
      weights: Float32Array.of(2, 0.5, 3),
    });
    expect(transposed(transposed(rows))).toEqual(rows);
  });
});

describe('Neighborhood', () => {
  it('finds what a scan of all distances finds', () => {
    const rows = randomRows(60, 30);
    const neighborhood = new Neighborhood(rows);
    for (const row of [0, 17, 59]) {
      const own = dense(rows, row);
      const distances = Array.from({ length: 60 }, (_, other) =>
        dense(rows, other).reduce((sum, value, i) => sum + (value - own[i]!) ** 2, 0),
      );
      const expected = [...distances.keys()]
        .filter((other) => other !== row)
        .sort((a, b) => distances[a]! - distances[b]!)
        .slice(0, 7);
      expect([...neighborhood.nearest(rowOf(rows, row), 7)]).toEqual(expected);
    }
  });

  it('leaves twins out, and gives fewer than asked for where there are fewer', () => {
    const rows = rowsOf([vector({ 0: 0.1, 2: 0.7 }), vector({ 0: 0.1, 2: 0.7 }), vector({ 1: 1 })], 3);
    expect([...new Neighborhood(rows).nearest(vector({ 0: 0.1, 2: 0.7 }), 5)]).toEqual([2]);
  });

  it('adds up means', () => {
    const rows = rowsOf([vector({ 0: 1 }), vector({ 0: 2, 1: 1 }), vector({ 2: 3 })], 3);
    const neighborhood = new Neighborhood(rows);
    expect(neighborhood.mean).toEqual(Float64Array.of(1, 1 / 3, 1));
    const sums = Float64Array.of(10, 0, 0);
    neighborhood.addMeanOf(Int32Array.of(0, 1), 2, sums);
    expect(sums).toEqual(Float64Array.of(13, 1, 0));
    neighborhood.addMeanOf(new Int32Array(), 2, sums);
    expect(sums).toEqual(Float64Array.of(13, 1, 0));
  });
});
