import type { Socket } from 'node:net';
import { Answer } from './http-answer.ts';
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
 * One HTTP request over a connection, and what came back; rejects with `unreachable` unless an answer came whole and in time; then the connection is of no more use.
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
  // It would not tell of its end again.
  if (socket.destroyed) throw broken();
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
      try {
        answer.add(chunk);
      } catch (error) {
        fail(error);
        return;
      }
      if (answer.isWhole) settle(() => resolve(answer));
    };
    const onClose = () => {
      answer.end();
      if (answer.isWhole) settle(() => resolve(answer));
      else fail(broken());
    };
    const onError = (error: Error) => fail(unreachable(error));
    const onAbort = () => fail(signal?.reason);
    const timer = setTimeout(() => fail(timedOut(timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    socket.on('data', onData).on('close', onClose).on('error', onError).write(written);
  });
}

function broken(): Error {
  return unreachable(Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' }));
}

function textOf({ method, url, headers, body }: HttpRequest): string {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host: url.host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}`);
  // What a file holds must not become a header of its own.
  if (lines.some((line) => !/^[\t -~]*$/.test(line))) throw new TypeError('a header holds what no header may');
  return `${[`${method} ${url.pathname} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body ?? ''}`;
}
