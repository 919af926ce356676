import { crc32 } from 'node:zlib';
import type { SyncType } from '../../protocol/methods.ts';
import { Column } from './columns.ts';

/** What the index knows of one session without a look at the disk. */
export interface IndexedSession {
  readonly id: string | undefined;
  /** The line of the ledger that holds it. */
  readonly line: number;
  readonly atMs: number;
  /** True when the time was named by the caller or comes from another program, so that it may lie in the past, or ahead. */
  readonly dated: boolean;
  readonly tokens: number;
  readonly kind: SyncType | 'foreign';
  readonly reset: boolean;
}

const KINDS = ['foreign', 'manual', 'auto', 'estimate', 'import', 'correction'] as const;
const KIND_BITS = 0b0111;
const RESET = 0b1000;
const UNDONE = 0b1_0000;
const REMOVED = 0b10_0000;

/** Where every session of the ledger lies: about 50 bytes each, found by id in constant time and listed by time. */
export class SessionIndex {
  readonly #line = new Column((n) => new Uint32Array(n));
  readonly #atMs = new Column((n) => new Float64Array(n));
  readonly #orderMs = new Column((n) => new Float64Array(n));
  readonly #tokens = new Column((n) => new Float64Array(n));
  readonly #flags = new Column((n) => new Uint8Array(n));
  readonly #idHash = new Column((n) => new Uint32Array(n));
  /** Open addressing over ordinals + 1; 0 is free. */
  #slots = new Uint32Array(128);
  /** The latest place in time that the clock gave, and the latest of all. */
  #clockMs = Number.NEGATIVE_INFINITY;
  #newestMs = Number.NEGATIVE_INFINITY;
  /** Ordinals by place in time, as far as they were sorted; not used while both agree, which they do until past sessions are added. */
  #byTime = new Uint32Array(0);
  #isInOrder = true;

  get length(): number {
    return this.#line.length;
  }

  add(session: IndexedSession): void {
    const ordinal = this.length;
    // A clock set back must not bury what was recorded last.
    const orderMs = session.dated ? session.atMs : Math.max(session.atMs, this.#clockMs);
    if (!session.dated) this.#clockMs = orderMs;
    if (orderMs < this.#newestMs) this.#isInOrder = false;
    this.#newestMs = Math.max(this.#newestMs, orderMs);
    this.#line.push(session.line);
    this.#atMs.push(session.atMs);
    this.#orderMs.push(orderMs);
    this.#tokens.push(session.tokens);
    this.#flags.push(KINDS.indexOf(session.kind) | (session.reset ? RESET : 0));
    this.#idHash.push(session.id === undefined ? 0 : hashOf(session.id));
    if (session.id !== undefined) this.#link(ordinal);
  }

  /** The ordinals whose id may be `id`; the ledger's line decides. */
  *candidates(id: string): Generator<number> {
    const hash = hashOf(id);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const ordinal = this.#slots[slot]! - 1;
      if (this.#idHash.at(ordinal) === hash) yield ordinal;
    }
  }

  markUndone(ordinal: number): void {
    this.#flags.set(ordinal, this.#flags.at(ordinal) | UNDONE);
  }

  isUndone(ordinal: number): boolean {
    return (this.#flags.at(ordinal) & UNDONE) !== 0;
  }

  /** An edit of the state file took the session out of it, or put it back. */
  markRemoved(ordinal: number, isRemoved: boolean): void {
    const flags = this.#flags.at(ordinal);
    this.#flags.set(ordinal, isRemoved ? flags | REMOVED : flags & ~REMOVED);
  }

  isRemoved(ordinal: number): boolean {
    return (this.#flags.at(ordinal) & REMOVED) !== 0;
  }

  /** The last reading of ours that has not been undone. */
  lastReading(): number | undefined {
    for (let ordinal = this.length - 1; ordinal >= 0; ordinal--) {
      if (this.kindOf(ordinal) !== 'foreign' && !this.isUndone(ordinal)) return ordinal;
    }
    return undefined;
  }

  lineOf(ordinal: number): number {
    return this.#line.at(ordinal);
  }

  /** The session's own time. */
  atMs(ordinal: number): number {
    return this.#atMs.at(ordinal);
  }

  /** The session's place in the order of time: its own time, unless the clock was set back before it. */
  orderMs(ordinal: number): number {
    return this.#orderMs.at(ordinal);
  }

  tokensOf(ordinal: number): number {
    return this.#tokens.at(ordinal);
  }

  kindOf(ordinal: number): SyncType | 'foreign' {
    return KINDS[this.#flags.at(ordinal) & KIND_BITS]!;
  }

  isReset(ordinal: number): boolean {
    return (this.#flags.at(ordinal) & RESET) !== 0;
  }

  /** How many sessions lie at or before a place in time; the sessions of one instant are ordered by ordinal. */
  rankOf(orderMs: number, ordinal: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.byTime(middle);
      const otherMs = this.orderMs(other);
      if (otherMs < orderMs || (otherMs === orderMs && other <= ordinal)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The ordinal at a rank, counted from the oldest. */
  byTime(rank: number): number {
    if (this.#isInOrder) return rank;
    if (this.#byTime.length < this.length) this.#sortIn();
    return this.#byTime[rank]!;
  }

  /** Merges what was added since the last time into what is sorted, so that one more session costs no sorting of all. */
  #sortIn(): void {
    const sorted = this.#byTime;
    const compare = (a: number, b: number) => this.orderMs(a) - this.orderMs(b) || a - b;
    const added = Uint32Array.from({ length: this.length - sorted.length }, (_, index) => sorted.length + index);
    added.sort(compare);
    const merged = new Uint32Array(this.length);
    let left = 0;
    let right = 0;
    for (let rank = 0; rank < merged.length; rank++) {
      const takesLeft = right === added.length || (left < sorted.length && compare(sorted[left]!, added[right]!) < 0);
      merged[rank] = takesLeft ? sorted[left++]! : added[right++]!;
    }
    this.#byTime = merged;
  }

  #link(ordinal: number): void {
    if ((ordinal + 1) * 2 > this.#slots.length) this.#regrow();
    const mask = this.#slots.length - 1;
    let slot = this.#idHash.at(ordinal) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = ordinal + 1;
  }

  #regrow(): void {
    const linked = this.#slots.filter((value) => value !== 0).sort();
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (const value of linked) this.#link(value - 1);
  }
}

function hashOf(id: string): number {
  return crc32(id);
}
