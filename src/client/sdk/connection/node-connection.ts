import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { FAILURES, TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import type { DaemonAddress } from '../daemon/daemon-address.ts';
import { provenConnection } from '../daemon/proven-connection.ts';
import { notADaemon } from '../daemon/unreachable.ts';
import { type Connection, openConnection, socketUrl } from './connection.ts';

/** The process should not hang for long on a daemon that does not answer the closing of a connection. */
const CLOSE_TIMEOUT_MS = 1_000;

/** A daemon pings every 20 s: one that has missed two is gone, or the way to it is, without a word. */
const SILENCE_MS = 45_000;

/**
 * A connection by `ws` on which the daemon has proved itself before it is shown the address's token, and that `check` has
 * found right; throws `unreachable`, the daemon's refusal, what `check` throws, or the reason of a signal that was aborted
 * before.
 */
export async function connectTo(
  address: DaemonAddress,
  language: Language,
  check: (connection: Connection) => Promise<Connection>,
  signal?: AbortSignal,
): Promise<Connection> {
  signal?.throwIfAborted();
  const { url, token } = address;
  const proven = await provenConnection(address, signal && { signal });
  // The published types do not know `closeTimeout` yet.
  const options: ClientOptions & { closeTimeout: number } = {
    headers: { 'accept-language': language, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    perMessageDeflate: false,
    closeTimeout: CLOSE_TIMEOUT_MS,
    createConnection: () => proven,
  };
  const socket = new WebSocket(socketUrl(url), options);
  socket.on('unexpected-response', (request, response) => request.destroy(refusalOf(response)));
  let onHeld: (isHeld: boolean) => void = () => undefined;
  socket.on('upgrade', ({ socket: tcp }) => {
    onHeld = (isHeld) => void (isHeld ? tcp.ref() : tcp.unref());
  });
  socket.on('open', () => endWhenSilent(socket));
  const leave = () => socket.terminate();
  signal?.addEventListener('abort', leave);
  try {
    const connection = await openConnection(socket, { onHeld: (isHeld) => onHeld(isHeld) });
    return await check(connection);
  } catch (error) {
    // Otherwise the daemon would be taken for gone, and perhaps started.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}

function endWhenSilent(socket: WebSocket): void {
  const timer = setTimeout(() => socket.terminate(), SILENCE_MS).unref();
  socket.on('ping', () => timer.refresh());
  socket.on('close', () => clearTimeout(timer));
}

function refusalOf({ statusCode }: IncomingMessage): TokenSyncError {
  if (statusCode !== FAILURES.unauthorized.http) return notADaemon(`HTTP ${statusCode}`);
  return new TokenSyncError(
    'unauthorized',
    { zh: '缺少或错误的访问令牌', en: 'the access token is missing or wrong' },
    {
      hint: {
        zh: '令牌在数据文件夹的 token 文件中',
        en: 'the token is in the file `token` of the data folder',
      },
    },
  );
}
