import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { onePieceATurn } from '../forget.ts';
import { type InputRoom, type InputShare, PIECE_BYTES } from './input-room.ts';
import { giveBack } from './shared-budget.ts';

/** A message must end within this from its beginning, as a body must. */
const MESSAGE_TIMEOUT_MS = 60_000;
const CHECK_MS = 4_000;

/** Why a peer must go that has begun a message, as a close code (RFC 6455, 7.4, and IANA's list) and reason. */
const TRY_AGAIN_LATER = [1013, 'too much is being sent at the same time; try again'] as const;
const TOO_SLOW = [1008, 'a message must end within 60 seconds'] as const;

/** Told to go, with what it had sent given up already. */
export type Dismissal = (code: number, reason: string) => void;

/** Messages that peers have begun and not ended: bounded in sum by the room for input, and each in time. */
export class HalfMessages {
  readonly #input: InputRoom;
  readonly #begun = new Map<WebSocket, { sinceMs: number; readonly giveUp: Dismissal }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(input: InputRoom) {
    this.#input = input;
  }

  /**
   * Follows what a peer sends over its connection, until that ends; it is read only as long as it `mayBeRead`. The share
   * is for what it has sent whole.
   */
  watch(peer: WebSocket, socket: Duplex, mayBeRead: () => boolean, dismiss: Dismissal): InputShare {
    const giveUp: Dismissal = (code, reason) => {
      this.#end(peer, share);
      letGo(peer, socket);
      dismiss(code, reason);
    };
    const share = this.#input.share({
      pause: () => peer.pause(),
      resume: () => {
        if (mayBeRead()) peer.resume();
      },
      isHeldUp: () => peer.isPaused,
      giveUp: () => giveUp(...TRY_AGAIN_LATER),
    });
    const begin = () => {
      if (this.#begun.has(peer)) return;
      this.#begun.set(peer, { sinceMs: performance.now(), giveUp });
      this.#timer ??= setInterval(() => this.#check(), CHECK_MS).unref();
    };
    const copies = new Copies(peer);
    peer.on('message', (message: Buffer) => {
      copies.joined(message);
      this.#end(peer, share);
    });
    // Behind the library's own listener, which has taken the piece in by then.
    socket.on('data', (piece: Buffer) => {
      copies.taken(piece);
      const bytes = halfMessageBytes(peer);
      if (bytes === 0) return this.#end(peer, share);
      begin();
      share.receive(bytes);
      if (this.#begun.has(peer)) onePieceATurn(socket, () => !peer.isPaused);
    });
    peer.on('close', () => this.#end(peer, share));
    return share;
  }

  #end(peer: WebSocket, share: InputShare): void {
    share.receive(0);
    if (!this.#begun.delete(peer) || this.#begun.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const nowMs = performance.now();
    for (const [peer, begun] of this.#begun) {
      // One that we do not read for as long as it has too much under way cannot end it.
      if (peer.isPaused) begun.sinceMs = nowMs;
      else if (nowMs - begun.sinceMs >= MESSAGE_TIMEOUT_MS) begun.giveUp(...TOO_SLOW);
    }
  }
}

/** The library's store of unfinished messages, for which it has no public name. */
interface Reading {
  readonly _receiver: {
    /** Bytes of a frame that is not whole, in these pieces. */
    _bufferedBytes: number;
    _buffers: Buffer[];
    /** Bytes of the whole frames of a message that is not, in these pieces. */
    readonly _messageLength: number;
    _fragments: Buffer[];
    /** The opcode of such a message. */
    readonly _fragmented: number;
    /** 0 before the head of a frame. */
    readonly _state: number;
  };
}

/** Gives back what the library has copied: pieces when a frame of several is whole, and frames when a message is. */
class Copies {
  readonly #reader: Reading['_receiver'];
  #pieces: Buffer[] = [];
  #frames: Buffer[] = [];

  constructor(peer: WebSocket) {
    this.#reader = (peer as unknown as Reading)._receiver;
  }

  /** To be called with each piece that the library has taken in. */
  taken(piece: Buffer): void {
    const { _buffers: waiting, _fragments: frames } = this.#reader;
    this.#frames = frames;
    if (this.#pieces.length > 0 && waiting[0] === this.#pieces[0]) {
      this.#pieces.push(piece);
      return;
    }
    // The waiting pieces were too short for the frame, so the library joined a copy; only the last piece may still be in use.
    giveBack(this.#pieces);
    this.#pieces = [...waiting];
  }

  /** To be called with each message: one of a single frame is that frame. */
  joined(message: Buffer): void {
    if (!this.#frames.includes(message)) giveBack(this.#frames);
    this.#frames = [];
  }
}

/** The memory that a peer's unfinished message takes; 0 for none. */
function halfMessageBytes(peer: WebSocket): number {
  const { _receiver: reader } = peer as unknown as Reading;
  if (reader._state === 0 && reader._fragmented === 0 && reader._bufferedBytes === 0) return 0;
  const pieces = 1 + reader._buffers.length + reader._fragments.length;
  return reader._bufferedBytes + reader._messageLength + pieces * PIECE_BYTES;
}

/** Lets go of what a peer has sent by halves, and gives its library no more. */
function letGo(peer: WebSocket, socket: Duplex): void {
  const { _receiver: reader } = peer as unknown as Reading;
  socket.removeAllListeners('data');
  giveBack([...reader._buffers, ...reader._fragments]);
  reader._bufferedBytes = 0;
  reader._buffers = [];
  reader._fragments = [];
}
