const FIRST_CAPACITY = 1024;

interface ColumnType<T> {
  new (length: number): T;
}

/** Numbers of one kind, appended one by one to a buffer that doubles: bytes a row, not objects. */
export class GrowingColumn<T extends Int32Array | Float64Array> {
  private buffer: T;
  private length = 0;

  /** @param type `Int32Array` keeps integers below 2³¹, `Float64Array` any number. */
  constructor(private readonly type: ColumnType<T>) {
    this.buffer = new type(FIRST_CAPACITY);
  }

  push(value: number): void {
    if (this.length === this.buffer.length) {
      const grown = new this.type(2 * this.buffer.length);
      grown.set(this.buffer);
      this.buffer = grown;
    }
    this.buffer[this.length] = value;
    this.length += 1;
  }

  /** A copy without the room to spare. Shape (pushed). */
  values(): T {
    // a slice of a typed array is of its own type
    return this.buffer.slice(0, this.length) as T;
  }
}
