import { crc32 } from 'node:zlib';
import type { SyncType } from '../../protocol/methods.ts';
import { Column } from './columns.ts';
import { Names } from './names.ts';
import { TimeOrder } from './time-order.ts';

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
  /** The conversation it names; none by default. */
  readonly conversation?: string;
}

/** Sessions as the index holds them, one column each. */
export interface SessionRows {
  readonly line: Uint32Array;
  readonly atMs: Float64Array;
  /** The place in the order of time. */
  readonly orderMs: Float64Array;
  readonly tokens: Float64Array;
  /** Kind and reset; what became of a session later is no part of it. */
  readonly flags: Uint8Array;
  readonly idHash: Uint32Array;
  /** Counted in `conversations`. */
  readonly conversation: Uint32Array;
  readonly conversations: readonly string[];
  /** The latest place in time that the clock gave, up to the last of them. */
  readonly clockMs: number;
}

const KINDS = ['foreign', 'manual', 'auto', 'estimate', 'import', 'correction'] as const;
const KIND_BITS = 0b0111;
const RESET = 0b1000;
const UNDONE = 0b1_0000;
const REMOVED = 0b10_0000;

/** Where every session of the ledger lies: about 55 bytes each, found by id in constant time and listed by time. */
export class SessionIndex {
  readonly #line = new Column((n) => new Uint32Array(n));
  readonly #atMs = new Column((n) => new Float64Array(n));
  readonly #order = new TimeOrder();
  readonly #tokens = new Column((n) => new Float64Array(n));
  readonly #flags = new Column((n) => new Uint8Array(n));
  readonly #idHash = new Column((n) => new Uint32Array(n));
  readonly #conversation = new Column((n) => new Uint32Array(n));
  /** The conversations that sessions name; the empty one stands for none. */
  readonly conversations = new Names();
  /** Open addressing over ordinals + 1; 0 is free. */
  #slots = new Uint32Array(128);
  /** The latest place in time that the clock gave. */
  #clockMs = Number.NEGATIVE_INFINITY;

  get length(): number {
    return this.#line.length;
  }

  add(session: IndexedSession): void {
    // A clock set back must not bury what was recorded last.
    const orderMs = session.dated ? session.atMs : Math.max(session.atMs, this.#clockMs);
    if (!session.dated) this.#clockMs = orderMs;
    this.#line.push(session.line);
    this.#atMs.push(session.atMs);
    this.#order.add(orderMs);
    this.#tokens.push(session.tokens);
    this.#flags.push(KINDS.indexOf(session.kind) | (session.reset ? RESET : 0));
    this.#idHash.push(session.id === undefined ? NO_ID : hashOf(session.id));
    this.#conversation.push(this.conversations.numberOf(session.conversation ?? ''));
    this.#link(this.length - 1);
  }

  /** The sessions from an ordinal on, with lines counted from `firstLine`, as they were added. */
  rowsFrom(first: number, firstLine: number): SessionRows {
    const names = new Names();
    return {
      line: this.#line.from(first).map((line) => line - firstLine),
      atMs: this.#atMs.from(first),
      orderMs: this.#order.from(first),
      tokens: this.#tokens.from(first),
      flags: this.#flags.from(first).map((flags) => flags & (KIND_BITS | RESET)),
      idHash: this.#idHash.from(first),
      conversation: this.#conversation.from(first).map((name) => names.numberOf(this.conversations.textOf(name))),
      conversations: names.texts,
      clockMs: this.#clockMs,
    };
  }

  /** Adds what `rowsFrom` gave behind what is there. */
  addRows({ line, conversation, conversations, clockMs, ...rows }: SessionRows, firstLine: number): void {
    const first = this.length;
    const numbers = conversations.map((name) => this.conversations.numberOf(name));
    this.#line.append(line.map((number) => number + firstLine));
    this.#atMs.append(rows.atMs);
    for (const orderMs of rows.orderMs) this.#order.add(orderMs);
    this.#tokens.append(rows.tokens);
    this.#flags.append(rows.flags);
    this.#idHash.append(rows.idHash);
    this.#conversation.append(conversation.map((name) => numbers[name]!));
    this.#clockMs = clockMs;
    for (let ordinal = first; ordinal < this.length; ordinal++) this.#link(ordinal);
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
    return this.#order.atMs(ordinal);
  }

  tokensOf(ordinal: number): number {
    return this.#tokens.at(ordinal);
  }

  kindOf(ordinal: number): SyncType | 'foreign' {
    return KINDS[this.#flags.at(ordinal) & KIND_BITS]!;
  }

  /** The number, in `conversations`, of the one that the session names. */
  conversationOf(ordinal: number): number {
    return this.#conversation.at(ordinal);
  }

  isReset(ordinal: number): boolean {
    return (this.#flags.at(ordinal) & RESET) !== 0;
  }

  /** How many sessions lie at or before a place in time; the sessions of one instant are ordered by ordinal. */
  rankOf(orderMs: number, ordinal: number): number {
    return this.#order.rankOf(orderMs, ordinal);
  }

  /** The ordinal at a rank, counted from the oldest. */
  byTime(rank: number): number {
    return this.#order.ordinalAt(rank);
  }

  #link(ordinal: number): void {
    if ((ordinal + 1) * 2 > this.#slots.length) this.#regrow(ordinal);
    if (this.#idHash.at(ordinal) === NO_ID) return;
    const mask = this.#slots.length - 1;
    let slot = this.#idHash.at(ordinal) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = ordinal + 1;
  }

  /** Makes room for twice as many, and links the first of them anew. */
  #regrow(count: number): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let ordinal = 0; ordinal < count; ordinal++) this.#link(ordinal);
  }
}

/** Stands where a session of another program has no id. */
const NO_ID = 0;

function hashOf(id: string): number {
  return crc32(id) || 1;
}
