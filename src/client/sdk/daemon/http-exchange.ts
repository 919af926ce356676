import type { Socket } from 'node:net';
import { timedOut, unreachable } from './unreachable.ts';

export interface ExchangeOptions {
  /** 30 s by default. */
  readonly timeoutMs?: number;
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface HttpRequest {
  readonly method: 'HEAD' | 'POST';
  readonly url: URL;
  /** Names in lower case; the host and the length are added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Exchanged {
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

const TIMEOUT_MS = 30_000;

/**
 * One HTTP request over a connection, and what came back; rejects with `unreachable` unless an answer came whole and in time.
 * By hand, because loading and first running Node's client takes a command a fifth of its time. The body is as long as the
 * head tells, comes in parts (RFC 9112, 7.1), or ends with the connection.
 */
export async function exchange(
  socket: Socket,
  request: HttpRequest,
  { timeoutMs = TIMEOUT_MS, signal }: ExchangeOptions,
): Promise<Exchanged> {
  signal?.throwIfAborted();
  const written = textOf(request);
  const answer = new Answer(request.method === 'HEAD');
  return await new Promise<Exchanged>((resolve, reject) => {
    const settle = (how: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('data', onData).off('close', onClose).off('error', onError);
      how();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const onData = (chunk: Buffer) => {
      answer.add(chunk);
      if (answer.isWhole) settle(() => resolve(answer));
    };
    const onClose = () => {
      answer.end();
      if (answer.isWhole) settle(() => resolve(answer));
      else fail(unreachable(Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' })));
    };
    const onError = (error: Error) => fail(unreachable(error));
    const onAbort = () => fail(signal?.reason);
    const timer = setTimeout(() => fail(timedOut(timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    socket.on('data', onData).on('close', onClose).on('error', onError).write(written);
  });
}

function textOf({ method, url, headers, body }: HttpRequest): string {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host: url.host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}`);
  // What a file holds must not become a header of its own.
  if (lines.some((line) => !/^[\t -~]*$/.test(line))) throw new TypeError('a header holds what no header may');
  return `${[`${method} ${url.pathname} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body ?? ''}`;
}

const END_OF_HEAD = '\r\n\r\n';
const LAST_PART = '0\r\n\r\n';

/** An answer as its bytes come. */
class Answer implements Exchanged {
  headers: ReadonlyMap<string, string> = new Map();
  #isBegun = false;
  #isEnded = false;
  #chunks: Buffer[] = [];
  #size = 0;
  readonly #isHead: boolean;

  constructor(isHead: boolean) {
    this.#isHead = isHead;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (!this.#isBegun) this.#readHead();
  }

  /** No more will come. */
  end(): void {
    this.#isEnded = true;
  }

  get isWhole(): boolean {
    if (!this.#isBegun) return false;
    if (this.#isInParts) return this.#body().subarray(-LAST_PART.length).equals(Buffer.from(LAST_PART));
    return this.#length === undefined ? this.#isEnded : this.#size >= this.#length;
  }

  get text(): string {
    const body = this.#body();
    return this.#isInParts ? joined(body).toString() : body.toString('utf8', 0, this.#length);
  }

  get #isInParts(): boolean {
    return !this.#isHead && this.headers.get('transfer-encoding')?.toLowerCase() === 'chunked';
  }

  get #length(): number | undefined {
    const told = this.#isHead ? '0' : this.headers.get('content-length');
    return told === undefined ? undefined : Number(told);
  }

  #readHead(): void {
    const bytes = this.#body();
    const end = bytes.indexOf(END_OF_HEAD);
    if (end === -1) return;
    const [, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
    this.headers = new Map(lines.map(headerOf));
    this.#chunks = [bytes.subarray(end + END_OF_HEAD.length)];
    this.#size = this.#body().length;
    this.#isBegun = true;
  }

  #body(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** The bytes of a body that comes in parts, each behind a line with its length in hexadecimal. */
function joined(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const start = body.indexOf('\r\n', at) + 2;
    const length = Number.parseInt(body.toString('latin1', at, start), 16);
    if (!(length > 0)) break;
    parts.push(body.subarray(start, start + length));
    at = start + length + 2;
  }
  return Buffer.concat(parts);
}
