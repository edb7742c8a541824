// the best of many vectors by dot product: a scan of 8-bit codes with a heap of the best, and what sorts vectors into cells. Host: ../retrieval-memory.ts
import { multiply } from './dense';
import { sumsOf } from './simd';

/** One thread's search. The order of the fields is repeated in ../retrieval-memory.ts. */
@unmanaged
class Search {
  /** Bytes of a code, a multiple of 8. */
  width: i32;
  /** A code a position, 4 of padding behind the last. */
  codes: usize;
  /** What one unit of a code's product is worth, a float a position. */
  scales: usize;
  /** Where a position has its byte in the mask. */
  places: usize;
  /** Cells are positions offsets[c] … offsets[c + 1]. */
  offsets: usize;
  /** A bit a place: 1 is left out. Places are looked up in no order, and bits stay in the cache. */
  mask: usize;
  /** The query as 16-bit numbers. */
  query: usize;
  /** Cells to scan, and how many. */
  probes: usize;
  probeCount: i32;
  /** The best so far, the worst of them in front. */
  heapScores: usize;
  heapPositions: usize;
  capacity: i32;
  size: i32;
}

/** Codes that are multiplied together. */
const BLOCK: i32 = 4;

@inline
function scoreAt(search: Search, index: i32): f32 {
  return load<f32>(search.heapScores + (<usize>index << 2));
}

@inline
function put(search: Search, index: i32, score: f32, position: i32): void {
  store<f32>(search.heapScores + (<usize>index << 2), score);
  store<i32>(search.heapPositions + (<usize>index << 2), position);
}

@inline
function move(search: Search, from: i32, to: i32): void {
  put(search, to, scoreAt(search, from), load<i32>(search.heapPositions + (<usize>from << 2)));
}

/** Takes a score that beats the worst, or any while there is room. */
function take(search: Search, score: f32, position: i32): void {
  let hole: i32 = 0;
  if (search.size < search.capacity) {
    hole = search.size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (scoreAt(search, parent) <= score) break;
      move(search, parent, hole);
      hole = parent;
    }
  } else {
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= search.size) break;
      if (child + 1 < search.size && scoreAt(search, child + 1) < scoreAt(search, child)) child++;
      if (scoreAt(search, child) >= score) break;
      move(search, child, hole);
      hole = child;
    }
  }
  put(search, hole, score, position);
}

@inline
function isAllowed(search: Search, position: i32): bool {
  const place = load<i32>(search.places + (<usize>position << 2));
  return place >= 0 && ((load<u8>(search.mask + (<usize>place >> 3)) >> (<u8>place & 7)) & 1) == 0;
}

/** Lowest score that is of use. */
@inline
function thresholdOf(search: Search): f32 {
  return search.size < search.capacity ? -f32.MAX_VALUE : scoreAt(search, 0);
}

/** Scores of 4 codes from `position`. */
@inline
function scoreBlock(search: Search, position: i32): v128 {
  const width: usize = search.width;
  let code = search.codes + <usize>position * width;
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = code + width;
  for (let q = search.query; code < end; code += 8, q += 16) {
    const query = v128.load(q);
    a = i32x4.add(a, i32x4.dot_i16x8_s(query, v128.load_ext<i8>(code)));
    b = i32x4.add(b, i32x4.dot_i16x8_s(query, v128.load_ext<i8>(code + width)));
    c = i32x4.add(c, i32x4.dot_i16x8_s(query, v128.load_ext<i8>(code + 2 * width)));
    d = i32x4.add(d, i32x4.dot_i16x8_s(query, v128.load_ext<i8>(code + 3 * width)));
  }
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7));
  const sums = i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7));
  return f32x4.mul(f32x4.convert_i32x4_s(sums), v128.load(search.scales + (<usize>position << 2)));
}

/** Scans the cells of the list. The mask is looked at for those only that beat the worst of the best. @returns The size of the heap. */
export function scanCells(address: usize): i32 {
  const search = changetype<Search>(address);
  for (let p: i32 = 0; p < search.probeCount; p++) {
    const cell = load<i32>(search.probes + (<usize>p << 2));
    const offset = search.offsets + (<usize>cell << 2);
    const end = load<i32>(offset, 4);
    let threshold = thresholdOf(search);
    for (let i = load<i32>(offset); i < end; i += BLOCK) {
      const scores = scoreBlock(search, i);
      let hits = i32x4.bitmask(f32x4.gt(scores, f32x4.splat(threshold)));
      if (hits == 0) continue;
      const first = search.heapScores - 16;
      v128.store(first, scores);
      for (; hits != 0; hits &= hits - 1) {
        const lane = ctz(hits);
        if (i + lane >= end) break;
        const score = load<f32>(first + (<usize>lane << 2));
        if (score > threshold && isAllowed(search, i + lane)) {
          take(search, score, i + lane);
          threshold = thresholdOf(search);
        }
      }
    }
  }
  return search.size;
}

/** Scans positions from … to, looking at the mask first: where few are allowed. @returns The size of the heap. */
export function scanAllowed(address: usize, from: i32, to: i32): i32 {
  const search = changetype<Search>(address);
  const width: usize = search.width;
  let threshold = thresholdOf(search);
  for (let i = from; i < to; i++) {
    if (!isAllowed(search, i)) continue;
    let code = search.codes + <usize>i * width;
    let sum = i32x4.splat(0);
    const end = code + width;
    for (let q = search.query; code < end; code += 8, q += 16) {
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(q), v128.load_ext<i8>(code)));
    }
    const dot =
      i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
    const score = <f32>dot * load<f32>(search.scales + (<usize>i << 2));
    if (score > threshold) {
      take(search, score, i);
      threshold = thresholdOf(search);
    }
  }
  return search.size;
}

/** Makes bits of `count` bytes, a multiple of 16: 1 of any other than 0. @returns How many are 0. */
export function packMask(bytes: usize, count: i32, bits: usize): i32 {
  const end = bytes + <usize>count;
  let zeros: i32 = 0;
  for (; bytes < end; bytes += 16, bits += 2) {
    const isZero = i8x16.bitmask(i8x16.eq(v128.load(bytes), i8x16.splat(0)));
    store<u16>(bits, <u16>~isZero);
    zeros += popcnt(isZero);
  }
  return zeros;
}

/** Products of the query with `rows` float vectors, a multiple of 4, to `out`. */
export function multiplyRows(query: usize, rows: usize, width: i32, count: i32, out: usize): void {
  const bytes: usize = width << 2;
  for (let i: i32 = 0; i < count; i += BLOCK, rows += 3 * bytes, out += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    const end = rows + bytes;
    for (let q = query; rows < end; rows += 16, q += 16) {
      const v = v128.load(q);
      a = f32x4.add(a, f32x4.mul(v, v128.load(rows)));
      b = f32x4.add(b, f32x4.mul(v, v128.load(rows + bytes)));
      c = f32x4.add(c, f32x4.mul(v, v128.load(rows + 2 * bytes)));
      d = f32x4.add(d, f32x4.mul(v, v128.load(rows + 3 * bytes)));
    }
    v128.store(out, sumsOf(a, b, c, d));
  }
}

/**
 * For each of `count` vectors, a multiple of 4 up to 32, the cell with the largest x · kernel + bias. `kernel` is
 * (width, cells) row-major, cells a multiple of 8; `scores` has room for 32 rows of cells.
 */
export function assignCells(
  rows: usize,
  count: i32,
  width: i32,
  kernel: usize,
  bias: usize,
  cells: i32,
  scores: usize,
  out: usize,
): void {
  multiply(rows, <usize>width << 2, kernel, bias, width, cells, scores, <usize>cells << 2, count);
  for (let r: i32 = 0; r < count; r++) {
    let score = scores + <usize>r * (<usize>cells << 2);
    let best: f32 = -f32.MAX_VALUE;
    let cell: i32 = 0;
    for (let c: i32 = 0; c < cells; c += 4, score += 16) {
      if (!v128.any_true(f32x4.gt(v128.load(score), f32x4.splat(best)))) continue;
      for (let lane: i32 = 0; lane < 4; lane++) {
        const value = load<f32>(score + (<usize>lane << 2));
        if (value > best) {
          best = value;
          cell = c + lane;
        }
      }
    }
    store<i32>(out + (<usize>r << 2), cell);
  }
}
