import { isDiskError, ledgerUnreadable } from '../../disk/storage-failure.ts';
import type { PastStretch } from '../ledger/ledger-figures.ts';
import { type BatchLine, decodeLine, isCheckpoint } from '../ledger/ledger-line.ts';
import type { ScannedLine } from '../ledger/ledger-scan.ts';
import { type SessionSource, sessionsOf } from '../ledger/ledger-session.ts';
import type { Segments } from '../ledger/segments.ts';
import { pastOf, type Stretch } from '../ledger/stretches.ts';
import { Column, type Packed } from './columns/columns.ts';

/** Where the batches of a ledger lie, as `LedgerLines` holds it. */
export interface LineRows {
  readonly lineStart: Packed;
  readonly lineBytes: Packed;
  /** How many sessions the ledger held before each. */
  readonly lineFirst: Packed;
}

/** A batch as it is read back, with all sessions that it brings, in their order. */
export interface ReadLine extends BatchLine {
  readonly sessions: readonly SessionSource[];
}

/** The batches of a ledger by number, read from disk when they are asked for. */
export class LedgerLines {
  readonly #segments: Segments;
  readonly #onUnreadable: () => void;
  readonly #unread = new Set<number>();
  readonly #segment = new Column();
  readonly #start = new Column();
  readonly #bytes = new Column();
  readonly #first = new Column();
  readonly #recent = new Map<number, ReadLine>();

  /** `onUnreadable` hears of every line that is asked for and cannot be read. */
  constructor(segments: Segments, onUnreadable: () => void) {
    this.#segments = segments;
    this.#onUnreadable = onUnreadable;
  }

  get length(): number {
    return this.#start.length;
  }

  /** The lines that were asked for and could not be read when last they were. */
  get unread(): ReadonlySet<number> {
    return this.#unread;
  }

  /** Adds a line before which the ledger held so many sessions; returns its number. */
  add({ start, end }: ScannedLine, segment: number, sessions: number): number {
    this.#segment.push(segment);
    this.#first.push(sessions);
    this.#start.push(start);
    this.#bytes.push(end - start);
    return this.length - 1;
  }

  /** How many sessions the ledger held before a line. */
  sessionsBefore(lineNumber: number): number {
    return this.#first.at(lineNumber);
  }

  /** The lines from a number on, as they were added. */
  rowsFrom(first: number): LineRows {
    return {
      lineStart: this.#start.from(first),
      lineBytes: this.#bytes.from(first),
      lineFirst: this.#first.from(first),
    };
  }

  /** Adds what `rowsFrom` gave, all of one segment, behind what is there. */
  addRows({ lineStart, lineBytes, lineFirst }: LineRows, segment: number): void {
    for (let line = 0; line < lineStart.values.length; line++) this.#segment.push(segment);
    this.#start.append(lineStart);
    this.#bytes.append(lineBytes);
    this.#first.append(lineFirst);
  }

  /** Tells where the lines of a segment lie now that it was written anew, in the same order. */
  move(segment: number, moved: readonly ScannedLine[]): void {
    const batches = moved.filter(({ line }) => !isCheckpoint(line));
    let next = 0;
    for (let lineNumber = 0; lineNumber < this.length; lineNumber++) {
      if (this.#segment.at(lineNumber) !== segment) continue;
      const { start, end } = batches[next++]!;
      this.#start.set(lineNumber, start);
      this.#bytes.set(lineNumber, end - start);
    }
  }

  /** The batch with this number; `undefined` when it is not on disk any more, or not as it was written. */
  read(lineNumber: number): ReadLine | undefined {
    const known = this.#recent.get(lineNumber);
    if (known) return known;
    const decoded = this.#decoded(lineNumber);
    if (!decoded) {
      this.#noteUnread(lineNumber);
      return undefined;
    }
    this.#unread.delete(lineNumber);
    const line = { ...decoded, sessions: decoded.changes.flatMap(sessionsOf) };
    if (this.#recent.size >= RECENT_LINES) this.#recent.delete(this.#recent.keys().next().value!);
    this.#recent.set(lineNumber, line);
    return line;
  }

  /** The batch with this number; throws `storage_failed` when it cannot be read any more. */
  readOrThrow(lineNumber: number): ReadLine {
    const line = this.read(lineNumber);
    if (!line) throw ledgerUnreadable();
    return line;
  }

  /** The ledger up to a revision, the newest segment first; throws `storage_failed` where a line that is known cannot be read any more. */
  *stretchesBack(to: number): Generator<PastStretch> {
    let end = this.length;
    for (const stretch of pastOf(this.#segments, to)) {
      const first = this.countUpTo(stretch.segment, -1);
      this.#requireLines(first, end, stretch);
      end = first;
      yield stretch;
    }
  }

  #requireLines(first: number, end: number, { segment, lines }: Stretch): void {
    const starts = new Set(lines.map(({ start }) => start));
    for (let lineNumber = first; lineNumber < end; lineNumber++) {
      if (this.#segment.at(lineNumber) === segment && starts.has(this.#start.at(lineNumber))) continue;
      this.#noteUnread(lineNumber);
      throw ledgerUnreadable();
    }
  }

  #noteUnread(lineNumber: number): void {
    this.#unread.add(lineNumber);
    this.#onUnreadable();
  }

  #decoded(lineNumber: number): BatchLine | undefined {
    const bytes = this.#bytesOf(lineNumber);
    const decoded = bytes && decodeLine(bytes);
    return decoded?.ok && !isCheckpoint(decoded.line) ? decoded.line : undefined;
  }

  #bytesOf(lineNumber: number): Buffer | undefined {
    const start = this.#start.at(lineNumber);
    try {
      return this.#segments.read(this.#segment.at(lineNumber), start, start + this.#bytes.at(lineNumber));
    } catch (error) {
      if (isDiskError(error)) return undefined;
      throw error;
    }
  }
}

/** A page of history comes from neighbouring lines, and a batch's sessions from the same one. */
const RECENT_LINES = 16;
