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
  return resultOf(await post(address, requestOf(1, method, params), options));
}

/** Calls as one request, done in their order, as `callOnce`; throws the failure of the first that failed. */
export async function callTogether<const M extends readonly MethodName[]>(
  address: DaemonAddress,
  calls: { readonly [I in keyof M]: readonly [method: M[I], params: Params<M[I]>] },
  options: CallOptions = {},
): Promise<{ readonly [I in keyof M]: Result<M[I]> }> {
  const requests = calls.map(([method, params], index) => requestOf(index, method, params));
  const answers = await post(address, requests, options);
  if (!Array.isArray(answers)) return resultOf(answers);
  return requests.map(({ id }) => resultOf(answers.find((answer) => answer?.id === id))) as never;
}

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: WireError | string;
}

function requestOf(id: number, method: MethodName, params: unknown) {
  return { jsonrpc: '2.0', id, method, params };
}

/** The JSON that comes back for a request. */
async function post(address: DaemonAddress, request: object, called: CallOptions) {
  // The proof and the call are waited for together.
  const options = { startedMs: performance.now(), ...called };
  const body = JSON.stringify(request);
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
    return JSON.parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? notADaemon(error) : error;
  } finally {
    connection.destroy();
  }
}

function resultOf(answer: RpcAnswer | null | undefined) {
  const { result, error } = answer ?? {};
  if (result !== undefined) return result as never;
  // The origin check refuses in the words of REST, before anybody knows that JSON-RPC was meant.
  if (typeof error === 'string') throw failureOfAnswer({ code: 0, message: error, data: answer });
  if (typeof error?.message === 'string') throw failureOfAnswer(error);
  throw notADaemon();
}
