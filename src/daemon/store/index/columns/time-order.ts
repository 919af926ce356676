import { Column, type Packed } from './columns.ts';

/** Entries by their instant, those of one instant in the order in which they were added; ready at once while they come in order. */
export class TimeOrder {
  readonly #atMs = new Column();
  #newestMs = Number.NEGATIVE_INFINITY;
  /** Ordinals by instant, as far as they were sorted; not used while both agree, which they do until a past one is added. */
  #sorted = new Uint32Array(0);
  #isInOrder = true;

  get length(): number {
    return this.#atMs.length;
  }

  add(atMs: number): void {
    if (atMs < this.#newestMs) this.#isInOrder = false;
    this.#newestMs = Math.max(this.#newestMs, atMs);
    this.#atMs.push(atMs);
  }

  /** Adds all of them, in order. */
  append({ base, values }: Packed): void {
    for (let index = 0; index < values.length; index++) this.add(base + values[index]!);
  }

  /** The instants of the entries from an ordinal on, as they were added. */
  from(ordinal: number): Packed {
    return this.#atMs.from(ordinal);
  }

  /** The instant of the entry at an ordinal, in milliseconds. */
  atMs(ordinal: number): number {
    return this.#atMs.at(ordinal);
  }

  /** How many entries lie at or before an instant; those of the instant itself are counted up to `ordinal`. */
  rankOf(atMs: number, ordinal: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.ordinalAt(middle);
      const otherMs = this.atMs(other);
      if (otherMs < atMs || (otherMs === atMs && other <= ordinal)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The ordinal at a rank, counted from the oldest. */
  ordinalAt(rank: number): number {
    if (this.#isInOrder) return rank;
    if (this.#sorted.length < this.length) this.#sortIn();
    return this.#sorted[rank]!;
  }

  /** Merges what was added since the last time into what is sorted, so that one more entry costs no sorting of all. */
  #sortIn(): void {
    const sorted = this.#sorted;
    const compare = (a: number, b: number) => this.atMs(a) - this.atMs(b) || a - b;
    const added = Uint32Array.from({ length: this.length - sorted.length }, (_, index) => sorted.length + index);
    added.sort(compare);
    const merged = new Uint32Array(this.length);
    let left = 0;
    let right = 0;
    for (let rank = 0; rank < merged.length; rank++) {
      const takesLeft = right === added.length || (left < sorted.length && compare(sorted[left]!, added[right]!) < 0);
      merged[rank] = takesLeft ? sorted[left++]! : added[right++]!;
    }
    this.#sorted = merged;
  }
}
