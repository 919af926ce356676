import type { DatabaseSync } from 'node:sqlite';
import type { LedgerChange, SessionsPatch } from '../../rules/change.ts';
import type { Outcome } from '../../rules/figures/fold.ts';
import { EMPTY } from '../../rules/snapshot.ts';
import { type BatchLine, type CheckpointLine, isCheckpoint, revisionIn } from '../ledger/ledger-line.ts';
import { LedgerLosses } from '../ledger/ledger-losses.ts';
import type { ScannedLine } from '../ledger/ledger-scan.ts';
import { foreign, idOf, indexedFields, sessionFrom, sessionsOf } from '../ledger/ledger-session.ts';
import { idOfKey } from '../state-file/document.ts';
import { namesTotal } from '../state-file/named-total.ts';
import { touchesNameless } from '../state-file/nameless.ts';
import { type BlockKeeper, changeBlocks, sessionBlocks } from './blocks.ts';
import { CountStarts } from './count-starts.ts';
import { datedRises } from './dated-rises.ts';
import { Ids } from './ids.ts';
import { type Position, readPosition, savePosition } from './position.ts';
import { LATE_INDICES } from './schema.ts';
import { INSERT_SESSION, valuesOf } from './session-rows.ts';
import { Statements } from './statements.ts';
import { ToldTimes } from './told-times.ts';

/** A line of the ledger to be taken in. */
export interface LineToTake {
  readonly scanned: ScannedLine;
  /** The number of the segment that it lies in. */
  readonly segment: number;
  readonly figures: LineFigures;
}

/** What the ledger comes to by the rules; asked once for each line, when everything before it is in. */
export interface LineFigures {
  begin(line: CheckpointLine): void;
  /** The outcome of a change by session; `index` is its place in its line. */
  add(change: LedgerChange, index: number): readonly Outcome[];
}

/** Half of what a sum may be: what other programs count beyond it is no figure, and counts nothing. */
const MOST_FOREIGN_TOKENS = 2 ** 52;

const NO_OUTCOME = { counted: 0, setAside: 0, flags: {} as Outcome['flags'] };

/** Takes the ledger's lines into the history, in their order; nothing else writes to it. */
export class HistoryWriter {
  readonly #db: DatabaseSync;
  readonly #ids: Ids;
  readonly #told: ToldTimes;
  readonly #countStarts: CountStarts;
  readonly #changeBlocks: BlockKeeper;
  readonly #sessionBlocks: BlockKeeper;
  readonly #statements: Statements;
  readonly #conversations = new Map<string, number>();
  readonly #losses: LedgerLosses;
  #position: Position | undefined;
  #changes: number;
  #sessions: number;
  #revision: number;
  #used: number;
  #total: number | undefined;
  #isTotalNamed: boolean;
  #foreignTokens: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#statements = new Statements(db);
    const known = readPosition(db);
    this.#position = known.position;
    this.#changes = known.changes;
    this.#sessions = known.sessions;
    this.#revision = known.revision;
    this.#used = known.used;
    this.#total = known.total;
    this.#isTotalNamed = known.isTotalNamed;
    this.#foreignTokens = known.foreignTokens;
    this.#losses = new LedgerLosses(known.lost, known.reached);
    this.#told = new ToldTimes(db, known.clock);
    this.#ids = new Ids(db, known.sessions);
    this.#countStarts = new CountStarts(db);
    this.#changeBlocks = changeBlocks(db, known.changes);
    this.#sessionBlocks = sessionBlocks(db, known.sessions);
  }

  /** Where the last line lies that was taken in; `undefined` before the first. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** The revision of the last change. */
  get revision(): number {
    return this.#revision;
  }

  /** How many changes the ledger is known to lack. */
  get lost(): number {
    return this.#losses.lost;
  }

  get isTotalNamed(): boolean {
    return this.#isTotalNamed;
  }

  /** Takes the next lines in, all or, where SQLite throws, none; `fingerprintOf` tells a segment that is closed from another. */
  takeIn(lines: readonly LineToTake[], nowMs: number, fingerprintOf: (segment: number) => string): void {
    this.#inTransaction(() => {
      for (const line of lines) this.#takeIn(line, fingerprintOf);
      this.#decide(nowMs);
      this.#changeBlocks.keepUpTo(this.#changes);
      this.#sessionBlocks.keepUpTo(this.#sessions);
      this.#savePosition();
    });
  }

  /** Tells times anew where the clock of now contradicts what was told. */
  tellBy(nowMs: number): void {
    if (!this.#told.isOpen(nowMs)) return;
    this.#inTransaction(() => {
      this.#decide(nowMs);
      this.#changeBlocks.keepUpTo(this.#changes);
      this.#sessionBlocks.keepUpTo(this.#sessions);
      this.#savePosition();
    });
  }

  /** Readies the search by id, which a history that is filled from nothing lacks at first; `finish` readies the rest. */
  indexIds(): void {
    this.#ids.index();
  }

  /** Makes the indices that a history which is filled from nothing lacks at first. */
  finish(): void {
    this.indexIds();
    this.#db.exec(LATE_INDICES.time);
  }

  #takeIn(taken: LineToTake, fingerprintOf: (segment: number) => string): void {
    const { scanned, segment } = taken;
    const { line, start, end, crc } = scanned;
    if (segment !== this.#position?.segment) this.#beginSegment(segment, fingerprintOf);
    if (isCheckpoint(line)) {
      taken.figures.begin(line);
      this.#takeCheckpoint(line);
    } else this.#takeBatch(line, { segment, start, bytes: end - start }, taken.figures);
    this.#position = { segment, start, end, crc };
  }

  #beginSegment(segment: number, fingerprintOf: (segment: number) => string): void {
    const closed = this.#position?.segment;
    if (closed !== undefined) this.#statements.run(CLOSE_SEGMENT, fingerprintOf(closed), closed);
    this.#statements.run(BEGIN_SEGMENT, segment, this.#changes);
  }

  #takeCheckpoint({ checkpoint, lost = 0 }: CheckpointLine): void {
    this.#losses.noteState(checkpoint.revision);
    this.#losses.add(lost);
  }

  #takeBatch({ changes }: BatchLine, place: Place, figures: LineFigures): void {
    this.#losses.noteChanges(changes[0]!.revision, changes.at(-1)!.revision);
    for (const [index, change] of changes.entries()) this.#takeChange(change, place, figures.add(change, index));
  }

  #takeChange(change: LedgerChange, place: Place, outcomes: readonly Outcome[]): void {
    const committedMs = Date.parse(change.committed_at);
    const [number, first, before] = [this.#changes++, this.#sessions, this.#used];
    const rises = datedRises(change, before, (id) => this.#datedMs(id));
    // Nobody but a person or another program brings about another budget than the default.
    const isOtherTotal = change.total !== 0 && change.total !== EMPTY.total;
    this.#isTotalNamed ||= isOtherTotal || namesTotal(change, this.#total);
    const undone = change.kind === 'undo' ? this.#ids.ordinalOf(change.undone) : undefined;
    const sessions = sessionsOf(change);
    const edit = change.kind === 'edit' ? change : undefined;
    this.#statements.run(
      INSERT_CHANGE,
      ...[number, change.revision, change.kind, committedMs, committedMs, change.used, change.total],
      ...[change.kind === 'reading' ? change.reading.before : before, first, sessions.length],
      ...[place.segment, place.start, place.bytes],
      ...[change.kind === 'undo' ? change.id : null, undone ?? null],
      edit?.from === undefined ? null : (revisionIn(edit.from) ?? null),
      edit && touchesNameless(edit.sessions) ? 1 : null,
    );
    for (const { fromMs, tokens } of rises) this.#statements.run(INSERT_RISE, fromMs, number, tokens);
    this.#told.note(number, committedMs);
    if (undone !== undefined) this.#mark(UNDO, undone);
    for (const [index, source] of sessions.entries()) {
      const { counted, setAside, flags } = outcomes[index] ?? NO_OUTCOME;
      this.#addSession(source, { counted, setAside, reset: flags.reset === true }, number, committedMs);
    }
    for (const { id, counted } of outcomes.flatMap(({ touched }) => touched)) this.#recount(id, counted);
    if (edit) this.#markRemovals(edit.sessions);
    this.#countStarts.note(change, before, this.#sessions);
    this.#revision = change.revision;
    this.#used = change.used;
    this.#total = change.total;
  }

  #addSession(
    source: Parameters<typeof sessionFrom>[0],
    folded: Parameters<typeof indexedFields>[1],
    place: number,
    committedMs: number,
  ): void {
    const session = sessionFrom(source);
    const { id, atMs, dated, counted, setAside = 0, kind, reset, conversation = '' } = indexedFields(session, folded);
    const ordinal = this.#sessions++;
    this.#statements.run(
      INSERT_SESSION,
      ...valuesOf(session, {
        ordinal,
        place,
        // A clock set back must not bury what was recorded last.
        order_ms: dated ? atMs : Math.max(atMs, this.#told.state.highestMs!),
        told_ms: dated ? atMs : committedMs,
        counted: kind === 'foreign' ? this.#countForeign(counted) : counted,
        set_aside: setAside,
        conversation: this.#conversationOf(conversation),
        kind,
        dated: dated ? 1 : 0,
        id,
        at_ms: atMs,
        began_anew: reset ? 1 : 0,
      }),
    );
    if (id !== undefined) this.#ids.add(id, ordinal);
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
    this.#statements.run(INSERT_CONVERSATION, name);
    const { number } = this.#statements.get<{ number: number }>(CONVERSATION, name)!;
    if (this.#conversations.size >= KNOWN_CONVERSATIONS) this.#conversations.clear();
    this.#conversations.set(name, number);
    return number;
  }

  #datedMs(id: string): number | undefined {
    const ordinal = this.#ids.ordinalOf(id);
    if (ordinal === undefined) return undefined;
    return this.#statements.get<{ at_ms: number }>(DATED_MS, ordinal)?.at_ms;
  }

  #recount(id: string, counted: number): void {
    const ordinal = this.#ids.ordinalOf(id);
    if (ordinal === undefined) return;
    this.#statements.run(RECOUNT, counted, ordinal);
    this.#sessionBlocks.touch(ordinal);
  }

  /** An edit took sessions out of the state file, or brought them back. */
  #markRemovals({ removed, left = [], changed, added }: SessionsPatch): void {
    for (const key of removed) this.#markById(REMOVE, idOfKey(key));
    for (const key of left) this.#markById(LEAVE, idOfKey(key));
    for (const [key, json] of changed) {
      const was = idOfKey(key);
      // Under this id it stands in the file no more, so that it may come back under it.
      if (was !== idOf(foreign(json))) this.#markById(REMOVE, was);
    }
    for (const { json, restored } of added) if (restored) this.#markById(RESTORE, idOf(foreign(json)));
  }

  #markById(sql: string, id: string | undefined): void {
    const ordinal = id === undefined ? undefined : this.#ids.ordinalOf(id);
    if (ordinal !== undefined) this.#mark(sql, ordinal);
  }

  #mark(sql: string, ordinal: number): void {
    this.#statements.run(sql, ordinal);
    this.#sessionBlocks.touch(ordinal);
  }

  #decide(nowMs: number): void {
    const place = this.#told.decide(nowMs);
    if (place === undefined) return;
    this.#changeBlocks.touchFrom(place);
    const { first } = this.#statements.get<{ first: number }>(FIRST_SESSION, place)!;
    this.#sessionBlocks.touchFrom(first);
  }

  #savePosition(): void {
    if (!this.#position) return;
    savePosition(this.#db, this.#position, {
      lost: this.#losses.lost,
      reached: this.#losses.reached,
      isTotalNamed: this.#isTotalNamed,
      foreignTokens: this.#foreignTokens,
      clock: this.#told.state,
    });
  }

  #inTransaction(work: () => void): void {
    this.#db.exec('begin immediate');
    try {
      work();
      this.#db.exec('commit');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('rollback');
      throw error;
    }
  }
}

/** Where a line lies in the ledger. */
interface Place {
  readonly segment: number;
  readonly start: number;
  readonly bytes: number;
}

/** Names whose numbers are held in memory. */
const KNOWN_CONVERSATIONS = 4_096;

const BEGIN_SEGMENT = `insert or replace into segment (number, fingerprint, first_place) values (?, '', ?)`;
const CLOSE_SEGMENT = 'update segment set fingerprint = ? where number = ?';
const INSERT_CHANGE = `insert into change values (${Array(17).fill('?').join(', ')})`;
const INSERT_RISE = 'insert into rise (from_ms, place, tokens) values (?, ?, ?)';
const INSERT_CONVERSATION = 'insert or ignore into conversation (name) values (?)';
const CONVERSATION = 'select number from conversation where name = ?';
const DATED_MS = 'select at_ms from session where ordinal = ? and dated = 1';
const RECOUNT = 'update session set counted = ? where ordinal = ?';
const UNDO = 'update session set undone = 1 where ordinal = ?';
const REMOVE = 'update session set removed = 1, away = 1 where ordinal = ?';
const LEAVE = 'update session set away = 1 where ordinal = ?';
const RESTORE = 'update session set removed = 0 where ordinal = ?';
const FIRST_SESSION = 'select first_ordinal as first from change where place = ?';
