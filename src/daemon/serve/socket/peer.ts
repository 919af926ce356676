import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { MAX_BODY_BYTES } from '../../../protocol/addresses.ts';
import { type Language, preferredLanguage } from '../../../protocol/language.ts';
import type { Subscriber } from '../../subscribers.ts';
import { forget } from '../forget.ts';
import type { HttpOptions } from '../http/http-server.ts';
import { LINGER_BYTES } from '../http/send-answer.ts';
import type { FairQueue } from '../limits/fair-queue.ts';
import type { HalfMessages } from '../limits/half-messages.ts';
import type { RpcServer } from '../rpc.ts';
import { framesOf } from './frames.ts';

export interface PeerOptions {
  readonly http: HttpOptions;
  readonly rpc: RpcServer;
  /** For callers that name no language. */
  readonly language: Language;
  readonly unsubscribe: (subscriber: Subscriber) => void;
}

/** The limits that all peers share. */
export interface SharedLimits {
  readonly queue: FairQueue;
  readonly halfMessages: HalfMessages;
}

/** Answers the requests of one peer in order, and tells it of changes, until it is gone. */
export function servePeer(
  peer: WebSocket,
  socket: Duplex,
  request: IncomingMessage,
  { http, rpc, language, unsubscribe }: PeerOptions,
  { queue, halfMessages }: SharedLimits,
): void {
  const lane = queue.lane();
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
  // The peer has been told why; after an error the library does that.
  const dismiss = () => {
    leave();
    readOn(peer, socket);
  };
  peer.on('error', dismiss);
  peer.on('close', leave);
  const isFull = () => inFlight > MAX_IN_FLIGHT_BYTES || lane.length > MAX_IN_FLIGHT;
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
        corkUntilTick(socket);
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
    lane.add(() => answer(frame));
    if (isFull()) peer.pause();
  });
}

/** Requests that one peer may have under way; with more of them the peer is read no further. */
const MAX_IN_FLIGHT_BYTES = 2 * MAX_BODY_BYTES;
const MAX_IN_FLIGHT = 1_000;

/** Reads on and forgets: a peer that is cut off while it is sending does not hear why. */
function readOn(peer: WebSocket, socket: Duplex): void {
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) peer.terminate();
  });
}

/** Lets all that is written in this turn go out in one piece: the answers of a batch, and the changes it made. */
function corkUntilTick(socket: Duplex): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** Sends unless the peer is gone; one that does not read is dropped, so that nobody waits for it and memory stays bounded. */
export function send(peer: WebSocket, text: string, onSent?: () => void): void {
  if (canTake(peer)) peer.send(text, onSent);
}

function canTake(peer: WebSocket): boolean {
  if (peer.readyState !== peer.OPEN) return false;
  if (peer.bufferedAmount <= MAX_BODY_BYTES) return true;
  peer.terminate();
  return false;
}
