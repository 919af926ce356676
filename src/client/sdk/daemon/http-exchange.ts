import type { Socket } from 'node:net';
import { AnswerReader, type HttpAnswer } from './http-answer.ts';
import { timedOut, unreachable } from './unreachable.ts';

export interface ExchangeOptions {
  /** 30 s by default. */
  readonly timeoutMs?: number;
  /** By `performance.now()`, where what goes before has taken some of that time. */
  readonly startedMs?: number;
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

const TIMEOUT_MS = 30_000;

/**
 * What comes back for one HTTP request over a connection, which is of no more use where none comes: rejects with `unreachable`
 * unless an answer comes whole and in time. By hand, because loading and first running Node's client takes a command a fifth
 * of its time.
 */
export async function exchange(
  socket: Socket,
  request: HttpRequest,
  { timeoutMs = TIMEOUT_MS, startedMs = performance.now(), signal }: ExchangeOptions,
): Promise<HttpAnswer> {
  signal?.throwIfAborted();
  const written = textOf(request);
  // It would not tell of its end again.
  if (socket.destroyed) throw broken();
  const reader = new AnswerReader(request.method === 'HEAD');
  return await new Promise<HttpAnswer>((resolve, reject) => {
    const settle = (how: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('data', onData).off('close', onClose).off('error', onError);
      how();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const onData = (chunk: Buffer) => {
      try {
        const answer = reader.add(chunk);
        if (answer) settle(() => resolve(answer));
      } catch (error) {
        fail(error);
      }
    };
    const onClose = () => {
      const answer = reader.end();
      if (answer) settle(() => resolve(answer));
      else fail(broken());
    };
    const onError = (error: Error) => fail(unreachable(error));
    const onAbort = () => fail(signal?.reason);
    const leftMs = Math.max(0, startedMs + timeoutMs - performance.now());
    const timer = setTimeout(() => fail(timedOut(timeoutMs)), leftMs);
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
