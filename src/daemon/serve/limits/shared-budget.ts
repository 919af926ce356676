/** Bytes of one kind that all peers together may leave in our memory, so that many of them cannot do what one may not. */
export const MAX_SHARED_BYTES = 64 * 1024 * 1024;

/** A peer's part of what all may hold. */
export interface Share {
  /** Tells how much it holds by now; 0 for nothing. */
  hold(bytes: number): void;
}

/**
 * Gives the memory of pieces back at once, which a collection of garbage would do too late while others go on sending; no
 * one else may have a hand on them. A piece that shares its memory with others stays as it is.
 */
export function giveBack(pieces: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of pieces) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0) buffer.transfer(0);
  }
}

interface Holder {
  bytes: number;
  /** Since when it has held so much, and what it had cost until then: bytes times milliseconds. */
  sinceMs: number;
  cost: number;
  readonly giveUp: () => void;
}

/**
 * A bound for all peers together. Above it the holder of most for longest gives its bytes up: a peer that begins and never
 * ends, not one that is just sending much or reading slowly. A single holder may hold any amount.
 */
export class SharedBudget {
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #holders = new Set<Holder>();
  #heldBytes = 0;

  constructor(maxBytes = MAX_SHARED_BYTES, now = () => performance.now()) {
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** A share for a peer that holds nothing yet; `giveUp` is called when it must, and counts no more from then on. */
  share(giveUp: () => void): Share {
    const holder: Holder = { bytes: 0, sinceMs: 0, cost: 0, giveUp };
    return { hold: (bytes) => this.#hold(holder, bytes) };
  }

  #hold(holder: Holder, bytes: number): void {
    if (bytes === holder.bytes) return;
    this.#set(holder, bytes);
    while (this.#heldBytes > this.#maxBytes && this.#holders.size > 1) {
      const costliest = this.#costliest();
      this.#set(costliest, 0);
      costliest.giveUp();
    }
  }

  #set(holder: Holder, bytes: number): void {
    const nowMs = this.#now();
    holder.cost = holder.bytes === 0 ? 0 : costOf(holder, nowMs);
    holder.sinceMs = nowMs;
    this.#heldBytes += bytes - holder.bytes;
    holder.bytes = bytes;
    if (bytes === 0) this.#holders.delete(holder);
    else this.#holders.add(holder);
  }

  #costliest(): Holder {
    const nowMs = this.#now();
    let most = -1;
    let costliest: Holder | undefined;
    for (const holder of this.#holders) {
      const cost = costOf(holder, nowMs);
      if (cost <= most) continue;
      most = cost;
      costliest = holder;
    }
    return costliest!;
  }
}

function costOf({ cost, bytes, sinceMs }: Holder, nowMs: number): number {
  return cost + bytes * (nowMs - sinceMs);
}
