import { describe, expect, it } from '@jest/globals';

import { GrowingColumn } from './growing-column.js';

describe('GrowingColumn', () => {
  it('keeps what was pushed, in order, beyond its first capacity', () => {
    const column = new GrowingColumn(Float64Array);
    expect(column.values()).toEqual(new Float64Array());
    const pushed = Array.from({ length: 5000 }, (_, i) => i + 0.5);
    pushed.forEach((value) => column.push(value));
    expect(column.values()).toEqual(Float64Array.from(pushed));
  });

  it('hands out copies', () => {
    const column = new GrowingColumn(Int32Array);
    column.push(7);
    column.values().fill(0);
    expect(column.values()).toEqual(Int32Array.of(7));
  });
});
