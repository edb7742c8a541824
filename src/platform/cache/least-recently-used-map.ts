/**
 * A map that forgets the entry that was not used for longest when it is full.
 *
 * A Map keeps the order of insertion, so an entry that is used is taken out and put in again. A class of
 * our own because Keyv takes a Map as a store, and passes others a third argument they trip over.
 */
export class LeastRecentlyUsedMap<K, V> extends Map<K, V> {
  /** @param capacity Most entries kept, ≥ 1. */
  constructor(private readonly capacity: number) {
    super();
  }

  override get(key: K): V | undefined {
    const value = super.get(key);
    if (value !== undefined) {
      super.delete(key);
      super.set(key, value);
    }
    return value;
  }

  override set(key: K, value: V): this {
    super.delete(key);
    super.set(key, value);
    if (this.size > this.capacity) {
      const oldest = this.keys().next();
      if (!oldest.done) super.delete(oldest.value);
    }
    return this;
  }
}
