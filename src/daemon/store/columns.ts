type TypedArray = Uint8Array | Uint32Array | Float64Array;

/** A typed array that grows, so that a million entries cost their bytes and no objects. */
export class Column<T extends TypedArray> {
  #values: T;
  #length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(64);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = this.#make(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** The value at `index`, which must be below `length`. */
  at(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** Adds all of them, in order. */
  append(values: ArrayLike<number>): void {
    const length = this.#length + values.length;
    if (length > this.#values.length) {
      const grown = this.#make(Math.max(length, this.#values.length * 2));
      grown.set(this.values());
      this.#values = grown;
    }
    this.#values.set(values, this.#length);
    this.#length = length;
  }

  /** A copy of the values from `index` on. */
  from(index: number): T {
    return this.#values.slice(index, this.#length) as T;
  }

  /** All values as they stand, without a copy. */
  values(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}
