import { MAX_BODY_BYTES } from '../../../protocol/addresses.ts';
import { MAX_SHARED_BYTES, type Share, SharedBudget } from './shared-budget.ts';

/** Holding one more piece costs so much beside its bytes, which may be a single one. */
export const PIECE_BYTES = 512;

/** A sender needs a place to send more of a message than this. */
const FREE_BYTES = 64 * 1024;

/** The part of the bound for all unfinished input (SECURITY.md) that is for senders without a place. */
const MAX_LOOSE_BYTES = 24 * 1024 * 1024;

/** While others wait for a place, a holder that sends less than this between so many looks gives its place up. */
const LOOK_MS = 50;
const LEAST_BYTES_A_LOOK = 16 * 1024;
const MAX_IDLE_LOOKS = 20;

/** A connection that sends messages, or a body. */
export interface Sender {
  /** Reads it no further. */
  pause(): void;
  /** Reads on, unless the sender has reasons of its own not to. */
  resume(): void;
  /** Whether it is not read for reasons of its own. */
  isHeldUp(): boolean;
  /** Lets go of what it has sent of a message, and tells it so. */
  giveUp(): void;
}

interface Holder {
  readonly sender: Sender;
  readonly loose: Share;
  halfBytes: number;
  wholeBytes: number;
  hasPlace: boolean;
  idleLooks: number;
  bytesAtLook: number;
}

/** A sender's part of the room. */
export interface InputShare {
  /** Tells how much it has sent of a message that is not whole; 0 for nothing. */
  receive(bytes: number): void;
  /** Tells how much of what it has sent is whole and not answered yet. */
  answering(bytes: number): void;
  /** Whether it is to be read no further just now. */
  readonly mustWait: boolean;
}

/**
 * Bounds the input of all senders together that is not answered yet. Where there is no room, senders are not read until there
 * is, in the order of their coming; a holder of a place that is read and does not go on while others wait must give up.
 * Senders without a place cannot be judged by their progress, because we do not read them: their first pieces are bounded by a
 * `SharedBudget`.
 */
export class InputRoom {
  readonly #maxBytes: number;
  readonly #loose: SharedBudget;
  readonly #placed = new Set<Holder>();
  readonly #waiting = new Set<Holder>();
  #wholeBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isServiceDue = false;

  constructor(maxBytes = MAX_SHARED_BYTES - MAX_LOOSE_BYTES, maxLooseBytes = MAX_LOOSE_BYTES) {
    this.#maxBytes = maxBytes;
    this.#loose = new SharedBudget(maxLooseBytes);
  }

  /** A share for a sender that has sent nothing yet. */
  share(sender: Sender): InputShare {
    const loose = this.#loose.share(() => this.#giveUp(holder));
    const holder: Holder = {
      sender,
      loose,
      halfBytes: 0,
      wholeBytes: 0,
      hasPlace: false,
      idleLooks: 0,
      bytesAtLook: 0,
    };
    const isWaiting = () => this.#waiting.has(holder);
    return {
      receive: (bytes) => this.#receive(holder, bytes),
      answering: (bytes) => this.#answering(holder, bytes),
      get mustWait() {
        return isWaiting();
      },
    };
  }

  /** A place is as much as a message may be, because its sender must be able to end it. */
  get #freeBytes(): number {
    return this.#maxBytes - this.#placed.size * MAX_BODY_BYTES - this.#wholeBytes;
  }

  #receive(holder: Holder, bytes: number): void {
    if (bytes === holder.halfBytes) return;
    holder.halfBytes = bytes;
    if (bytes === 0) this.#leave(holder);
    else if (!holder.hasPlace) {
      if (bytes > FREE_BYTES && this.#waiting.size === 0 && this.#freeBytes >= MAX_BODY_BYTES) this.#place(holder);
      else {
        if (bytes > FREE_BYTES) this.#wait(holder);
        holder.loose.hold(bytes);
      }
    }
  }

  #answering(holder: Holder, bytes: number): void {
    this.#wholeBytes += bytes - holder.wholeBytes;
    const isMore = bytes > holder.wholeBytes;
    holder.wholeBytes = bytes;
    if (isMore && this.#wholeBytes > this.#maxBytes) this.#wait(holder);
    this.#serveSoon();
  }

  #place(holder: Holder): void {
    holder.hasPlace = true;
    holder.idleLooks = 0;
    holder.bytesAtLook = holder.halfBytes;
    holder.loose.hold(0);
    this.#placed.add(holder);
  }

  #leave(holder: Holder): void {
    holder.loose.hold(0);
    holder.hasPlace = false;
    this.#placed.delete(holder);
    this.#serveSoon();
  }

  #wait(holder: Holder): void {
    if (holder.hasPlace || this.#waiting.has(holder)) return;
    this.#waiting.add(holder);
    holder.sender.pause();
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    this.#serveSoon();
  }

  #giveUp(holder: Holder): void {
    this.#waiting.delete(holder);
    holder.halfBytes = 0;
    this.#leave(holder);
    holder.sender.giveUp();
  }

  /** In a turn of its own: what becomes whole leaves its place before it is told to be answered. */
  #serveSoon(): void {
    if (this.#isServiceDue || this.#waiting.size === 0) return;
    this.#isServiceDue = true;
    setImmediate(() => {
      this.#isServiceDue = false;
      this.#serve();
    });
  }

  #serve(): void {
    let freeBytes = this.#freeBytes;
    for (const holder of this.#waiting) {
      const needed = holder.halfBytes > FREE_BYTES ? MAX_BODY_BYTES : FREE_BYTES;
      // One that has left waits for nothing.
      if (freeBytes < needed && holder.halfBytes + holder.wholeBytes > 0) break;
      freeBytes -= needed;
      this.#waiting.delete(holder);
      if (needed === MAX_BODY_BYTES) this.#place(holder);
      holder.sender.resume();
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Counts looks and no time: one that comes late, because we had no time to read, is one all the same. */
  #look(): void {
    for (const holder of this.#placed) {
      const isIdle = holder.halfBytes - holder.bytesAtLook < LEAST_BYTES_A_LOOK && !holder.sender.isHeldUp();
      holder.bytesAtLook = holder.halfBytes;
      if (isIdle && ++holder.idleLooks >= MAX_IDLE_LOOKS) this.#giveUp(holder);
    }
  }
}
