/** Which rows of a table a batch touches, each once, and where among them each sample's row is. */
export class TouchedRows {
  private readonly slotOf: Int32Array;
  private readonly touched: Int32Array;
  private count = 0;
  /** Of each sample of the batch, the place of its row in `rows`. */
  slots = new Int32Array();

  /** @param rowCount Rows of the table. */
  constructor(rowCount: number) {
    this.slotOf = new Int32Array(rowCount).fill(-1);
    this.touched = new Int32Array(rowCount);
  }

  /** Distinct rows in order of first appearance; valid until the next batch. */
  get rows(): Int32Array {
    return this.touched.subarray(0, this.count);
  }

  /** Takes in the next batch. O(samples). */
  assign(samples: Int32Array): void {
    for (const row of this.rows) this.slotOf[row] = -1;
    this.count = 0;
    if (this.slots.length !== samples.length) this.slots = new Int32Array(samples.length);
    // hot: rows of samples were validated
    for (let i = 0; i < samples.length; i += 1) {
      const row = samples[i]!;
      let slot = this.slotOf[row]!;
      if (slot < 0) {
        slot = this.count;
        this.slotOf[row] = slot;
        this.touched[slot] = row;
        this.count += 1;
      }
      this.slots[i] = slot;
    }
  }
}
