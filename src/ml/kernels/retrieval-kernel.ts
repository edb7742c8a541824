import type { Kernel, KernelRuntime } from './kernel-runtime.js';
import { MemoryLayout } from './memory-layout.js';

const KERNEL = 'retrieval';
/** Fields of a search in assembly/retrieval.kernel.ts, all of them words, and those that each search sets. */
const WORDS = 13;
const PROBE_COUNT = 8;
const CAPACITY = 11;
const SIZE = 12;
/** assembly/retrieval.kernel.ts multiplies this many codes at once, and reads past the last one. */
const BLOCK = 4;
/** 13 bits and sign leave room for 2,000 products with 8-bit codes in 32. */
const QUERY_LIMIT = 8191;
const VECTOR_BYTES = 16;

/** Vectors as 8-bit codes, sorted into cells. A position is a place in this order. */
export interface CodeBook {
  /** Length of a vector, multiple of 8. */
  readonly width: number;
  /** Positions of cell c are offsets[c] … offsets[c + 1]. Shape (cells + 1). */
  readonly offsets: Int32Array;
  /** A vector for each cell that tells by its product with a query whether to look into it. Shape (cells, width). */
  readonly centers: Float32Array;
  /** Shape (positions, width). */
  readonly codes: Int8Array;
  /** What a vector is divided by to make its code. Shape (positions). */
  readonly scales: Float32Array;
}

/** Searches a book of codes, which it copies into a memory of its own. One search at a time: not reentrant. */
export class RetrievalKernel {
  private readonly kernel: Kernel;
  private readonly address: number;
  private readonly bits: number;
  private readonly words: Int32Array;
  private readonly codes: Int8Array;
  private readonly scales: Float32Array;
  private readonly centers: Float32Array;
  private readonly places: Int32Array;
  private readonly mask: Uint8Array;
  private readonly query: Int16Array;
  private readonly floatQuery: Float32Array;
  private readonly probes: Int32Array;
  private readonly centerScores: Float32Array;
  private readonly heapScores: Float32Array;
  private readonly heapPositions: Int32Array;
  readonly cellCount: number;
  readonly positionCount: number;

  /**
   * @param maskLength Bytes of the mask that every search is given.
   * @param heapLength Positions that a search can find.
   */
  constructor(
    kernels: KernelRuntime,
    private readonly book: Omit<CodeBook, 'codes'>,
    { maskLength, heapLength }: { readonly maskLength: number; readonly heapLength: number },
  ) {
    const { width, offsets, centers, scales } = book;
    this.cellCount = offsets.length - 1;
    this.positionCount = scales.length;
    const paddedCells = Math.ceil(this.cellCount / BLOCK) * BLOCK;
    const layout = new MemoryLayout();
    const at = {
      search: layout.takeWords(WORDS),
      query: layout.take(width * 2),
      floatQuery: layout.takeWords(width),
      // scores of a block are written down in front of the heap
      heapScores: layout.takeWords(heapLength + BLOCK) + VECTOR_BYTES,
      heapPositions: layout.takeWords(heapLength),
      offsets: layout.takeWords(offsets.length),
      probes: layout.takeWords(this.cellCount),
      centers: layout.takeWords(paddedCells * width),
      centerScores: layout.takeWords(paddedCells),
      mask: layout.take(Math.ceil(maskLength / VECTOR_BYTES) * VECTOR_BYTES),
      bits: layout.take(2 * Math.ceil(maskLength / VECTOR_BYTES)),
      places: layout.takeWords(this.positionCount),
      scales: layout.takeWords(this.positionCount + BLOCK),
      codes: layout.take((this.positionCount + BLOCK) * width),
    };
    const { buffer } = kernels.createMemory(layout.byteLength);
    this.address = at.search;
    this.bits = at.bits;
    this.words = new Int32Array(buffer, at.search, WORDS);
    this.query = new Int16Array(buffer, at.query, width);
    this.floatQuery = new Float32Array(buffer, at.floatQuery, width);
    this.heapScores = new Float32Array(buffer, at.heapScores, heapLength);
    this.heapPositions = new Int32Array(buffer, at.heapPositions, heapLength);
    this.probes = new Int32Array(buffer, at.probes, this.cellCount);
    this.centers = new Float32Array(buffer, at.centers, paddedCells * width);
    this.centerScores = new Float32Array(buffer, at.centerScores, paddedCells);
    this.mask = new Uint8Array(buffer, at.mask, Math.ceil(maskLength / VECTOR_BYTES) * VECTOR_BYTES);
    this.places = new Int32Array(buffer, at.places, this.positionCount);
    this.scales = new Float32Array(buffer, at.scales, this.positionCount);
    this.codes = new Int8Array(buffer, at.codes, this.positionCount * width);
    new Int32Array(buffer, at.offsets, offsets.length).set(offsets);
    this.centers.set(centers);
    this.scales.set(scales);
    const fields = [width, at.codes, at.scales, at.places, at.offsets, at.bits, at.query, at.probes];
    this.words.set([...fields, 0, at.heapScores, at.heapPositions, 0, 0]);
    this.kernel = kernels.instantiate(KERNEL, { buffer });
  }

  /** Copies codes to the positions from `from` on; a search finds nothing at positions without. */
  writeCodes(codes: Int8Array, from: number): void {
    this.codes.set(codes, from * this.book.width);
  }

  /** Says where positions have their byte in the mask; −1 leaves a position out. */
  writePlaces(places: Int32Array): void {
    const { length } = this.mask;
    // the kernel does not look whether a place lies within the mask
    for (let i = 0; i < places.length; i += 1) this.places[i] = places[i]! < length ? places[i]! : -1;
  }

  /**
   * Begins a search for the largest products with a vector.
   *
   * @param query Shape (width), finite.
   * @param mask Bytes other than 0 leave out; what it is too short for is left out. Up to `maskLength` bytes.
   * @param size Positions to find, up to `heapLength`.
   * @returns The share of the mask that leaves in.
   */
  begin(query: Float32Array, mask: Uint8Array, size: number): number {
    this.mask.set(mask);
    this.mask.fill(1, mask.length);
    this.floatQuery.set(query);
    const largest = query.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const scale = largest === 0 ? 0 : QUERY_LIMIT / largest;
    for (let i = 0; i < query.length; i += 1) this.query[i] = Math.round(query[i]! * scale);
    this.words[CAPACITY] = size;
    this.words[SIZE] = 0;
    const zeros = this.kernel.call('packMask', this.mask.byteOffset, this.mask.length, this.bits);
    return zeros / Math.max(1, mask.length);
  }

  /** Products of the query with the centers. Shape (cells); the array is reused by the next search. */
  scoreCells(): Float32Array {
    const { floatQuery, centers, centerScores } = this;
    this.kernel.call(
      'multiplyRows',
      floatQuery.byteOffset,
      centers.byteOffset,
      this.book.width,
      centerScores.length,
      centerScores.byteOffset,
    );
    return centerScores.subarray(0, this.cellCount);
  }

  /** Looks into some cells. @returns How many positions are found by now. */
  scanCells(cells: Int32Array): number {
    this.probes.set(cells);
    this.words[PROBE_COUNT] = cells.length;
    return this.kernel.call('scanCells', this.address);
  }

  /** Looks at all positions that the mask leaves in: faster than all cells where it leaves few. */
  scanAllowed(): number {
    return this.kernel.call('scanAllowed', this.address, 0, this.positionCount);
  }

  /** Positions found since `begin`, in no order. Shape (n); the array is reused by the next search. */
  found(): Int32Array {
    return this.heapPositions.subarray(0, this.words[SIZE]);
  }
}
