import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { MAX_BODY_BYTES, RPC_PATH } from '../../../protocol/addresses.ts';
import { FAILURES, TokenSyncError } from '../../../protocol/errors.ts';
import { type Language, preferredLanguage } from '../../../protocol/language.ts';
import type { Subscriber } from '../../subscribers.ts';
import { forget } from '../forget.ts';
import {
  failure,
  type HttpAnswer,
  type HttpOptions,
  knock,
  LINGER_BYTES,
  leaveWith,
  RETRY_AFTER,
  splitTarget,
} from '../http/http-server.ts';
import { hasRoom } from '../limits/connection-limits.ts';
import { Turns } from '../limits/fair-queue.ts';
import { HalfMessages } from '../limits/half-messages.ts';
import type { RpcServer } from '../rpc.ts';
import { framesOf, notification } from './frames.ts';
import { createPings } from './pings.ts';

export interface SocketOptions {
  readonly http: HttpOptions;
  readonly rpc: RpcServer;
  /** For callers that name no language. */
  readonly language: Language;
  readonly unsubscribe: (subscriber: Subscriber) => void;
}

/** The WebSocket side. */
export interface Sockets {
  /** Tells everyone why, then ends every connection within `graceMs`. */
  close(reason: string, graceMs: number): Promise<void>;
  readonly count: number;
}

/** A peer that is told to go and does not is cut off after this: time enough to send the rest of a large frame first. */
const CLOSE_MS = 4_000;

/** Serves JSON-RPC over WebSocket upgrades of `/rpc`. */
export function serveSockets(server: Server, options: SocketOptions): Sockets {
  // The published types do not know `closeTimeout` yet.
  const limits: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    maxPayload: MAX_BODY_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
    closeTimeout: CLOSE_MS,
  };
  const sockets = new WebSocketServer(limits);
  const turns = new Turns();
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
        serve(peer, socket, request, options, { turns, halfMessages });
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
  const refusal = knock(request, path, http);
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
  leaveWith(socket, Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]));
}

/** What all peers share. */
interface Shared {
  readonly turns: Turns;
  readonly halfMessages: HalfMessages;
}

function serve(
  peer: WebSocket,
  socket: Duplex,
  request: IncomingMessage,
  options: SocketOptions,
  { turns, halfMessages }: Shared,
): void {
  const { http, rpc, language, unsubscribe } = options;
  const line = turns.line();
  let inFlight = 0;
  const gone = new AbortController();
  const backlog = http.backlog.share(() => peer.terminate());
  const settle = () => backlog.hold(peer.readyState === peer.CLOSED ? 0 : peer.bufferedAmount);
  const subscriber: Subscriber = {
    tell(notices) {
      if (!canTake(peer)) return;
      socket.write(framesOf(notices), settle);
      settle();
    },
  };
  const caller = {
    source: 'rpc',
    signal: gone.signal,
    subscriber,
    language: preferredLanguage(request.headers['accept-language']) ?? language,
  } as const;
  const leave = () => {
    gone.abort();
    unsubscribe(subscriber);
    settle();
  };
  // It has been told why; after an error the library does that.
  const dismiss = () => {
    leave();
    readOn(peer, socket);
  };
  peer.on('error', dismiss);
  peer.on('close', leave);
  const isFull = () => inFlight > MAX_IN_FLIGHT_BYTES || line.length > MAX_IN_FLIGHT;
  const input = halfMessages.watch(
    peer,
    socket,
    () => !isFull(),
    (code, reason) => {
      peer.close(code, reason);
      leave();
      forget(socket, LINGER_BYTES, () => peer.terminate());
    },
  );
  // The library has answered it by then.
  peer.on('ping', () => {
    if (canTake(peer)) settle();
  });
  const answer = async (frame: Buffer) => {
    try {
      const text = gone.signal.aborted ? undefined : await rpc.answer(frame, caller);
      if (text !== undefined) {
        together(socket);
        send(peer, text, settle);
        settle();
      }
    } catch (error) {
      http.onBug(error);
      peer.close(1011, 'internal error');
      dismiss();
    }
    inFlight -= frame.length;
    input.answering(inFlight);
    if (peer.isPaused && !isFull() && !input.mustWait) peer.resume();
  };
  // With its default `binaryType`, which is a Buffer, the library joins the parts of a message.
  peer.on('message', (frame: Buffer, isBinary: boolean) => {
    if (peer.readyState !== peer.OPEN) return;
    if (isBinary) {
      peer.close(1003, 'text frames only');
      dismiss();
      return;
    }
    inFlight += frame.length;
    input.answering(inFlight);
    line.add(() => answer(frame));
    if (isFull()) peer.pause();
  });
}

/** Reads on and forgets: a peer that is cut off while it is sending does not hear why. */
function readOn(peer: WebSocket, socket: Duplex): void {
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) peer.terminate();
  });
}

/** All that is written in this turn goes out in one piece: the answers of a batch, and what it changed. */
function together(socket: Duplex): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** What one peer has asked and not been answered may be this much; above it the peer is read no further. */
const MAX_IN_FLIGHT_BYTES = 2 * MAX_BODY_BYTES;
const MAX_IN_FLIGHT = 1_000;

/** Sends unless the peer is gone; one that does not read is dropped, so that nobody waits for it and memory stays bounded. */
function send(peer: WebSocket, text: string, onSent?: () => void): void {
  if (canTake(peer)) peer.send(text, onSent);
}

function canTake(peer: WebSocket): boolean {
  if (peer.readyState !== peer.OPEN) return false;
  if (peer.bufferedAmount <= MAX_BODY_BYTES) return true;
  peer.terminate();
  return false;
}

/** A function of its own: one that is made where the request is known keeps the request for as long as the connection. */
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
