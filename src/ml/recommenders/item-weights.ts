/** A weight from every item to every item, most of them perhaps 0: what item-to-item recommenders learn. */
export interface ItemWeights {
  readonly itemCount: number;
  /**
   * Adds Σ factors[k] · (weights from items[k]), in this order, to `out`.
   *
   * @param items In 0 … itemCount − 1; not checked here.
   * @param out Shape (itemCount).
   */
  addRows(items: Int32Array, factors: Float32Array, out: Float32Array): void;
}
