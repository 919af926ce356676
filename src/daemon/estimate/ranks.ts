import { decodeTokens, type Tokens } from './tokens.ts';

/** The names of the tokenizers. */
export type Encoding = 'o200k_base' | 'cl100k_base';

/** The rank of bytes that are no token: higher than every other. */
export const NO_RANK = 0x7fffffff;

/** One encoding's tokens, each known by its rank and looked up by its bytes. */
export interface Ranks {
  readonly encoding: Encoding;
  /** The number of ranks. */
  readonly count: number;
  /** The token that is exactly `bytes[start, end)`, or `NO_RANK`; `hash` is their `hashOf`. */
  rankOf(bytes: Uint8Array, start: number, end: number, hash: number): number;
  /** The longest token that `bytes[start, end)` begins with: every single byte is one. */
  longestAt(bytes: Uint8Array, start: number, end: number): number;
  /** The longest token that is a beginning of this one, or `NO_RANK`. */
  shorterThan(token: number): number;
  /** The token for `token`'s bytes behind `beginning`, which it begins with; or `NO_RANK`. */
  restOf(token: number, beginning: number): number;
  /** The token whose bytes are those of both, or `NO_RANK`. */
  joined(left: number, right: number): number;
  /** Whether `bytes[start, end)` begin with a token. */
  beginsWith(token: number, bytes: Uint8Array, start: number, end: number): boolean;
  /** The bytes of a token, counted. */
  lengthOf(token: number): number;
}

/** Reads an encoding's table from js-tiktoken: 0.1 s of work and some megabytes, so once, and in a process of its own. */
export async function loadRanks(encoding: Encoding): Promise<Ranks> {
  const { default: table } = await TABLES[encoding]();
  return createRanks(encoding, decodeTokens(table.bpe_ranks));
}

const TABLES = {
  o200k_base: () => import('js-tiktoken/ranks/o200k_base'),
  cl100k_base: () => import('js-tiktoken/ranks/cl100k_base'),
};

/** A 32-bit hash of `bytes[start, end)` (FNV-1a, its high bits mixed into the low ones). */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let state = SEED;
  for (let at = start; at < end; at++) state = Math.imul(state ^ bytes[at]!, PRIME);
  return state ^ (state >>> 15);
}

const SEED = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Two bits a hash: whether some token begins so, and whether one is just that. Never wrong when unset, and small enough to stay near:
 * 1 MiB, of which o200k_base with its 421,660 beginnings uses a tenth.
 */
const FLAG_MASK = 2 ** 22 - 1;
const BEGINS = 1;
const ENDS = 2;
const UNKNOWN = -1;

function createRanks(encoding: Encoding, { bytes: tokenBytes, starts, count }: Tokens): Ranks {
  const mask = 2 ** Math.ceil(Math.log2(count * 2)) - 1;
  // Open addressing; each slot is a rank and its hash side by side, so that most misses touch one cache line.
  const slots = new Int32Array(2 * (mask + 1)).fill(NO_RANK);
  const flags = new Uint8Array((FLAG_MASK + 1) / 4);
  const states = new Int32Array(count);
  const shorter = new Int32Array(count).fill(UNKNOWN);
  let maxLength = 0;
  for (let rank = 0; rank < count; rank++) {
    const end = starts[rank + 1]!;
    let state = SEED;
    for (let at = starts[rank]!; at < end; at++) {
      state = Math.imul(state ^ tokenBytes[at]!, PRIME);
      flags[(state & FLAG_MASK) >>> 2]! |= BEGINS << ((state & 3) << 1);
    }
    if (end === starts[rank]) continue;
    flags[(state & FLAG_MASK) >>> 2]! |= ENDS << ((state & 3) << 1);
    states[rank] = state;
    const hash = state ^ (state >>> 15);
    let slot = hash & mask;
    while (slots[2 * slot] !== NO_RANK) slot = (slot + 1) & mask;
    slots[2 * slot] = rank;
    slots[2 * slot + 1] = hash;
    maxLength = Math.max(maxLength, end - starts[rank]!);
  }

  return { encoding, count, rankOf, longestAt, shorterThan, restOf, joined, beginsWith, lengthOf };

  function rankOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const rank = slots[2 * slot]!;
      if (rank === NO_RANK || (slots[2 * slot + 1] === hash && isToken(rank, bytes, start, end))) return rank;
    }
  }

  function longestAt(bytes: Uint8Array, start: number, end: number): number {
    const last = Math.min(end, start + maxLength);
    let state = SEED;
    let foundEnd = start + 1;
    let foundState = state;
    for (let at = start; at < last; ) {
      state = Math.imul(state ^ bytes[at++]!, PRIME);
      const flag = flags[(state & FLAG_MASK) >>> 2]! >>> ((state & 3) << 1);
      if (!(flag & BEGINS)) break;
      if (!(flag & ENDS)) continue;
      foundEnd = at;
      foundState = state;
    }
    const rank = rankOf(bytes, start, foundEnd, foundState ^ (foundState >>> 15));
    // The flags of another token may have led too far.
    return rank === NO_RANK ? longestAt(bytes, start, foundEnd - 1) : rank;
  }

  function shorterThan(token: number): number {
    const known = shorter[token]!;
    if (known !== UNKNOWN) return known;
    const start = starts[token]!;
    const end = starts[token + 1]! - 1;
    const found = start === end ? NO_RANK : longestAt(tokenBytes, start, end);
    shorter[token] = found;
    return found;
  }

  function restOf(token: number, beginning: number): number {
    const start = starts[token]! + lengthOf(beginning);
    const end = starts[token + 1]!;
    return rankOf(tokenBytes, start, end, hashOf(tokenBytes, start, end));
  }

  function joined(left: number, right: number): number {
    let state = states[left]!;
    const end = starts[right + 1]!;
    for (let at = starts[right]!; at < end; at++) state = Math.imul(state ^ tokenBytes[at]!, PRIME);
    if (!((flags[(state & FLAG_MASK) >>> 2]! >>> ((state & 3) << 1)) & ENDS)) return NO_RANK;
    const hash = state ^ (state >>> 15);
    const border = lengthOf(left);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const rank = slots[2 * slot]!;
      if (rank === NO_RANK) return NO_RANK;
      if (slots[2 * slot + 1] !== hash || lengthOf(rank) !== border + lengthOf(right)) continue;
      const middle = starts[rank]! + border;
      if (
        holds(starts[rank]!, tokenBytes, starts[left]!, starts[left + 1]!) &&
        holds(middle, tokenBytes, starts[right]!, end)
      ) {
        return rank;
      }
    }
  }

  function beginsWith(token: number, bytes: Uint8Array, start: number, end: number): boolean {
    const tokenEnd = start + lengthOf(token);
    return tokenEnd <= end && holds(starts[token]!, bytes, start, tokenEnd);
  }

  function lengthOf(token: number): number {
    return starts[token + 1]! - starts[token]!;
  }

  function isToken(rank: number, bytes: Uint8Array, start: number, end: number): boolean {
    return lengthOf(rank) === end - start && holds(starts[rank]!, bytes, start, end);
  }

  function holds(from: number, bytes: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (tokenBytes[from + at - start] !== bytes[at]) return false;
    return true;
  }
}
