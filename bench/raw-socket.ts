import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const CONNECTED_AT_ONCE = 100;

/** Opens `size` WebSockets of the least weight, so that ten thousand of them do not slow down what they measure; each as `connectRaw` makes it. */
export async function connectCrowd(size: number, ...how: Parameters<typeof connectRaw>): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < size) {
    const some = Math.min(CONNECTED_AT_ONCE, size - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => connectRaw(...how)))));
  }
  return sockets;
}

/**
 * Connects, sends a short text, and resolves when the answer has come; `hear` gets the number of bytes of all that follows
 * but pings, which are answered. One that is cut off ends the bench.
 */
export async function connectRaw(url: string, text: string, hear: (bytes: number) => void): Promise<Socket> {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1').setNoDelay(true);
  socket.write(
    `GET /rpc HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  const head = String((await once(socket, 'data'))[0]);
  if (!head.startsWith('HTTP/1.1 101')) throw new Error(head);
  const answered = once(socket, 'data');
  socket.write(maskedFrame(text));
  await answered;
  socket.on('data', (bytes) => {
    const pings = pingsIn(bytes);
    if (pings > 0) socket.write(PONG);
    if (bytes.length > pings * PING.length) hear(bytes.length - pings * PING.length);
  });
  socket.on('end', () => {
    throw new Error('a subscriber was cut off');
  });
  return socket;
}

const PING = Buffer.from([0x89, 0]);
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Texts hold no such bytes, and pings are so rare that no two come at once. */
function pingsIn(bytes: Buffer): number {
  return bytes.includes(PING) ? 1 : 0;
}

/** A text as a client sends it; a mask of zeros leaves it as it is. */
export function maskedFrame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(14);
  head[0] = 0x81;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head, bytes]);
}
