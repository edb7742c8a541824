import { beforeAll, describe, expect, it } from '@jest/globals';

import { createRandom, drawBelow, drawNormal } from '../core/random.js';
import { InvalidDataError } from '../core/errors.js';
import { topK } from '../math/top-k.js';
import { WasmKernelRuntime } from '../../platform/wasm/wasm-kernel-runtime.js';
import { buildRetrievalBook } from './build-retrieval-book.js';
import type { ItemVectors } from './retrieval-book.js';
import { RetrievalIndex } from './retrieval-index.js';

const kernels = new WasmKernelRuntime();
const places = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
const open = async (
  vectors: ItemVectors & { readonly users?: readonly Float32Array[] },
  cellCount: number,
  maskLength = vectors.itemCount,
) => {
  // other users than those that ask
  const queries = Float32Array.from((vectors.users ?? []).slice(15).flatMap((user) => [...user]));
  const book = await buildRetrievalBook(vectors, { kernels, seed: 1, cellCount, queries });
  const index = await RetrievalIndex.open(kernels, vectors, book, maskLength);
  index.setPlaces(places(vectors.itemCount));
  return index;
};

/** Items about 40 tastes, some long and some short, and users near a taste. */
function taste(itemCount: number, width: number, seed = 1): ItemVectors & { readonly users: Float32Array[] } {
  const random = createRandom(seed);
  const tastes = Array.from({ length: 40 }, () =>
    Float32Array.from({ length: width }, () => drawNormal(random)),
  );
  const near = (noise: number, length: number): number[] => {
    const center = tastes[drawBelow(random, tastes.length)]!;
    return Array.from(center, (value) => length * (value + noise * drawNormal(random)));
  };
  const rows = Array.from({ length: itemCount }, () => near(0.7, Math.exp(0.5 * drawNormal(random))));
  return {
    itemCount,
    width,
    itemFactors: Float32Array.from(rows.flat()),
    users: Array.from({ length: 30 }, () => Float32Array.from(near(0.5, 1))),
  };
}

/** By definition: every product, in the order of topK. */
function exact(
  { itemCount, width, itemFactors }: ItemVectors,
  user: Float32Array,
  count: number,
  mask: Uint8Array,
) {
  const products = new Float32Array(itemCount);
  for (let item = 0; item < itemCount; item += 1) {
    let sum = 0;
    for (let k = 0; k < width; k += 1) sum += user[k]! * itemFactors[item * width + k]!;
    products[item] = sum;
  }
  return topK(products, count, mask);
}

function recall(found: Int32Array, expected: Int32Array): number {
  const isExpected = new Set(expected);
  return found.filter((item) => isExpected.has(item)).length / Math.max(1, expected.length);
}

describe('RetrievalIndex', () => {
  const many = taste(20_000, 16);
  let celled: RetrievalIndex;

  beforeAll(async () => {
    celled = await open(many, 128);
  });

  it('scores by hand: 8-bit codes choose, and the vectors themselves decide', async () => {
    // products with (1, 2, 0, 0): 1 + 4 = 5, 3, −1, 0.5 + 5 = 5.5
    const itemFactors = Float32Array.of(1, 2, 9, 9, 3, 0, 0, 0, 1, -1, 5, 5, 0.5, 2.5, 0, -7);
    const index = await open({ itemCount: 4, width: 4, itemFactors }, 1);
    const vector = Float32Array.of(1, 2, 0, 0);
    const { indices, scores } = index.search({ vector, count: 3, mask: new Uint8Array(4) });
    expect([...indices]).toEqual([3, 0, 1]);
    expect([...scores]).toEqual([5.5, 5, 3]);
    expect([...index.search({ vector, count: 3, mask: Uint8Array.of(0, 1, 0, 1) }).indices]).toEqual([0, 2]);
  });

  it.each([4, 12, 64])('finds what a scan of all vectors finds, without cells (width %i)', async (width) => {
    const vectors = taste(3001, width);
    const index = await open(vectors, 1);
    const mask = Uint8Array.from({ length: 3001 }, (_, i) => (i % 3 === 0 ? 1 : 0));
    const outcomes = vectors.users.map((vector) => {
      const expected = exact(vectors, vector, 50, mask);
      const { indices, scores } = index.search({ vector, count: 50, mask });
      return {
        recall: recall(indices, expected.indices),
        error: Math.abs(scores[0]! - expected.scores[0]!),
        isSorted: scores.every((score, i) => i === 0 || score <= scores[i - 1]!),
      };
    });
    expect(Math.min(...outcomes.map((outcome) => outcome.recall))).toBeGreaterThanOrEqual(0.98);
    expect(Math.max(...outcomes.map(({ error }) => error))).toBeLessThan(1e-3);
    expect(outcomes.every(({ isSorted }) => isSorted)).toBe(true);
  });

  it('finds 95 % of it when it looks into some of the cells', () => {
    const mask = new Uint8Array(20_000);
    const recalls = many.users
      .slice(0, 15)
      .map((vector) =>
        recall(celled.search({ vector, count: 100, mask }).indices, exact(many, vector, 100, mask).indices),
      );
    expect(recalls.reduce((sum, value) => sum + value, 0) / recalls.length).toBeGreaterThan(0.95);
  });

  it.each([0.9, 0.5, 0.3, 0.1, 0.01, 0.001])('fills the list when %d of the items are allowed', (share) => {
    const random = createRandom(9);
    const mask = Uint8Array.from({ length: 20_000 }, () => (random() < share ? 0 : 1));
    const allowed = mask.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0);
    // one expectation for all users: each costs as much as some hundred searches
    const outcomes = many.users.slice(0, 15).map((vector) => {
      const { indices } = celled.search({ vector, count: 100, mask });
      return {
        length: indices.length,
        distinct: new Set(indices.filter((item) => mask[item] === 0)).size,
        recall: recall(indices, exact(many, vector, 100, mask).indices),
      };
    });
    const length = Math.min(100, allowed);
    expect(outcomes.filter((outcome) => outcome.length !== length || outcome.distinct !== length)).toEqual(
      [],
    );
    expect(Math.min(...outcomes.map((outcome) => outcome.recall))).toBeGreaterThan(0.85);
  });

  it('fills the list when only cells far away hold what is allowed', () => {
    const vector = many.users[0]!;
    const worst = exact(
      many,
      vector.map((value) => -value),
      6000,
      new Uint8Array(20_000),
    ).indices;
    const mask = new Uint8Array(20_000).fill(1);
    for (const item of worst) mask[item] = 0;
    expect(celled.search({ vector, count: 100, mask }).indices.length).toBe(100);
  });

  it('finds the mask of an item at its place, and leaves out what has none', async () => {
    const itemFactors = Float32Array.of(4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0);
    const index = await open({ itemCount: 4, width: 4, itemFactors }, 1, 20);
    index.setPlaces(Int32Array.of(-1, 5, 19, 4000));
    const vector = Float32Array.of(1, 0, 0, 0);
    const mask = new Uint8Array(20);
    expect([...index.search({ vector, count: 4, mask }).indices]).toEqual([1, 2]);
    mask[5] = 1;
    expect([...index.search({ vector, count: 4, mask }).indices]).toEqual([2]);
    // a mask that is shorter leaves out what lies behind it
    expect([...index.search({ vector, count: 4, mask: mask.subarray(0, 19) }).indices]).toEqual([]);
  });

  it('makes the same book from the same seed, and can be stopped', async () => {
    const vectors = taste(3000, 8);
    const build = async (seed: number, signal?: AbortSignal) =>
      buildRetrievalBook(vectors, {
        kernels,
        seed,
        cellCount: 16,
        queries: new Float32Array(),
        ...(signal && { signal }),
      });
    expect(await build(3)).toEqual(await build(3));
    await expect(build(3, AbortSignal.abort('enough'))).rejects.toBe('enough');
  });

  it('takes one item, equal items and vectors of zeros, and refuses what is not finite', async () => {
    const one = await open({ itemCount: 1, width: 4, itemFactors: Float32Array.of(0, 0, 0, 0) }, 1);
    const zero = new Float32Array(4);
    expect([...one.search({ vector: zero, count: 5, mask: new Uint8Array(1) }).indices]).toEqual([0]);
    const equal = await open({ itemCount: 9, width: 4, itemFactors: new Float32Array(36).fill(1) }, 8);
    const vector = Float32Array.of(1, 1, 1, 1);
    expect([...equal.search({ vector, count: 4, mask: new Uint8Array(9) }).indices]).toEqual([0, 1, 2, 3]);
    const bad = { itemCount: 1, width: 4, itemFactors: Float32Array.of(0, Number.NaN, 0, 0) };
    await expect(buildRetrievalBook(bad, { kernels, seed: 1, queries: new Float32Array() })).rejects.toThrow(
      InvalidDataError,
    );
  });
});
