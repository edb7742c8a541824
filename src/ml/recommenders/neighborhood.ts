import { topK } from '../math/top-k.js';
import type { SparseVector } from './basket-frequency.js';
import { transposed, type SparseRows } from './sparse-rows.js';

/**
 * Finds the nearest of many sparse vectors, and their mean.
 *
 * Nearness is Euclidean, ‖u − v‖² = ‖u‖² + ‖v‖² − 2 u·v, with the products from an inverted index: a query costs
 * O(entries of the rows that share a column + rows). The memory holds the rows twice.
 */
export class Neighborhood {
  /** Mean of all rows. Shape (columnCount). */
  readonly mean: Float64Array;
  private readonly byColumn: SparseRows;
  private readonly squaredNorms: Float64Array;
  // reused by every query: there is one at a time
  private readonly products: Float64Array;
  private readonly nearness: Float32Array;

  constructor(readonly rows: SparseRows) {
    const { offsets, columns, weights, columnCount } = rows;
    const rowCount = offsets.length - 1;
    this.byColumn = transposed(rows);
    this.squaredNorms = new Float64Array(rowCount);
    this.mean = new Float64Array(columnCount);
    this.products = new Float64Array(rowCount);
    this.nearness = new Float32Array(rowCount);
    for (let row = 0; row < rowCount; row += 1) {
      for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry += 1) {
        this.squaredNorms[row]! += weights[entry]! ** 2;
        this.mean[columns[entry]!]! += weights[entry]! / rowCount;
      }
    }
  }

  /**
   * The `count` rows nearest to `vector`, nearest first, ties by index. A row that is the same as `vector` is left
   * out: it has nothing to add, and a row is not its own neighbor.
   */
  nearest({ items, weights }: SparseVector, count: number): Int32Array {
    const { products, nearness, squaredNorms } = this;
    const { offsets, columns, weights: others } = this.byColumn;
    products.fill(0);
    let squaredNorm = 0;
    // hot: columns of the vector are columns of the rows
    for (let index = 0; index < items.length; index += 1) {
      const weight = weights[index]!;
      squaredNorm += weight ** 2;
      const end = offsets[items[index]! + 1]!;
      for (let entry = offsets[items[index]!]!; entry < end; entry += 1) {
        products[columns[entry]!]! += weight * others[entry]!;
      }
    }
    for (let row = 0; row < nearness.length; row += 1) {
      const distance = squaredNorm + squaredNorms[row]! - 2 * products[row]!;
      // exact for a twin: the same squares were added in the same order; NaN is never selected
      nearness[row] = distance === 0 ? Number.NaN : -distance;
    }
    return topK(nearness, count).indices;
  }

  /** Adds the mean of some rows, times `factor`, to `into`. Shape (columnCount). */
  addMeanOf(chosen: Int32Array, factor: number, into: Float64Array): void {
    const { offsets, columns, weights } = this.rows;
    const share = factor / chosen.length;
    // hot: chosen rows exist
    for (let index = 0; index < chosen.length; index += 1) {
      const end = offsets[chosen[index]! + 1]!;
      for (let entry = offsets[chosen[index]!]!; entry < end; entry += 1) {
        into[columns[entry]!]! += share * weights[entry]!;
      }
    }
  }
}
