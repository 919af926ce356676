import { connect, type Socket } from 'node:net';
import { within } from './until.ts';

/** A WebSocket frame as bytes, with whatever is wrong with it. */
export interface FrameParts {
  readonly opcode?: number;
  readonly isFinal?: boolean;
  /** The three reserved bits as a number from 0 to 7. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  readonly payload?: string | Uint8Array;
  /** The length that the head tells, where it is not that of the payload; 64 bits wide. */
  readonly toldLength?: bigint;
}

export const TEXT = 1;
export const CONTINUATION = 0;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const MASK = Buffer.from([0x11, 0x22, 0x33, 0x44]);

/** Encodes a frame (RFC 6455 §5.2); a plain masked text unless said otherwise. */
export function frame(parts: FrameParts): Buffer {
  const { opcode = TEXT, isFinal = true, reserved = 0, isMasked = true, payload = '', toldLength } = parts;
  const bytes = Buffer.from(payload as string);
  const head = [(isFinal ? 0x80 : 0) | (reserved << 4) | opcode];
  const maskBit = isMasked ? 0x80 : 0;
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(toldLength ?? BigInt(bytes.length));
  if (toldLength !== undefined || bytes.length > 0xffff) head.push(maskBit | 127, ...length);
  else if (bytes.length > 125) head.push(maskBit | 126, ...length.subarray(6));
  else head.push(maskBit | bytes.length);
  if (!isMasked) return Buffer.concat([Buffer.from(head), bytes]);
  return Buffer.concat([Buffer.from(head), MASK, bytes.map((byte, index) => byte ^ MASK[index % 4]!)]);
}

/** The payload of a close frame. */
export function closing(code: number, reason: string | Uint8Array = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason as string)]);
}

/** A frame that the daemon has sent. */
export interface ReceivedFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A WebSocket by hand: sends bytes as they are, and takes frames apart. */
export class FrameSocket {
  readonly socket: Socket;
  /** Resolves when the daemon has closed the connection. */
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #frames: ReceivedFrame[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    // A reset is one of the answers that the tests ask about.
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Upgrades a connection to a daemon on this machine; rejects with the status line when it is refused. */
  static open(port: number): Promise<FrameSocket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const opened = new FrameSocket(socket);
    socket.write(
      [
        'GET /rpc HTTP/1.1',
        `Host: 127.0.0.1:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Accept-Language: en',
        '\r\n',
      ].join('\r\n'),
    );
    return within(10_000, opened.#upgraded(), 'a WebSocket by hand to open');
  }

  send(...parts: readonly (Buffer | FrameParts)[]): void {
    this.socket.write(Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : frame(part)))));
  }

  /** The next frame; `undefined` when the daemon has closed the connection before one. */
  next(): Promise<ReceivedFrame | undefined> {
    return this.nextOf(10_000);
  }

  /** The same of one that may take longer. */
  nextOf(withinMs: number): Promise<ReceivedFrame | undefined> {
    return within(withinMs, this.#next(), 'a frame');
  }

  /** The code of the close frame that the daemon ends with; `undefined` where it ends without one. */
  async closeCode(): Promise<number | undefined> {
    for (;;) {
      const received = await this.next();
      if (!received) return undefined;
      if (received.opcode === CLOSE) return received.payload.length < 2 ? 1005 : received.payload.readUInt16BE();
    }
  }

  close(): void {
    this.socket.destroy();
  }

  async #upgraded(): Promise<this> {
    const head = await new Promise<string>((resolve) => {
      const take = (chunk: Buffer) => {
        this.#received = Buffer.concat([this.#received, chunk]);
        const end = this.#received.indexOf('\r\n\r\n');
        if (end === -1) return;
        const text = this.#received.toString('latin1', 0, end);
        this.#received = this.#received.subarray(end + 4);
        this.socket.off('data', take);
        this.socket.on('data', (more) => this.#receive(more));
        this.#receive(Buffer.alloc(0));
        resolve(text);
      };
      this.socket.on('data', take);
      void this.closed.then(() => resolve('closed without an answer'));
    });
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(head.split('\r\n')[0]);
    return this;
  }

  async #next(): Promise<ReceivedFrame | undefined> {
    while (this.#frames.length === 0) {
      if (this.#isClosed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#frames.shift();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (let taken = takeFrame(this.#received); taken; taken = takeFrame(this.#received)) {
      this.#received = this.#received.subarray(taken.length);
      this.#frames.push(taken.frame);
    }
    this.#wake();
  }
}

/** The first whole frame of what a server has sent; throws for what no server may send. */
export function takeFrame(bytes: Buffer): { frame: ReceivedFrame; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const isControl = (first & 0x08) !== 0;
  const isBad = (first & 0x70) !== 0 || (second & 0x80) !== 0 || (isControl && second > 125);
  if (isBad) throw new Error(`no server may send ${bytes.subarray(0, 2).toString('hex')}`);
  const extra = second === 127 ? 8 : second === 126 ? 2 : 0;
  if (bytes.length < 2 + extra) return undefined;
  const size = extra === 8 ? Number(bytes.readBigUInt64BE(2)) : extra === 2 ? bytes.readUInt16BE(2) : second;
  const length = 2 + extra + size;
  if (bytes.length < length) return undefined;
  return { frame: { opcode: first & 0x0f, payload: bytes.subarray(2 + extra, length) }, length };
}
