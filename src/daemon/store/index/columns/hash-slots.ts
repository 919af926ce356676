import { crc32 } from 'node:zlib';

/** Stands where an entry has no hash and cannot be found. */
export const NO_HASH = 0;

/** The hash of a text, which is never `NO_HASH`. */
export function hashOf(text: string): number {
  return crc32(text) || 1;
}

/** Slots that an entry takes at least and at most: with fewer a search is long, more cost memory. */
const SLOTS_A_ENTRY = { least: 1.3, fresh: 1.6 };

const LEAST_SLOTS = 128;

/** Finds entries by their hash, for 5 bytes or so each; the hashes themselves are held by somebody else, by ordinal. */
export class HashSlots {
  readonly #hashOf: (ordinal: number) => number;
  /** Open addressing over ordinals + 1; 0 is free. */
  #slots = new Uint32Array(0);
  #linked = 0;

  constructor(hashOf: (ordinal: number) => number) {
    this.#hashOf = hashOf;
  }

  /** The ordinals below `length` with this hash, which is not `NO_HASH`, lowest first. */
  candidates(hash: number, length: number): number[] {
    this.linkUpTo(length);
    const slots = this.#slots;
    const found: number[] = [];
    for (let slot = placeOf(hash, slots); slots[slot] !== 0; slot = (slot + 1) % slots.length) {
      const ordinal = slots[slot]! - 1;
      if (this.#hashOf(ordinal) === hash) found.push(ordinal);
    }
    return found;
  }

  /** Links what was added since the last search; called when a million entries are loaded, it makes room for them once. */
  linkUpTo(length: number): void {
    if (this.#slots.length < Math.max(LEAST_SLOTS, length * SLOTS_A_ENTRY.least)) {
      // Given back at once: until the next collection of garbage may take a day.
      this.#slots.buffer.transfer(0);
      this.#slots = new Uint32Array(Math.max(LEAST_SLOTS, Math.ceil(length * SLOTS_A_ENTRY.fresh)));
      this.#linked = 0;
    }
    while (this.#linked < length) this.#link(this.#linked++);
  }

  #link(ordinal: number): void {
    const hash = this.#hashOf(ordinal);
    if (hash === NO_HASH) return;
    const slots = this.#slots;
    let slot = placeOf(hash, slots);
    while (slots[slot] !== 0) slot = (slot + 1) % slots.length;
    slots[slot] = ordinal + 1;
  }
}

/** Hashes have 32 bits, and the number of slots is no power of two. */
function placeOf(hash: number, { length }: Uint32Array): number {
  return Math.floor(hash * (length / 2 ** 32));
}
