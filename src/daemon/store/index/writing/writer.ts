import type { DatabaseSync } from 'node:sqlite';
import type { LedgerChange } from '../../../rules/change.ts';
import type { Outcome } from '../../../rules/figures/fold.ts';
import { type BatchLine, type CheckpointLine, isCheckpoint, revisionIn } from '../../ledger/ledger-line.ts';
import { LedgerLosses } from '../../ledger/ledger-losses.ts';
import type { ScannedLine } from '../../ledger/ledger-scan.ts';
import { sessionsOf } from '../../ledger/ledger-session.ts';
import { NamedTotal } from '../../ledger/named-total.ts';
import { touchesNameless } from '../../state-file/nameless.ts';
import { type Position, readPosition, savePosition } from '../database/position.ts';
import { LATE_INDICES } from '../database/schema.ts';
import { Statements } from '../database/statements.ts';
import { keyText } from '../database/stored-text.ts';
import { type BlockKeeper, changeBlocks } from './blocks.ts';
import { CountStarts } from './count-starts.ts';
import { datedRises } from './dated-rises.ts';
import { SessionWriter } from './session-writer.ts';
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

/** Takes the ledger's lines into the history, in their order; nothing else writes to it. */
export class HistoryWriter {
  readonly #db: DatabaseSync;
  readonly #told: ToldTimes;
  readonly #countStarts: CountStarts;
  readonly #changeBlocks: BlockKeeper;
  readonly #sessions: SessionWriter;
  readonly #statements: Statements;
  readonly #losses: LedgerLosses;
  #position: Position | undefined;
  #changes: number;
  #revision: number;
  #used: number;
  readonly #namedTotal: NamedTotal;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#statements = new Statements(db);
    const known = readPosition(db);
    this.#position = known.position;
    this.#changes = known.changes;
    this.#revision = known.revision;
    this.#used = known.used;
    this.#namedTotal = new NamedTotal(known.isTotalNamed, known.total);
    this.#losses = new LedgerLosses(known.lost, known.reached);
    this.#told = new ToldTimes(db, known.clock);
    this.#sessions = new SessionWriter(db, known);
    this.#countStarts = new CountStarts(db);
    this.#changeBlocks = changeBlocks(db, known.changes);
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

  /** Takes the next lines in, all or, where SQLite throws, none; `fingerprintOf` tells a segment that is closed from another. */
  takeIn(lines: readonly LineToTake[], nowMs: number, fingerprintOf: (segment: number) => string): void {
    this.#inTransaction(() => {
      for (const line of lines) this.#takeIn(line, fingerprintOf);
      this.#decide(nowMs);
      this.#changeBlocks.keepUpTo(this.#changes);
      this.#sessions.blocks.keepUpTo(this.#sessions.length);
      this.#savePosition();
    });
  }

  /** Tells times anew where the clock of now contradicts what was told. */
  tellBy(nowMs: number): void {
    if (!this.#told.isOpen(nowMs)) return;
    this.#inTransaction(() => {
      this.#decide(nowMs);
      this.#changeBlocks.keepUpTo(this.#changes);
      this.#sessions.blocks.keepUpTo(this.#sessions.length);
      this.#savePosition();
    });
  }

  /** Readies the search by id, which a history that is filled from nothing lacks at first; `finish` readies the rest. */
  indexIds(): void {
    this.#sessions.ids.index();
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

  #takeCheckpoint(line: CheckpointLine): void {
    const { checkpoint, lost = 0 } = line;
    this.#namedTotal.begin(line);
    this.#losses.noteState(checkpoint.revision);
    this.#losses.add(lost);
  }

  #takeBatch({ changes }: BatchLine, place: Place, figures: LineFigures): void {
    this.#losses.noteChanges(changes[0]!.revision, changes.at(-1)!.revision);
    for (const [index, change] of changes.entries()) this.#takeChange(change, place, figures.add(change, index));
  }

  #takeChange(change: LedgerChange, place: Place, outcomes: readonly Outcome[]): void {
    const committedMs = Date.parse(change.committed_at);
    const [number, first, before] = [this.#changes++, this.#sessions.length, this.#used];
    const rises = datedRises(change, before, (id) => this.#sessions.datedMs(id));
    this.#namedTotal.add(change);
    const undone = change.kind === 'undo' ? this.#sessions.ids.ordinalOf(change.undone) : undefined;
    const sessions = sessionsOf(change);
    const edit = change.kind === 'edit' ? change : undefined;
    this.#statements.run(
      INSERT_CHANGE,
      ...[number, change.revision, change.kind, committedMs, committedMs, change.used, change.total],
      ...[change.kind === 'reading' ? change.reading.before : before, first, sessions.length],
      ...[place.segment, place.start, place.bytes],
      ...[change.kind === 'undo' ? keyText(change.id) : null, undone ?? null],
      edit?.from === undefined ? null : (revisionIn(edit.from) ?? null),
      edit && touchesNameless(edit.sessions) ? 1 : null,
    );
    for (const { fromMs, tokens } of rises) this.#statements.run(INSERT_RISE, fromMs, number, tokens);
    this.#told.note(number, committedMs);
    if (undone !== undefined) this.#sessions.undo(undone);
    const { highestMs } = this.#told.state;
    const ofChange = { place: number, committedMs, highestMs: highestMs! };
    for (const [index, source] of sessions.entries()) this.#sessions.add(source, outcomes[index], ofChange);
    for (const { id, counted } of outcomes.flatMap(({ touched }) => touched)) this.#sessions.recount(id, counted);
    if (edit) this.#sessions.noteEdit(edit.sessions);
    this.#countStarts.note(change, before, this.#sessions.length);
    this.#revision = change.revision;
    this.#used = change.used;
  }

  #decide(nowMs: number): void {
    const place = this.#told.decide(nowMs);
    if (place === undefined) return;
    this.#changeBlocks.touchFrom(place);
    const { first } = this.#statements.get<{ first: number }>(FIRST_SESSION, place)!;
    this.#sessions.blocks.touchFrom(first);
  }

  #savePosition(): void {
    if (!this.#position) return;
    savePosition(this.#db, this.#position, {
      lost: this.#losses.lost,
      reached: this.#losses.reached,
      isTotalNamed: this.#namedTotal.isNamed === true,
      foreignTokens: this.#sessions.foreignTokens,
      countedTokens: this.#sessions.countedTokens,
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

const BEGIN_SEGMENT = `insert or replace into segment (number, fingerprint, first_place) values (?, '', ?)`;
const CLOSE_SEGMENT = 'update segment set fingerprint = ? where number = ?';
const INSERT_CHANGE = `insert into change values (${Array(17).fill('?').join(', ')})`;
const INSERT_RISE = 'insert into rise (from_ms, place, tokens) values (?, ?, ?)';
const FIRST_SESSION = 'select first_ordinal as first from change where place = ?';
