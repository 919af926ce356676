/** Remembers how many tokens the last words had; a new word takes the place of an old one, so it never grows. */
export interface WordCache {
  /** The count of the word `bytes[start, end)`, whose `hashOf` is `hash`. */
  get(bytes: Uint8Array, start: number, end: number, hash: number): number | undefined;
  /** Remembers a count; a word too long to come back is not worth its place. */
  set(bytes: Uint8Array, start: number, end: number, hash: number, tokens: number): void;
}

/** An empty cache of three megabytes, of which the system gives only what is used. */
export function createWordCache(): WordCache {
  const words = new Uint8Array(SLOTS * MAX_LENGTH);
  const lengths = new Uint8Array(SLOTS);
  const counts = new Uint8Array(SLOTS);
  return {
    get(bytes, start, end, hash) {
      const slot = hash & (SLOTS - 1);
      const length = end - start;
      if (lengths[slot] !== length) return undefined;
      const from = slot * MAX_LENGTH;
      for (let at = 0; at < length; at++) if (words[from + at] !== bytes[start + at]) return undefined;
      return counts[slot];
    },
    set(bytes, start, end, hash, tokens) {
      const length = end - start;
      if (length > MAX_LENGTH) return;
      const slot = hash & (SLOTS - 1);
      for (let at = 0; at < length; at++) words[slot * MAX_LENGTH + at] = bytes[start + at]!;
      lengths[slot] = length;
      counts[slot] = tokens;
    },
  };
}

const SLOTS = 2 ** 15;

/** 32 Chinese characters: with a quarter of it, sentences without a mark are merged again and again. */
const MAX_LENGTH = 96;
