import type { SyncType } from '../../../protocol/methods.ts';
import type { ChangeClock } from './change-clock.ts';
import { Column, type Packed } from './columns/columns.ts';
import { HashSlots, hashOf, NO_HASH } from './columns/hash-slots.ts';
import { Names } from './columns/names.ts';
import { TimeOrder } from './columns/time-order.ts';

/** What the index knows of one session without a look at the disk. */
export interface IndexedSession {
  readonly id: string | undefined;
  /** The line of the ledger that holds it. */
  readonly line: number;
  /** The place of its change, which gives it the time unless it has one of its own. */
  readonly change: number;
  readonly atMs: number;
  /** True when the time was named by the caller or comes from another program, so that it may lie in the past, or ahead. */
  readonly dated: boolean;
  /** What it counts as consumption. */
  readonly counted: number;
  /** How far it moved `used` without any; 0 by default. */
  readonly setAside?: number;
  readonly kind: SyncType | 'foreign';
  readonly reset: boolean;
  /** The conversation it names; none by default. */
  readonly conversation?: string;
}

/** Sessions as the index holds them, one column each. */
export interface SessionRows {
  readonly line: Packed;
  readonly changeAhead: Packed;
  /** The place in the order of time. */
  readonly orderMs: Packed;
  readonly movedMs: Packed;
  readonly counted: Packed;
  readonly setAside: Packed;
  /** Kind, reset and dated; what became of a session later is no part of it. */
  readonly flags: Packed;
  readonly idHash: Packed;
  /** Counted in `conversations`. */
  readonly conversation: Packed;
  readonly conversations: readonly string[];
}

/** Half of what a sum may be: what other programs count beyond it is no figure, and counts nothing. */
const MOST_FOREIGN_TOKENS = 2 ** 52;

const KINDS = ['foreign', 'manual', 'auto', 'estimate', 'import', 'correction'] as const;
const KIND_BITS = 0b0111;
const RESET = 0b1000;
const UNDONE = 0b1_0000;
const REMOVED = 0b10_0000;
const DATED = 0b100_0000;
const WAS_AWAY = 0b1000_0000;

/** Where every session of the ledger lies: 18 to 42 bytes each, found by id in constant time and listed by time. */
export class SessionIndex {
  readonly #line = new Column();
  /** How far the place of its change is ahead of its own ordinal: mostly the same for all. */
  readonly #changeAhead = new Column();
  readonly #order = new TimeOrder();
  /** How far the place in the order of time lies behind the session's own: 0 unless the clock was set back. */
  readonly #movedMs = new Column();
  readonly #counted = new Column();
  readonly #setAside = new Column();
  readonly #flags = new Column();
  readonly #idHash = new Column();
  readonly #conversation = new Column();
  /** The conversations that sessions name; the empty one stands for none. */
  readonly conversations = new Names();
  readonly #ids = new HashSlots((ordinal) => this.#idHash.at(ordinal));
  #foreignTokens = 0;
  readonly #clock: ChangeClock;

  /** `clock` knows the change of each session before the session is added. */
  constructor(clock: ChangeClock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#line.length;
  }

  add(session: IndexedSession): void {
    // A clock set back must not bury what was recorded last.
    const orderMs = session.dated ? session.atMs : Math.max(session.atMs, this.#clock.highestMs);
    this.#line.push(session.line);
    this.#changeAhead.push(session.change - this.#order.length);
    this.#order.add(orderMs);
    this.#movedMs.push(orderMs - session.atMs);
    this.#counted.push(session.kind === 'foreign' ? this.#countForeign(session.counted) : session.counted);
    this.#setAside.push(session.setAside ?? 0);
    this.#flags.push(KINDS.indexOf(session.kind) | (session.reset ? RESET : 0) | (session.dated ? DATED : 0));
    this.#idHash.push(session.id === undefined ? NO_HASH : hashOf(session.id));
    this.#conversation.push(this.conversations.numberOf(session.conversation ?? ''));
  }

  /** Nobody can take back what another program counts, so it must not keep our own sums from being told. */
  #countForeign(tokens: number): number {
    const counted = this.#foreignTokens + tokens > MOST_FOREIGN_TOKENS ? 0 : tokens;
    this.#foreignTokens += counted;
    return counted;
  }

  /** The sessions from an ordinal on, with lines counted from `firstLine`, as they were added. */
  rowsFrom(first: number, firstLine: number): SessionRows {
    const names = new Names();
    return {
      line: this.#line.from(first, (line) => line - firstLine),
      changeAhead: this.#changeAhead.from(first),
      orderMs: this.#order.from(first),
      movedMs: this.#movedMs.from(first),
      counted: this.#counted.from(first),
      setAside: this.#setAside.from(first),
      flags: this.#flags.from(first, (flags) => flags & (KIND_BITS | RESET | DATED)),
      idHash: this.#idHash.from(first),
      conversation: this.#conversation.from(first, (name) => names.numberOf(this.conversations.textOf(name))),
      conversations: names.texts,
    };
  }

  /** Adds what `rowsFrom` gave behind what is there. */
  addRows({ line, conversation, conversations, ...rows }: SessionRows, firstLine: number): void {
    const numbers = conversations.map((name) => this.conversations.numberOf(name));
    this.#line.append({ ...line, base: line.base + firstLine });
    this.#changeAhead.append(rows.changeAhead);
    this.#order.append(rows.orderMs);
    this.#movedMs.append(rows.movedMs);
    const added = this.#counted.length;
    this.#counted.append(rows.counted);
    this.#setAside.append(rows.setAside);
    this.#flags.append(rows.flags);
    for (let ordinal = added; ordinal < this.length; ordinal++) {
      if (this.kindOf(ordinal) === 'foreign') this.#foreignTokens += this.countedOf(ordinal);
    }
    this.#idHash.append(rows.idHash);
    for (const name of conversation.values) this.#conversation.push(numbers[conversation.base + name]!);
  }

  /** Readies the search by id, which the first reading after a start would wait for: 45 ms for a million sessions. */
  linkIds(): void {
    this.#ids.linkUpTo(this.length);
  }

  /** The ordinals whose id may be `id`; the ledger's line decides. */
  candidates(id: string): number[] {
    return this.#ids.candidates(hashOf(id), this.length);
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
    this.#flags.set(ordinal, isRemoved ? flags | REMOVED | WAS_AWAY : flags & ~REMOVED);
  }

  /** An edit let the session fall off the end of the state file: it counts on. */
  markAway(ordinal: number): void {
    this.#flags.set(ordinal, this.#flags.at(ordinal) | WAS_AWAY);
  }

  /** Whether an edit ever took it out of the state file, though it may have come back. */
  wasAway(ordinal: number): boolean {
    return (this.#flags.at(ordinal) & WAS_AWAY) !== 0;
  }

  isRemoved(ordinal: number): boolean {
    return (this.#flags.at(ordinal) & REMOVED) !== 0;
  }

  lineOf(ordinal: number): number {
    return this.#line.at(ordinal);
  }

  /** The place of its change. */
  changeOf(ordinal: number): number {
    return this.#changeAhead.at(ordinal) + ordinal;
  }

  /** The session's own time. */
  atMs(ordinal: number): number {
    return this.#order.atMs(ordinal) - this.#movedMs.at(ordinal);
  }

  /** When each session was: what a caller dated is taken as it is, any other is of the time that its change is believed to be of. */
  times(nowMs: number): (ordinal: number) => number {
    const timeOf = this.#clock.times(nowMs);
    return (ordinal) => (this.isDated(ordinal) ? this.atMs(ordinal) : timeOf(this.changeOf(ordinal)));
  }

  /** The session's place in the order of time: its own time, unless the clock was set back before it. */
  orderMs(ordinal: number): number {
    return this.#order.atMs(ordinal);
  }

  /** What it counts as consumption, unless it was undone. */
  countedOf(ordinal: number): number {
    return this.#counted.at(ordinal);
  }

  /** A later reading or an undo made it count something else. */
  setCounted(ordinal: number, counted: number): void {
    this.#counted.set(ordinal, counted);
  }

  /** How far it moved `used` without consumption. */
  setAsideOf(ordinal: number): number {
    return this.#setAside.at(ordinal);
  }

  kindOf(ordinal: number): SyncType | 'foreign' {
    return KINDS[this.#flags.at(ordinal) & KIND_BITS]!;
  }

  /** The number, in `conversations`, of the one that the session names. */
  conversationOf(ordinal: number): number {
    return this.#conversation.at(ordinal);
  }

  /** True when the caller named the time, or another program did. */
  isDated(ordinal: number): boolean {
    return (this.#flags.at(ordinal) & DATED) !== 0;
  }

  /** The time that the caller or another program named, if one did. */
  datedMs(ordinal: number | undefined): number | undefined {
    return ordinal !== undefined && this.isDated(ordinal) ? this.atMs(ordinal) : undefined;
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
}
