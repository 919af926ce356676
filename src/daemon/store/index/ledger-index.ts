import type { EditChange, LedgerChange, SessionsPatch, UndoChange } from '../../rules/change.ts';
import type { Figures, Outcome } from '../../rules/figures/fold.ts';
import { LedgerFigures, type Past } from '../ledger/ledger-figures.ts';
import { isCheckpoint } from '../ledger/ledger-line.ts';
import { LedgerLosses } from '../ledger/ledger-losses.ts';
import type { ScannedLine } from '../ledger/ledger-scan.ts';
import { indexedFields, sessionFrom, sessionsOf } from '../ledger/ledger-session.ts';
import type { Segments } from '../ledger/segments.ts';
import { namesTotal } from '../state-file/named-total.ts';
import { AdoptedEdits } from './adopted-edits.ts';
import { CountStarts } from './count-starts.ts';
import { datedRises } from './dated-rises.ts';
import type { IndexLengths, IndexPart } from './index-part.ts';
import { type KeptChange, KeptChanges } from './kept-changes.ts';
import { LedgerLines } from './ledger-lines.ts';
import { RecordedSessions } from './recorded-sessions.ts';
import { SessionMarks } from './session-marks.ts';
import { TouchedCounts } from './touched-counts.ts';

const NO_OUTCOME = { counted: 0, setAside: 0, flags: {} as Outcome['flags'] };

/** Finds the sessions and changes of a ledger without holding them in memory. */
export class LedgerIndex extends RecordedSessions {
  #used = 0;
  readonly losses = new LedgerLosses();
  readonly #countStarts = new CountStarts();
  readonly #lines: LedgerLines;
  readonly #latest = new KeptChanges((line) => this.#lines.read(line));
  readonly #undos = new Map<string, number>();
  readonly #marks = new SessionMarks(this.sessions, (id) => this.ordinalOf(id));
  readonly #edits: AdoptedEdits;
  readonly #touched = new TouchedCounts(this.sessions, (id) => this.#knownOrdinal(id));
  readonly #past: Past = {
    stretchesBack: (to) => this.#lines.stretchesBack(to),
    countOf: (id) => this.#touched.countOf(id),
  };
  /** Unknown behind parts, until the next checkpoint tells them or they are asked for. */
  #figures: LedgerFigures | undefined = new LedgerFigures(this.#past);
  #partsReach = 0;

  /** `onUnreadable` hears of every line that is looked for and cannot be read. */
  constructor(segments: Segments, onUnreadable: () => void) {
    const lines = new LedgerLines(segments, onUnreadable);
    super(lines);
    this.#lines = lines;
    this.#edits = new AdoptedEdits(lines);
  }

  /** Takes in a line that is on disk; checkpoints hold no sessions. */
  addLine(scanned: ScannedLine, segment: number): void {
    const { line } = scanned;
    if (isCheckpoint(line)) {
      if (line.figures) this.#figures ??= new LedgerFigures(this.#past);
      this.#folded.begin(line);
      this.losses.noteState(line.checkpoint.revision);
      this.losses.add(line.lost ?? 0);
      return;
    }
    this.losses.noteChanges(line.changes[0]!.revision, line.changes.at(-1)!.revision);
    const lineNumber = this.#lines.add(scanned, segment, this.sessions.length);
    for (const change of line.changes) {
      const rises = datedRises(change, this.#used, (id) => this.sessions.datedMs(this.ordinalOf(id)));
      this.changes.add(change, namesTotal(change, this.changes.lastTotal), rises);
      // The sessions take their time from it.
      this.#addChange(change, lineNumber);
      this.#latest.add(change, this.#used, lineNumber);
      this.#countStarts.note(change, this.#used, this.sessions);
      this.#used = change.used;
    }
  }

  get lengths(): IndexLengths {
    return {
      lines: this.#lines.length,
      sessions: this.sessions.length,
      changes: this.changes.length,
      rises: this.changes.rises.length,
      marks: this.#marks.length,
      countStarts: this.#countStarts.length,
      ...this.#edits.lengths,
      touched: this.#touched.length,
      lost: this.losses.lost,
    };
  }

  /** At most `limit` of the latest changes, newest first, as far back as the ledger can be read. */
  latestChanges(limit: number): KeptChange[] {
    return this.#latest.newest(limit, this.#lines.length);
  }

  /** How many entries are missing from what is read back: changes that are lost, and what stands in lines that could not be read. */
  get unreadable(): number {
    const entriesIn = (line: number) => Math.max(1, this.#sessionsBehind(line + 1) - this.#lines.sessionsBefore(line));
    return [...this.#lines.unread].reduce((sum, line) => sum + entriesIn(line), this.losses.lost);
  }

  /** Whether somebody has ever named a budget. */
  get isTotalNamed(): boolean {
    return this.changes.isTotalNamed;
  }

  /** The figures by the rules, on which the next reading is decided. */
  get figures(): Figures {
    return this.#folded.figures;
  }

  /** What there would be without a reading; of a ledger that cannot be read that far back nothing but that. */
  without(id: string): { readonly figures: Figures; readonly outcome: Outcome } {
    return this.#folded.without(id);
  }

  /** What was taken in since the index had these lengths. */
  partBehind(behind: IndexLengths): IndexPart {
    return {
      behind,
      ...this.#lines.rowsFrom(behind.lines),
      sessions: this.sessions.rowsFrom(behind.sessions, behind.lines),
      changes: this.changes.rowsFrom(behind.changes, behind.rises),
      ...this.#marks.rowsFrom(behind.marks),
      undos: [...this.#undos].filter(([, line]) => line >= behind.lines),
      used: this.#used,
      lost: this.losses.lost - behind.lost,
      reached: this.losses.reached,
      countStarts: this.#countStarts.rowsFrom(behind.countStarts),
      ...this.#edits.rowsFrom(behind, behind.lines),
      touchedCounts: this.#touched.rowsFrom(behind.touched),
    };
  }

  /** Takes in a part of one segment; the index must have the lengths that it lies behind. */
  addPart(part: IndexPart, segment: number): void {
    const { lines } = part.behind;
    this.#lines.addRows(part, segment);
    this.sessions.addRows(part.sessions, lines);
    this.changes.addRows(part.changes);
    this.#marks.addRows(part);
    for (const [id, line] of part.undos) this.#undos.set(id, line);
    this.#used = part.used;
    this.losses.addPart(part.lost, part.reached);
    this.#countStarts.addRows(part.countStarts);
    this.#edits.addRows(part, lines);
    this.#touched.addRows(part.touchedCounts);
    this.#figures = undefined;
    this.#partsReach = part.reached;
  }

  /** The edits that started from the file with this mark, oldest first; throws `storage_failed` when one cannot be read any more. */
  editsFrom(mark: string): EditChange[] {
    return this.#edits.from(mark);
  }

  /** The edits after a revision that did something to sessions without ids, newest first; throws `storage_failed` when one cannot be read. */
  namelessEdits(revision: number): Iterable<SessionsPatch> {
    return this.#edits.namelessAfter(revision);
  }

  #sessionsBehind(lineNumber: number): number {
    return lineNumber < this.#lines.length ? this.#lines.sessionsBefore(lineNumber) : this.sessions.length;
  }

  /** The first ordinal after the figure stood at 0, or was edited to less than half, for the last time; what was undone aside. */
  get firstCounted(): number {
    return this.#countStarts.first(this.sessions);
  }

  /** Tells where the lines of a segment lie now that it was written anew, in the same order. */
  moveLines(segment: number, moved: readonly ScannedLine[]): void {
    this.#lines.move(segment, moved);
  }

  /** The undo that was asked for under this request id; throws `storage_failed` when it cannot be read any more. */
  findUndo(id: string): UndoChange | undefined {
    const lineNumber = this.#undos.get(id);
    if (lineNumber === undefined) return undefined;
    const { changes } = this.#lines.readOrThrow(lineNumber);
    return changes.find((change) => change.kind === 'undo' && change.id === id) as UndoChange;
  }

  #addChange(change: LedgerChange, line: number): void {
    if (change.kind === 'undo') {
      this.#undos.set(change.id, line);
      this.#marks.addUndo(change.undone);
    }
    const outcomes = this.#folded.add(change);
    for (const [position, source] of sessionsOf(change).entries()) {
      const { counted, setAside, flags } = outcomes[position] ?? NO_OUTCOME;
      const folded = { counted, setAside, reset: flags.reset === true };
      this.sessions.add({ line, change: this.changes.length - 1, ...indexedFields(sessionFrom(source), folded) });
    }
    this.#touched.note(outcomes);
    if (change.kind !== 'edit') return;
    this.#marks.addRemovals(change.sessions);
    this.#edits.add(change, line);
  }

  get #folded(): LedgerFigures {
    this.#figures ??= LedgerFigures.at(this.#past, this.#partsReach);
    return this.#figures;
  }

  /** Of a session that is there: where only one may be it, that is it, and no line need be read. */
  #knownOrdinal(id: string): number | undefined {
    const candidates = this.sessions.candidates(id);
    return candidates.length === 1 ? candidates[0] : this.ordinalOf(id);
  }
}
