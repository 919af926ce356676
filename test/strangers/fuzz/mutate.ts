/** Turns good bytes into bad ones: `random` decides, so that a seed brings the same again. */
export function mutate(corpus: readonly Buffer[], random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]) => from[below(from.length)]!;
  let bytes = pick(corpus);
  for (let times = 1 + below(4); times > 0; times--) {
    const at = below(bytes.length + 1);
    const length = below(Math.min(32, bytes.length - at + 1));
    const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
    const piece = pick([
      () => Buffer.alloc(0),
      () => Buffer.from([below(256)]),
      () => Buffer.from(cut.map((byte) => byte ^ (1 << below(8)))),
      () => Buffer.concat([cut, cut]),
      () => Buffer.concat([Buffer.from(pick(TOKENS)), cut]),
      () => Buffer.from(pick(TOKENS)),
      () => {
        const other = pick(corpus);
        const from = below(other.length);
        return other.subarray(from, from + below(64));
      },
    ])();
    bytes = Buffer.concat([before, piece, after]);
    if (random() < 0.05) bytes = bytes.subarray(0, below(bytes.length + 1));
  }
  return bytes;
}

/** Texts over which parsers stumble. */
const TOKENS: readonly (string | Uint8Array)[] = [
  ...['\r\n', '\r\n\r\n', '\n', '\r', '\0', ' ', '\t', ':', ',', '/', '//', '/../', '?', '#', '%', '%00', '%2e', ';'],
  ...['"', '\\', '\\u0000', '\\ud800', '{', '}', '[', ']', '{}', '[]', 'null', 'true', '-', '-0', '1e999', '1e-999'],
  ...['__proto__', 'constructor', 'toString', '9007199254740993', '-1', '0', 'NaN', '\u2028', '🚀', '﻿', '万', '亿'],
  ...['Host: ', 'Content-Length: 5\r\n', 'Content-Length: 99999999999999999999\r\n', 'Transfer-Encoding: chunked\r\n'],
  ...[
    'Transfer-Encoding: gzip, chunked\r\n',
    'Expect: 100-continue\r\n',
    'Connection: Upgrade\r\n',
    'Upgrade: h2c\r\n',
  ],
  ...[
    'HTTP/2.0',
    'HTTP/0.9',
    'PRI * HTTP/2.0\r\n\r\n',
    'OPTIONS *',
    'CONNECT a:1',
    'TRACE /',
    '0\r\n\r\n',
    'fffffffff\r\n',
  ],
  ...[[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0x16, 0x03, 0x01], [0x81, 0xfe], [0x88, 0x80]].map((bytes) =>
    Uint8Array.from(bytes),
  ),
];
