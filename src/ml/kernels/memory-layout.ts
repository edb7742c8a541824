/** First address that kernels leave to their host, bytes. */
const FIRST_ADDRESS = 65_536;

/** Cache line: keeps what two threads write apart. */
const ALIGNMENT = 64;

const FLOAT_BYTES = 4;

/** Gives out addresses one after the other; take all, then create a memory of `byteLength`. */
export class MemoryLayout {
  private next = FIRST_ADDRESS;

  /** Bytes needed for everything taken so far. */
  get byteLength(): number {
    return this.next;
  }

  /** @returns Address of `byteLength` bytes. */
  take(byteLength: number): number {
    const address = this.next;
    this.next = Math.ceil((address + byteLength) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  /** @returns Address of `count` 4-byte numbers. */
  takeWords(count: number): number {
    return this.take(count * FLOAT_BYTES);
  }
}
