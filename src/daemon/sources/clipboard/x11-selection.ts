import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { readRegular } from '../../../shared/node/regular-file.ts';
import type { ClipboardChanges } from './clipboard-changes.ts';

/** An X server and where its access cookies lie. */
export interface X11Display {
  /** As in `DISPLAY`: `:0`, `localhost:10.0`. */
  readonly name: string;
  /** As in `XAUTHORITY`. */
  readonly authorityFile: string;
}

/**
 * Tells of each new owner of the clipboard of an X server, which costs nothing until there is one. Speaks just the
 * part of the X protocol that this takes (X11R7.7 protocol, XFIXES 1.0); rejects when the server cannot be reached.
 */
export async function openX11Changes(display: X11Display, onChange: () => void): Promise<ClipboardChanges> {
  const address = /^(?<host>[^/]*):(?<number>\d{1,5})(?:\.\d+)?$/.exec(display.name)?.groups;
  if (!address) throw new Error('DISPLAY names no X server');
  const { host = '', number = '' } = address;
  const isLocal = host === '' || host === 'unix';
  const socket = isLocal ? connect(`/tmp/.X11-unix/X${number}`) : connect(6_000 + Number(number), host);
  socket.setTimeout(HANDSHAKE_MS, () => socket.destroy(new Error('the X server does not answer')));
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const connection = new X11Connection(socket);
  try {
    const root = await connection.setUp(cookieFor(number, display.authorityFile));
    const clipboard = (await connection.ask(namedRequest(16, 'CLIPBOARD'))).readUInt32LE(8);
    const extension = await connection.ask(namedRequest(98, 'XFIXES'));
    const [isThere, major, firstEvent] = extension.subarray(8, 11) as unknown as [number, number, number];
    if (!isThere) throw new Error('the X server has no XFIXES');
    await connection.ask(request(major, 0, [5, 0]));
    connection.onEvent = (code) => {
      if (code === firstEvent) onChange();
    };
    connection.send(request(major, 2, [root, clipboard, NEW_OWNER]));
    // An answer to what came after it tells that the wish was heard.
    await connection.ask(request(43, 0, []));
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.setTimeout(0);
  return { via: 'x11', ended, close: () => void socket.destroy() };
}

const HANDSHAKE_MS = 5_000;

/** The mask of XFixesSelectSelectionInput for XFixesSetSelectionOwnerNotify. */
const NEW_OWNER = 1;

const COOKIE = 'MIT-MAGIC-COOKIE-1';

/** The wire: requests go out, and replies come back in order, with events between them. */
class X11Connection {
  onEvent: (code: number) => void = () => undefined;
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #isSetUp = false;
  #waiting: PromiseWithResolvers<Buffer> | undefined;
  #failure: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      for (let message = this.#take(); message; message = this.#take()) this.#hear(message);
    });
    const fail = (error: Error) => {
      this.#failure ??= error;
      this.#waiting?.reject(this.#failure);
    };
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the X server has closed the connection')));
  }

  /** Greets the server and returns the root window of its first screen. */
  async setUp(cookie: Buffer | undefined): Promise<number> {
    const name = cookie ? COOKIE : '';
    const head = Buffer.alloc(12);
    head.write('l');
    head.writeUInt16LE(11, 2);
    head.writeUInt16LE(name.length, 6);
    head.writeUInt16LE(cookie?.length ?? 0, 8);
    const reply = await this.ask(Buffer.concat([head, padded(Buffer.from(name)), padded(cookie ?? Buffer.alloc(0))]));
    if (reply[0] !== 1) throw new Error('the X server refuses the connection');
    const vendorLength = reply.readUInt16LE(24);
    return reply.readUInt32LE(40 + roundUp(vendorLength) + 8 * reply[29]!);
  }

  send(message: Buffer): void {
    this.#socket.write(message);
  }

  /** Sends what has a reply, and returns it. */
  ask(message: Buffer): Promise<Buffer> {
    this.#waiting = Promise.withResolvers();
    if (this.#failure) this.#waiting.reject(this.#failure);
    else this.send(message);
    return this.#waiting.promise;
  }

  /** The next whole message: 32 bytes, and for a reply or a generic event as many more words as it says. */
  #take(): Buffer | undefined {
    if (this.#received.length < 8) return undefined;
    const code = this.#received[0]! & 0x7f;
    const words = code === 1 || code === 35 ? this.#received.readUInt32LE(4) : 0;
    const length = this.#isSetUp ? 32 + 4 * words : 8 + 4 * this.#received.readUInt16LE(6);
    if (this.#received.length < length) return undefined;
    const message = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return message;
  }

  #hear(message: Buffer): void {
    const code = message[0]! & 0x7f;
    if (this.#isSetUp && code > 1) this.onEvent(code);
    else if (this.#isSetUp && code === 0) this.#waiting?.reject(new Error(`the X server answers error ${message[1]}`));
    else this.#waiting?.resolve(message);
    this.#isSetUp = true;
  }
}

function request(opcode: number, minor: number, words: readonly number[]): Buffer {
  const message = Buffer.alloc(4 + 4 * words.length);
  message[0] = opcode;
  message[1] = minor;
  message.writeUInt16LE(message.length / 4, 2);
  for (const [at, word] of words.entries()) message.writeUInt32LE(word, 4 + 4 * at);
  return message;
}

/** InternAtom and QueryExtension. */
function namedRequest(opcode: number, name: string): Buffer {
  const head = Buffer.alloc(8);
  const message = Buffer.concat([head, padded(Buffer.from(name))]);
  message[0] = opcode;
  message.writeUInt16LE(message.length / 4, 2);
  message.writeUInt16LE(name.length, 4);
  return message;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(roundUp(bytes.length) - bytes.length)]);
}

function roundUp(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** The cookie of a display; none where there is no file, as on a server that asks for none. */
function cookieFor(displayNumber: string, authorityFile: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readRegular(authorityFile);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code)) return undefined;
    throw error;
  }
  const fitting = [...authorityEntries(bytes)].filter(
    ({ name, number }) => name === COOKIE && (number === displayNumber || number === ''),
  );
  return (fitting.find(({ host }) => host === hostname()) ?? fitting[0])?.data;
}

/** The entries of an Xauthority file: a family, then four strings with their lengths before them, all big-endian. */
function* authorityEntries(bytes: Buffer) {
  let at = 0;
  const next = () => {
    const length = at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
    at += 2 + length;
    return bytes.subarray(at - length, at);
  };
  while (at + 2 <= bytes.length) {
    at += 2;
    const [host, number, name, data] = [next(), next(), next(), next()];
    yield { host: host.toString('latin1'), number: number.toString('latin1'), name: name.toString('latin1'), data };
  }
}
