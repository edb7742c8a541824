/** Numbers values that many products have in common, so that a column holds a number and the value is kept once. */
export class InternedValues<T> {
  private readonly numbers = new Map<string | T, number>();
  private readonly values: T[] = [];

  get size(): number {
    return this.values.length;
  }

  /** @param key What makes two values the same; the value itself unless given. */
  numberOf(value: T, key: string | T = value): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const number = this.values.length;
    this.values.push(value);
    this.numbers.set(key, number);
    return number;
  }

  /** @param number From `numberOf`. */
  at(number: number): T {
    return this.values[number]!; // numbers are only given out here
  }
}
