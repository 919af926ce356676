/** All tokens' bytes one after another; the token of rank r is `bytes[starts[r], starts[r + 1])`, empty when there is none. */
export interface Tokens {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  /** One more than the highest rank. */
  readonly count: number;
}

/** Decodes js-tiktoken's lines `! FIRST_RANK BASE64 BASE64 …`. */
export function decodeTokens(lines: string): Tokens {
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
  const count = starts.length;
  starts.push(written);
  return { bytes: bytes.slice(0, written), starts: Uint32Array.from(starts), count };
}

const SPACE = 0x20;
const NOT_BASE64 = 0xff;
const BASE64_VALUES = new Uint8Array(128).fill(NOT_BASE64);
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  BASE64_VALUES[letter.charCodeAt(0)] = value;
}
