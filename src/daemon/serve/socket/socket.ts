import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import { MAX_BODY_BYTES, RPC_PATH } from '../../../protocol/addresses.ts';
import { FAILURES, TokenSyncError } from '../../../protocol/errors.ts';
import { preferredLanguage } from '../../../protocol/language.ts';
import { failure, type HttpAnswer } from '../http/http-answer.ts';
import { checkRequest, type HttpOptions, RETRY_AFTER } from '../http/http-server.ts';
import { splitTarget } from '../http/routes.ts';
import { endWith } from '../http/send-answer.ts';
import { hasRoom } from '../limits/connection-limits.ts';
import { FairQueue } from '../limits/fair-queue.ts';
import { HalfMessages } from '../limits/half-messages.ts';
import { notification } from './frames.ts';
import { type PeerOptions, send, servePeer } from './peer.ts';
import { createPings } from './pings.ts';

/** The WebSocket side. */
export interface Sockets {
  /** Tells everyone why, then ends every connection within `graceMs`. */
  close(reason: string, graceMs: number): Promise<void>;
  readonly count: number;
}

/** A peer that is told to go and does not is cut off after this: time enough to send the rest of a large frame first. */
const CLOSE_MS = 4_000;

/** Serves JSON-RPC over WebSocket upgrades of `/rpc`. */
export function serveSockets(server: Server, options: PeerOptions): Sockets {
  // The published types do not know `closeTimeout` yet.
  const limits: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    maxPayload: MAX_BODY_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
    closeTimeout: CLOSE_MS,
  };
  const sockets = new WebSocketServer(limits);
  const queue = new FairQueue();
  const halfMessages = new HalfMessages(options.http.input);
  const pings = createPings(sockets.clients);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // An error on a socket that nobody listens to ends the process.
    socket.on('error', destroyed);
    const refusal =
      upgradeRefusal(request, options.http) ?? (hasRoom('peers', sockets.clients.size) ? undefined : full());
    const language = preferredLanguage(request.headers['accept-language']) ?? 'zh';
    if (refusal) refuse(socket, failure(refusal, language, options.http.command));
    else {
      sockets.handleUpgrade(request, socket, head, (peer) => {
        pings.add(peer, socket as Socket);
        servePeer(peer, socket, request, options, { queue, halfMessages });
      });
    }
  });
  return {
    get count() {
      return sockets.clients.size;
    },
    async close(reason, graceMs) {
      pings.end();
      for (const peer of sockets.clients) {
        send(peer, notification('daemon.stopping', { reason }));
        peer.close(1001, 'stopping');
      }
      await allClosed(sockets, graceMs);
      for (const peer of sockets.clients) peer.terminate();
    },
  };
}

function upgradeRefusal(request: IncomingMessage, http: HttpOptions): TokenSyncError | undefined {
  const { path } = splitTarget(request.url ?? '/');
  const refusal = checkRequest(request, path, http);
  if (refusal || path === RPC_PATH) return refusal;
  return new TokenSyncError('no_such_path', { zh: 'WebSocket 只在 /rpc', en: 'WebSockets are served at /rpc only' });
}

function full(): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: '连接太多', en: 'too many connections' },
    { hint: { zh: '请关闭一些，或改用 POST /rpc', en: 'close some, or use POST /rpc' } },
  );
}

function refuse(socket: Duplex, { status, body, type }: HttpAnswer): void {
  const bytes = Buffer.from(body as string);
  const head = [
    `HTTP/1.1 ${status} Refused`,
    'Connection: close',
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
    ...(status === FAILURES.busy.http ? [`Retry-After: ${RETRY_AFTER}`] : []),
  ];
  endWith(socket, Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]));
}

/** Not a closure: one made where the request is known would keep the request for as long as the connection. */
function destroyed(this: Duplex): void {
  this.destroy();
}

function allClosed(sockets: WebSocketServer, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timeout = setTimeout(resolve, graceMs);
    const check = () => {
      if (sockets.clients.size > 0) return;
      clearTimeout(timeout);
      resolve();
    };
    for (const peer of sockets.clients) peer.on('close', () => setImmediate(check));
    check();
  });
}
