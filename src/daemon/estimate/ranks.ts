/** The tokenizers that can be asked for. */
export type Encoding = 'o200k_base' | 'cl100k_base';

/** What `rankOf` answers for bytes that are no token. */
export const NO_RANK = 0x7fffffff;

/** One encoding's tokens, looked up by their bytes. */
export interface Ranks {
  readonly encoding: Encoding;
  /** The rank of the token that is exactly `bytes[start, end)`, or `NO_RANK`; `hash` is their `hashOf`. */
  rankOf(bytes: Uint8Array, start: number, end: number, hash: number): number;
  /** The rank of the token of two bytes, or `NO_RANK`. */
  rankOfPair(left: number, right: number): number;
}

/** Reads an encoding's table from js-tiktoken: 0.1 s of work and some megabytes, so once, and off the main thread. */
export async function loadRanks(encoding: Encoding): Promise<Ranks> {
  const { default: table } = await (encoding === 'o200k_base'
    ? import('js-tiktoken/ranks/o200k_base')
    : import('js-tiktoken/ranks/cl100k_base'));
  return createRanks(encoding, decodeTokens(table.bpe_ranks));
}

/** A 32-bit hash of `bytes[start, end)` (FNV-1a). */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

/** All tokens' bytes one after another; the token of rank r is `bytes[starts[r], starts[r + 1])`, empty when there is none. */
interface Tokens {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

function createRanks(encoding: Encoding, { bytes: tokenBytes, starts }: Tokens): Ranks {
  const count = starts.length - 1;
  const mask = 2 ** Math.ceil(Math.log2(count * 2)) - 1;
  // Open addressing; each slot is a rank and its hash side by side, so that most misses touch one cache line.
  const slots = new Int32Array(2 * (mask + 1)).fill(NO_RANK);
  const pairs = new Int32Array(0x10000).fill(NO_RANK);
  let maxLength = 0;
  for (let rank = 0; rank < count; rank++) {
    const start = starts[rank]!;
    const end = starts[rank + 1]!;
    if (start === end) continue;
    const hash = hashOf(tokenBytes, start, end);
    let slot = hash & mask;
    while (slots[2 * slot] !== NO_RANK) slot = (slot + 1) & mask;
    slots[2 * slot] = rank;
    slots[2 * slot + 1] = hash;
    if (end - start === 2) pairs[(tokenBytes[start]! << 8) | tokenBytes[start + 1]!] = rank;
    maxLength = Math.max(maxLength, end - start);
  }

  return {
    encoding,
    rankOf(bytes, start, end, hash) {
      if (end - start > maxLength) return NO_RANK;
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const rank = slots[2 * slot]!;
        if (rank === NO_RANK || (slots[2 * slot + 1] === hash && isToken(rank, bytes, start, end))) return rank;
      }
    },
    rankOfPair: (left, right) => pairs[(left << 8) | right]!,
  };

  function isToken(rank: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = starts[rank]!;
    if (starts[rank + 1]! - at !== end - start) return false;
    for (let other = start; other < end; other++) if (tokenBytes[at++] !== bytes[other]) return false;
    return true;
  }
}

/** Decodes js-tiktoken's lines `! FIRST_RANK BASE64 BASE64 …`. */
function decodeTokens(lines: string): Tokens {
  const bytes = new Uint8Array(Math.ceil((lines.length * 3) / 4));
  const starts: number[] = [];
  let written = 0;
  for (const line of lines.split('\n')) {
    const header = /^! (\d+) /.exec(line);
    if (!header) continue;
    const firstRank = Number(header[1]);
    while (starts.length < firstRank) starts.push(written);
    let at = header[0].length;
    while (at < line.length) {
      starts.push(written);
      let bits = 0;
      let held = 0;
      for (; at < line.length; at++) {
        const value = BASE64_VALUES[line.charCodeAt(at)]!;
        if (value === NOT_BASE64) break;
        bits = (bits << 6) | value;
        held += 6;
        if (held >= 8) {
          held -= 8;
          bytes[written++] = bits >> held;
        }
      }
      while (at < line.length && line.charCodeAt(at) !== SPACE) at++;
      at++;
    }
  }
  starts.push(written);
  return { bytes: bytes.slice(0, written), starts: Uint32Array.from(starts) };
}

const SPACE = 0x20;
const NOT_BASE64 = 0xff;
const BASE64_VALUES = new Uint8Array(128).fill(NOT_BASE64);
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  BASE64_VALUES[letter.charCodeAt(0)] = value;
}
