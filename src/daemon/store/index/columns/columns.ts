/** Whole numbers within 2³² of each other take one, two or four bytes each; any others eight. */
type Values = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Numbers in as few bytes as they allow: each is the base and what stands in its place. */
export interface Packed {
  readonly base: number;
  readonly values: Values;
}

const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;
const WITHIN = CHUNK - 1;

/** What stands for a chunk of one and the same number, shared by all of them. */
const ZEROES = new Uint8Array(CHUNK);

/** A column of numbers that grows; a million entries cost their packed bytes and no objects, and growing copies none of them. */
export class Column {
  readonly #chunks: Packed[] = [];
  /** What is behind the last whole chunk. */
  #tail = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const place = this.#length & WITHIN;
    if (place === this.#tail.length) {
      const grown = new Float64Array(this.#tail.length * 2);
      grown.set(this.#tail);
      this.#tail = grown;
    }
    this.#tail[place] = value;
    this.#length++;
    if (place === WITHIN) this.#chunks.push(pack(this.#tail));
  }

  /** The value at `index`, which must be below `length`. */
  at(index: number): number {
    const number = index >>> CHUNK_BITS;
    if (number === this.#chunks.length) return this.#tail[index & WITHIN]!;
    const { base, values } = this.#chunks[number]!;
    return base + values[index & WITHIN]!;
  }

  set(index: number, value: number): void {
    const number = index >>> CHUNK_BITS;
    if (number === this.#chunks.length) {
      this.#tail[index & WITHIN] = value;
      return;
    }
    const { base, values } = this.#chunks[number]!;
    if (values !== ZEROES) {
      values[index & WITHIN] = value - base;
      if (base + values[index & WITHIN]! === value) return;
    }
    const whole = Float64Array.from(values, (each) => base + each);
    whole[index & WITHIN] = value;
    this.#chunks[number] = pack(whole);
  }

  /** Adds all of them, in order. */
  append({ base, values }: Packed): void {
    for (let index = 0; index < values.length; index++) this.push(base + values[index]!);
  }

  /** A copy of the values from `index` on, each as `shown`. */
  from(index: number, shown = (value: number) => value): Packed {
    return pack(Float64Array.from({ length: this.#length - index }, (_, place) => shown(this.at(index + place))));
  }
}

/** A copy of them that takes the least room. */
function pack(numbers: Float64Array): Packed {
  let base = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < numbers.length; index++) {
    const value = numbers[index]!;
    if (!Number.isSafeInteger(value)) return { base: 0, values: numbers.slice() };
    if (value < base) base = value;
    if (value > highest) highest = value;
  }
  const range = highest - base;
  if (range === 0 && numbers.length === CHUNK) return { base, values: ZEROES };
  if (range >= 2 ** 32) return { base: 0, values: numbers.slice() };
  const values = arrayFor(range, numbers.length);
  for (let index = 0; index < numbers.length; index++) values[index] = numbers[index]! - base;
  return { base, values };
}

function arrayFor(range: number, length: number): Values {
  if (range < 2 ** 8) return new Uint8Array(length);
  return range < 2 ** 16 ? new Uint16Array(length) : new Uint32Array(length);
}
