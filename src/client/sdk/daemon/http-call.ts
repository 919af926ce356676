import { MAX_BODY_BYTES, RPC_PATH } from '../../../protocol/addresses.ts';
import type { Language } from '../../../protocol/language.ts';
import type { MethodName, Params, Result } from '../../../protocol/methods.ts';
import { tooLargeToSend } from '../connection/too-large.ts';
import { failureOfAnswer, type WireError } from '../connection/wire-error.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { type ExchangeOptions, exchange } from './http-exchange.ts';
import { provenConnection } from './proven-connection.ts';
import { notADaemon } from './unreachable.ts';

export interface CallOptions extends ExchangeOptions {
  /** The language of error texts; the daemon's choice where none is given. */
  readonly language?: Language;
}

/** One call over one connection, on which the daemon has proved itself; throws the daemon's `TokenSyncError`, or `unreachable` with the cause. */
export async function callOnce<M extends MethodName>(
  address: DaemonAddress,
  method: M,
  params: Params<M>,
  options: CallOptions = {},
): Promise<Result<M>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) throw tooLargeToSend();
  const headers = {
    'content-type': 'application/json',
    ...(options.language && { 'accept-language': options.language }),
    ...(address.token !== undefined && { authorization: `Bearer ${address.token}` }),
  };
  const connection = await provenConnection(address, options);
  try {
    const url = new URL(RPC_PATH, address.url);
    const { text } = await exchange(connection, { method: 'POST', url, headers, body }, options);
    return resultOf<M>(text);
  } finally {
    connection.destroy();
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
  // The origin check refuses in the words of REST, before anybody knows that JSON-RPC was meant.
  if (typeof error === 'string') throw failureOfAnswer({ code: 0, message: error, data: answer });
  if (typeof error?.message === 'string') throw failureOfAnswer(error);
  throw notADaemon();
}
