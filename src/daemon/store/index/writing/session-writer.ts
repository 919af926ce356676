import type { DatabaseSync } from 'node:sqlite';
import type { SessionsPatch } from '../../../rules/change.ts';
import type { Outcome } from '../../../rules/figures/fold.ts';
import { foreign, idOf, indexedFields, type SessionSource, sessionFrom } from '../../ledger/ledger-session.ts';
import { idOfKey } from '../../state-file/document.ts';
import type { Known } from '../database/position.ts';
import { INSERT_SESSION, valuesOf } from '../database/session-rows.ts';
import { Statements } from '../database/statements.ts';
import { keyText } from '../database/stored-text.ts';
import { type BlockKeeper, sessionBlocks } from './blocks.ts';
import { Ids } from './ids.ts';

/** What is known of the change that brings sessions. */
export interface OfChange {
  readonly place: number;
  readonly committedMs: number;
  /** The latest time that the clock ever said. */
  readonly highestMs: number;
}

/** Half of what a sum may be: what other programs count beyond it is no figure, and counts nothing. */
const MOST_FOREIGN_TOKENS = 2 ** 52;

const NO_OUTCOME = { counted: 0, setAside: 0, flags: {} as Outcome['flags'] };

/** Names whose numbers are held in memory. */
const KNOWN_CONVERSATIONS = 4_096;

/** Writes sessions, and what becomes of them later. */
export class SessionWriter {
  readonly ids: Ids;
  readonly blocks: BlockKeeper;
  readonly #statements: Statements;
  readonly #conversations = new Map<string, number>();
  #length: number;
  #foreignTokens: number;
  #countedTokens: number;

  /** Goes on behind what there is. */
  constructor(
    db: DatabaseSync,
    { sessions: length, foreignTokens, countedTokens }: Pick<Known, 'sessions' | 'foreignTokens' | 'countedTokens'>,
  ) {
    this.#statements = new Statements(db);
    this.#length = length;
    this.#foreignTokens = foreignTokens;
    this.#countedTokens = countedTokens;
    this.ids = new Ids(db, length);
    this.blocks = sessionBlocks(db, length);
  }

  get length(): number {
    return this.#length;
  }

  get foreignTokens(): number {
    return this.#foreignTokens;
  }

  /** The sum of what the sessions count that stand. */
  get countedTokens(): number {
    return this.#countedTokens;
  }

  /** Adds the next session, with what it comes to by the rules. */
  add(source: SessionSource, outcome: Outcome | undefined, { place, committedMs, highestMs }: OfChange): void {
    const { counted: folded, setAside: aside, flags } = outcome ?? NO_OUTCOME;
    const session = sessionFrom(source);
    const fields = indexedFields(session, { counted: folded, setAside: aside, reset: flags.reset === true });
    const { id, atMs, dated, counted, setAside = 0, kind, reset, conversation = '' } = fields;
    const ordinal = this.#length++;
    const tokens = kind === 'foreign' ? this.#countForeign(counted) : counted;
    this.#countedTokens += tokens;
    const values = valuesOf(session, {
      ordinal,
      place,
      // A clock set back must not bury what was recorded last.
      order_ms: dated ? atMs : Math.max(atMs, highestMs),
      told_ms: dated ? atMs : committedMs,
      counted: tokens,
      set_aside: setAside,
      conversation: this.#conversationOf(conversation),
      kind,
      dated: dated ? 1 : 0,
      id,
      at_ms: atMs,
      began_anew: reset ? 1 : 0,
    });
    this.#statements.run(INSERT_SESSION, ...values);
    if (id !== undefined) this.ids.add(id, ordinal);
  }

  undo(ordinal: number): void {
    const { undone, before } = this.#countOf(ordinal);
    if (undone === 0) this.#countedTokens -= before;
    this.#statements.run(UNDO, ordinal);
    this.blocks.touch(ordinal);
  }

  /** A later reading or an undo made it count something else. */
  recount(id: string, counted: number): void {
    const ordinal = this.ids.ordinalOf(id);
    if (ordinal === undefined) return;
    const { undone, before } = this.#countOf(ordinal);
    if (undone === 0) this.#countedTokens += counted - before;
    this.#statements.run(RECOUNT, counted, ordinal);
    this.blocks.touch(ordinal);
  }

  /** An edit took sessions with ids out of the state file, changed them there, or brought them back. */
  noteEdit({ removed, left = [], changed, added }: SessionsPatch): void {
    for (const key of removed) this.#mark(REMOVE, idOfKey(key));
    for (const key of left) this.#mark(LEAVE, idOfKey(key));
    for (const [key, json] of changed) {
      const was = idOfKey(key);
      // Under this id it stands in the file no more, so that it may come back under it.
      if (was !== idOf(foreign(json))) this.#mark(REMOVE, was);
      else this.#mark(EDITED, was, json);
    }
    for (const { json, restored } of added) {
      if (!restored) continue;
      const id = idOf(foreign(json));
      this.#mark(RESTORE, id);
      this.#mark(EDITED, id, json);
    }
  }

  /** The time that the caller or another program named, if one did. */
  datedMs(id: string): number | undefined {
    const ordinal = this.ids.ordinalOf(id);
    if (ordinal === undefined) return undefined;
    return this.#statements.get<{ at_ms: number }>(DATED_MS, ordinal)?.at_ms;
  }

  /** Nobody can take back what another program counts, so it must not keep our own sums from being told. */
  #countForeign(tokens: number): number {
    const counted = this.#foreignTokens + tokens > MOST_FOREIGN_TOKENS ? 0 : tokens;
    this.#foreignTokens += counted;
    return counted;
  }

  #conversationOf(name: string): number {
    const known = this.#conversations.get(name);
    if (known !== undefined) return known;
    const key = keyText(name);
    this.#statements.run(INSERT_CONVERSATION, key);
    const { number } = this.#statements.get<{ number: number }>(CONVERSATION, key)!;
    if (this.#conversations.size >= KNOWN_CONVERSATIONS) this.#conversations.clear();
    this.#conversations.set(name, number);
    return number;
  }

  #countOf(ordinal: number): { readonly undone: number; readonly before: number } {
    return this.#statements.get<{ undone: number; before: number }>(COUNT, ordinal)!;
  }

  #mark(sql: string, id: string | undefined, ...values: readonly string[]): void {
    const ordinal = id === undefined ? undefined : this.ids.ordinalOf(id);
    if (ordinal !== undefined) this.#statements.run(sql, ordinal, ...values);
  }
}

const INSERT_CONVERSATION = 'insert or ignore into conversation (name) values (?)';
const CONVERSATION = 'select number from conversation where name = ?';
const DATED_MS = 'select at_ms from session where ordinal = ? and dated = 1';
const COUNT = 'select undone, counted as before from session where ordinal = ?';
const RECOUNT = 'update session set counted = ? where ordinal = ?';
const UNDO = 'update session set undone = 1 where ordinal = ?';
const REMOVE = 'update session set removed = 1, away = 1 where ordinal = ?';
const LEAVE = 'update session set away = 1 where ordinal = ?';
const RESTORE = 'update session set removed = 0 where ordinal = ?';
const EDITED = 'insert or replace into edited_session (ordinal, json) values (?, ?)';
