import { expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../../../src/protocol/addresses.ts';
import { useDaemon } from '../../../support/daemon.ts';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  closing,
  type FrameParts,
  FrameSocket,
  frame,
  PING,
  PONG,
  TEXT,
} from '../../../support/frames.ts';

const daemon = useDaemon();

const REQUEST = '{"jsonrpc":"2.0","id":"🚀","method":"usage.unsubscribe"}';
const ANSWER = { jsonrpc: '2.0', id: '🚀', result: {} };
const [FIRST_HALF, SECOND_HALF] = [Buffer.from(REQUEST).subarray(0, 27), Buffer.from(REQUEST).subarray(27)];
const bytes = (...values: number[]) => Buffer.from(values);
const begun: FrameParts = { isFinal: false, payload: FIRST_HALF };
const ended: FrameParts = { opcode: CONTINUATION, payload: SECOND_HALF };

const named = (name: string, values: readonly number[], parts: (value: number) => FrameParts) =>
  values.map((value) => [`${name} ${value}`, [parts(value)]] as const);

/** What RFC 6455 forbids, by the close code that it asks for. */
const FORBIDDEN: Readonly<Record<number, readonly (readonly [string, readonly FrameParts[]])[]>> = {
  1002: [
    ...named('reserved bits', [1, 2, 3, 4, 5, 6, 7], (reserved) => ({ reserved, payload: REQUEST })),
    ...named('an opcode that means nothing:', [3, 4, 5, 6, 7, 11, 12, 13, 14, 15], (opcode) => ({ opcode })),
    ['a text without a mask', [{ isMasked: false, payload: REQUEST }]],
    ['a ping without a mask', [{ isMasked: false, opcode: PING }]],
    ['a close without a mask', [{ isMasked: false, opcode: CLOSE, payload: closing(1000) }]],
    ['a ping of 126 bytes', [{ opcode: PING, payload: Buffer.alloc(126) }]],
    ['a pong of 126 bytes', [{ opcode: PONG, payload: Buffer.alloc(126) }]],
    ['a close of 126 bytes', [{ opcode: CLOSE, payload: closing(1000, 'x'.repeat(124)) }]],
    ['a ping in parts', [{ opcode: PING, isFinal: false }]],
    ['a close in parts', [{ opcode: CLOSE, isFinal: false, payload: closing(1000) }]],
    ['a continuation of nothing', [{ opcode: CONTINUATION, payload: REQUEST }]],
    ['a continuation of nothing that goes on', [{ opcode: CONTINUATION, isFinal: false }]],
    ['a continuation after the end', [begun, ended, ended]],
    ['a text within a text', [begun, { payload: REQUEST }]],
    ['a binary frame within a text', [begun, { opcode: BINARY }]],
    ['reserved bits on a part', [begun, { ...ended, reserved: 4 }]],
    ['a close of one byte', [{ opcode: CLOSE, payload: bytes(3) }]],
    ...named(
      'a close with the code',
      [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535],
      (code) => ({ opcode: CLOSE, payload: closing(code) }),
    ),
  ],
  1003: [
    ['a binary frame', [{ opcode: BINARY, payload: REQUEST }]],
    ['an empty binary frame', [{ opcode: BINARY }]],
    ['a binary frame in parts', [{ opcode: BINARY, isFinal: false, payload: FIRST_HALF }, ended]],
  ],
  1007: [
    ['a byte that is no UTF-8', [{ payload: bytes(0xff) }]],
    ['a lone continuation byte', [{ payload: bytes(0x80) }]],
    ['an overlong slash', [{ payload: bytes(0xc0, 0xaf) }]],
    ['an overlong zero', [{ payload: bytes(0xe0, 0x80, 0x80) }]],
    ['half of a surrogate pair', [{ payload: bytes(0xed, 0xa0, 0x80) }]],
    ['beyond the last character', [{ payload: bytes(0xf4, 0x90, 0x80, 0x80) }]],
    ['five bytes for one', [{ payload: bytes(0xf8, 0x88, 0x80, 0x80, 0x80) }]],
    ['a character cut off', [{ payload: bytes(0xf0, 0x9f, 0x9a) }]],
    ['a character that the next part breaks', [{ isFinal: false, payload: bytes(0xf0, 0x9f) }, ended]],
    ['a reason that is no UTF-8', [{ opcode: CLOSE, payload: closing(1000, bytes(0xff)) }]],
  ],
  1009: [
    ['a byte too many', [{ toldLength: BigInt(MAX_BODY_BYTES + 1) }]],
    ['a length of 2^31', [{ toldLength: 2n ** 31n }]],
    ['a length of 2^53', [{ toldLength: 2n ** 53n }]],
    ['a length of 2^63', [{ toldLength: 2n ** 63n }]],
    ['a length of all ones', [{ toldLength: 2n ** 64n - 1n }]],
    ['too much in parts', [begun, { opcode: CONTINUATION, isFinal: false, toldLength: BigInt(MAX_BODY_BYTES) }]],
  ],
};

const CASES = Object.entries(FORBIDDEN).flatMap(([code, rows]) =>
  rows.map(([name, frames]) => [name, frames, Number(code)] as const),
);

test.each(CASES)('%s closes the connection with the right code', async (_, frames, code) => {
  const socket = await FrameSocket.open(daemon().port);
  socket.send(...frames);
  expect(await socket.closeCode()).toBe(code);
  await socket.closed;
});

test.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])(
  'a close with the code %i is answered in kind',
  async (code) => {
    const socket = await FrameSocket.open(daemon().port);
    socket.send({ opcode: CLOSE, payload: closing(code, 'good bye 再见') });
    expect(await socket.closeCode()).toBe(code);
    await socket.closed;
  },
);

test('a close without a code is answered without one', async () => {
  const socket = await FrameSocket.open(daemon().port);
  socket.send({ opcode: CLOSE }, { payload: REQUEST });
  expect(await socket.next()).toEqual({ opcode: CLOSE, payload: Buffer.alloc(0) });
  expect(await socket.next()).toBeUndefined();
});

test.each<[string, readonly FrameParts[]]>([
  ['whole', [{ payload: REQUEST }]],
  ['in two parts, cut within a character', [begun, ended]],
  ['with a ping and a pong between its parts', [begun, { opcode: PING }, { opcode: PONG, payload: 'unasked' }, ended]],
  [
    'with empty parts',
    [{ isFinal: false }, { ...begun, opcode: CONTINUATION }, { opcode: CONTINUATION, isFinal: false }, ended],
  ],
  [
    'a byte a part',
    [...Buffer.from(REQUEST)].map((byte, index, all) => ({
      opcode: index === 0 ? TEXT : CONTINUATION,
      isFinal: index === all.length - 1,
      payload: bytes(byte),
    })),
  ],
  ['with a length wider than it needs', [{ payload: REQUEST, toldLength: BigInt(Buffer.byteLength(REQUEST)) }]],
])('a request %s is answered', async (_, frames) => {
  const socket = await FrameSocket.open(daemon().port);
  socket.send(...frames);
  const received = [await socket.next()];
  while (received.at(-1)?.opcode === PONG) received.push(await socket.next());
  expect(received.at(-1)?.opcode).toBe(TEXT);
  expect(JSON.parse(String(received.at(-1)?.payload))).toEqual(ANSWER);
  socket.close();
});

test('a request that comes byte by byte is answered', async () => {
  const socket = await FrameSocket.open(daemon().port);
  for (const byte of frame({ payload: REQUEST })) {
    socket.send(bytes(byte));
    await new Promise(setImmediate);
  }
  expect(JSON.parse(String((await socket.next())?.payload))).toEqual(ANSWER);
  socket.close();
});

test('pings are answered with what they carry, in order', async () => {
  const socket = await FrameSocket.open(daemon().port);
  const payloads = [Buffer.alloc(0), Buffer.from('ping'), Buffer.alloc(125, 7)];
  socket.send(...payloads.map((payload) => ({ opcode: PING, payload })));
  for (const payload of payloads) expect(await socket.next()).toEqual({ opcode: PONG, payload });
  socket.close();
});

test('a text in parts without end is not kept without end', async () => {
  const socket = await FrameSocket.open(daemon().port);
  const parts = Buffer.concat(Array(50_000).fill(frame({ opcode: CONTINUATION, isFinal: false })));
  socket.send({ isFinal: false });
  for (let times = 0; times < 6; times++) socket.send(parts);
  expect(await socket.closeCode()).toBe(1008);
});
