import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { timedOut, unreachable } from './unreachable.ts';

export interface ExchangeOptions {
  /** 30 s by default. */
  readonly timeoutMs?: number;
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Exchanged {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const TIMEOUT_MS = 30_000;

/** One HTTP request and what came back; rejects with `unreachable` unless an answer came whole and in time. */
export async function exchange(
  url: URL,
  how: RequestOptions,
  { timeoutMs = TIMEOUT_MS, signal }: ExchangeOptions,
  body?: string,
): Promise<Exchanged> {
  // An import would evaluate every export of the module, one of which loads all of fetch: 35 ms of a person's time.
  const { request } = process.getBuiltinModule('node:http');
  const outgoing = request(url, { ...how, ...(signal && { signal }) });
  const silence = timedOut(timeoutMs);
  const timer = setTimeout(() => outgoing.destroy(silence), timeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve).on('error', reject).end(body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { headers: response.headers, text: Buffer.concat(chunks).toString() };
  } catch (error) {
    signal?.throwIfAborted();
    throw error === silence || outgoing.errored === silence ? silence : unreachable(error);
  } finally {
    clearTimeout(timer);
  }
}
