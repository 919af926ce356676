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
 * By hand, because loading and first running Node's client takes a command a fifth of its time, and a daemon sends no more
 * than a head and a body of a told length. What is told in another way, as by a stranger, is as good as empty.
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
      if (answer.endsWithConnection) settle(() => resolve(answer));
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

/** An answer as its bytes come. */
class Answer implements Exchanged {
  #headers: Map<string, string> | undefined;
  #chunks: Buffer[] = [];
  #size = 0;
  readonly #isHead: boolean;

  constructor(isHead: boolean) {
    this.#isHead = isHead;
  }

  get headers(): ReadonlyMap<string, string> {
    return this.#headers ?? new Map();
  }

  get text(): string {
    return this.#length === undefined && !this.endsWithConnection
      ? ''
      : Buffer.concat(this.#chunks).toString('utf8', 0, this.#length);
  }

  get isWhole(): boolean {
    return this.#headers !== undefined && !this.endsWithConnection && this.#size >= (this.#length ?? 0);
  }

  /** It has neither a length nor parts: only the end of the connection is its end. */
  get endsWithConnection(): boolean {
    return this.#headers !== undefined && this.#length === undefined && !this.#headers.has('transfer-encoding');
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (!this.#headers) this.#readHead(Buffer.concat(this.#chunks));
  }

  get #length(): number | undefined {
    const told = this.#isHead ? '0' : this.#headers?.get('content-length');
    return told === undefined ? undefined : Number(told);
  }

  #readHead(bytes: Buffer): void {
    const end = bytes.indexOf(END_OF_HEAD);
    if (end === -1) return;
    const [, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
    this.#headers = new Map(lines.map(headerOf));
    this.#chunks = [bytes.subarray(end + END_OF_HEAD.length)];
    this.#size = this.#chunks[0]!.length;
  }
}

function headerOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
