import type { DatabaseSync } from 'node:sqlite';
import { believedTimes } from '../../../rules/clock.ts';
import { Statements } from '../database/statements.ts';

/** What a clock said so far. */
export interface ClockState {
  /** The latest time of all; none before the first change. */
  readonly highestMs: number | undefined;
  readonly lastMs: number | undefined;
  /** The place of the last change that was dated before the one ahead of it; none while the clock was never set back. */
  readonly setBack: number | undefined;
  /** Whether the times were decided with the clock past everything that it ever said. */
  readonly isPast: boolean;
}

/**
 * When each change was, decided as the changes come. A clock that was set back is believed: what it had said ahead of that
 * lies before it. Once it has come past all that it ever said, the majority decides (`believedTimes`), since then it may as
 * well have fallen behind for a while. Only what a later change contradicts is decided anew: whatever lies before all that
 * came after it stands.
 */
export class ToldTimes {
  #state: ClockState;
  /** The step back from which on something was said that no decision knows yet. */
  #openFrom: number | undefined;
  readonly #statements: Statements;

  constructor(db: DatabaseSync, state: ClockState) {
    this.#statements = new Statements(db);
    this.#state = state;
  }

  get state(): ClockState {
    return this.#state;
  }

  /** Notes what the clock said of the change at a place, which comes behind all others and is told at that time for now. */
  note(place: number, atMs: number): void {
    const { highestMs = Number.NEGATIVE_INFINITY, lastMs = Number.NEGATIVE_INFINITY, setBack, isPast } = this.#state;
    const isSetBack = atMs < lastMs;
    if (setBack !== undefined && isPast !== atMs >= highestMs) this.#openFrom ??= setBack;
    if (isSetBack) this.#openFrom ??= place;
    this.#state = {
      highestMs: Math.max(highestMs, atMs),
      lastMs: atMs,
      setBack: isSetBack ? place : setBack,
      isPast: setBack === undefined && !isSetBack ? true : isPast,
    };
  }

  /** True when `decide` would tell times anew. */
  isOpen(nowMs: number): boolean {
    const { setBack, isPast } = this.#state;
    return this.#openFrom !== undefined || (setBack !== undefined && this.#isPastBy(nowMs) !== isPast);
  }

  /** Tells times anew where what came since, or the clock of now, contradicts them; returns the first place told anew. */
  decide(nowMs: number): number | undefined {
    const { setBack } = this.#state;
    if (!this.isOpen(nowMs) || setBack === undefined) return undefined;
    const isPast = this.#isPastBy(nowMs);
    const from = this.#firstContradicted(this.#openFrom ?? setBack);
    this.#openFrom = undefined;
    this.#state = { ...this.#state, isPast };
    const rows = this.#statements.all<CommittedRow>(COMMITTED, from);
    // Behind the last step back the clock only went on.
    const judged = isPast ? rows.length : setBack + 1 - from;
    const byMs = isPast ? this.#state.highestMs! : rows[judged - 1]!.committed_ms;
    const believed = believedTimes({ length: judged, atMs: (index) => rows[index]!.committed_ms }, byMs);
    let first: number | undefined;
    for (const [index, { place, committed_ms, told_ms }] of rows.entries()) {
      const toldMs = index < judged ? believed[index]! : committed_ms;
      if (toldMs === told_ms) continue;
      first ??= place;
      this.#statements.run(TELL_CHANGE, toldMs, place);
      this.#statements.run(TELL_SESSIONS, toldMs, place, place);
    }
    return first;
  }

  #isPastBy(nowMs: number): boolean {
    const { highestMs, lastMs } = this.#state;
    return Math.max(lastMs!, nowMs) >= highestMs!;
  }

  /** The place before which nothing lies after the change at `setBack`, or after anything that follows. */
  #firstContradicted(setBack: number): number {
    let from = setBack;
    for (;;) {
      const { least } = this.#statements.get<{ least: number }>(LEAST_FROM, from)!;
      const { place } = this.#statements.get<{ place: number | null }>(FIRST_AFTER, least)!;
      if (place === null || place >= from) return from;
      from = place;
    }
  }
}

interface CommittedRow {
  readonly place: number;
  readonly committed_ms: number;
  readonly told_ms: number;
}

const COMMITTED = 'select place, committed_ms, told_ms from change where place >= ? order by place';
const LEAST_FROM = 'select min(+committed_ms) as least from change where place >= ?';
const FIRST_AFTER = 'select min(place) as place from change indexed by change_committed where committed_ms > ?';
const TELL_CHANGE = 'update change set told_ms = ? where place = ?';
const TELL_SESSIONS = `
  update session set told_ms = ?
  where dated = 0 and ordinal >= (select first_ordinal from change where place = ?)
    and ordinal < (select first_ordinal + sessions from change where place = ?)`;
