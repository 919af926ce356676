import type { ClientRequest, IncomingMessage } from 'node:http';
import { MAX_BODY_BYTES, RPC_PATH } from '../../protocol/addresses.ts';
import type { Language } from '../../protocol/language.ts';
import type { MethodName, Params, Result } from '../../protocol/methods.ts';
import type { DaemonAddress } from './daemon-finder.ts';
import { notADaemon, outOfReach, timedOut } from './out-of-reach.ts';
import { tooLargeToSend } from './too-large.ts';
import { failureOfAnswer, type WireError } from './wire-error.ts';

export interface CallOptions {
  /** The language of error texts; the daemon's choice where none is given. */
  readonly language?: Language;
  /** 30 s by default. */
  readonly timeoutMs?: number;
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** One call over one HTTP request; throws the daemon's `TokenSyncError`, or `unreachable` with the cause. */
export async function callOnce<M extends MethodName>(
  address: DaemonAddress,
  method: M,
  params: Params<M>,
  options: CallOptions = {},
): Promise<Result<M>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BODY_BYTES) throw tooLargeToSend();
  // An import would evaluate every export of the module, one of which loads all of fetch: 35 ms of a person's time.
  const { request } = process.getBuiltinModule('node:http');
  const outgoing = request(new URL(RPC_PATH, address.url), {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      'content-length': bytes,
      ...(options.language && { 'accept-language': options.language }),
      ...(address.token !== undefined && { authorization: `Bearer ${address.token}` }),
    },
    ...(options.signal && { signal: options.signal }),
  });
  return resultOf<M>(await exchange(outgoing, body, options));
}

const TIMEOUT_MS = 30_000;

/** What came back, as text; rejects unless an answer came whole and in time. */
async function exchange(
  outgoing: ClientRequest,
  body: string,
  { timeoutMs = TIMEOUT_MS, signal }: CallOptions,
): Promise<string> {
  const silence = timedOut(timeoutMs);
  const timer = setTimeout(() => outgoing.destroy(silence), timeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve).on('error', reject).end(body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  } catch (error) {
    signal?.throwIfAborted();
    throw error === silence || outgoing.errored === silence ? silence : outOfReach(error);
  } finally {
    clearTimeout(timer);
  }
}

function resultOf<M extends MethodName>(text: string): Result<M> {
  let answer: { result?: Result<M>; error?: WireError | string } | null;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw notADaemon(error);
  }
  const { result, error } = answer ?? {};
  if (result !== undefined) return result;
  // The gate refuses in the words of REST, before anybody knows that JSON-RPC was meant.
  if (typeof error === 'string') throw failureOfAnswer({ code: 0, message: error, data: answer });
  if (typeof error?.message === 'string') throw failureOfAnswer(error);
  throw notADaemon();
}
