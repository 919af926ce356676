import { Column, type Packed } from './columns.ts';
import { type BatchLine, decodeLine, isCheckpoint } from './ledger-line.ts';
import type { ScannedLine } from './ledger-scan.ts';
import type { Segments } from './segments.ts';
import { isDiskError } from './storage-failure.ts';

/** Where the batches of a ledger lie, as `LedgerLines` holds it. */
export interface LineRows {
  readonly lineStart: Packed;
  readonly lineBytes: Packed;
}

/** The batches of a ledger by number, read from disk when they are asked for. */
export class LedgerLines {
  readonly #segments: Segments;
  readonly #onUnreadable: () => void;
  readonly #segment = new Column();
  readonly #start = new Column();
  readonly #bytes = new Column();
  /** The last used last. */
  readonly #recent = new Map<number, BatchLine>();
  #recentBytes = 0;

  /** `onUnreadable` hears of every line that is asked for and cannot be read. */
  constructor(segments: Segments, onUnreadable: () => void) {
    this.#segments = segments;
    this.#onUnreadable = onUnreadable;
  }

  get length(): number {
    return this.#start.length;
  }

  add({ start, end }: ScannedLine, segment: number): void {
    this.#segment.push(segment);
    this.#start.push(start);
    this.#bytes.push(end - start);
  }

  /** The lines from a number on, as they were added. */
  rowsFrom(first: number): LineRows {
    return { lineStart: this.#start.from(first), lineBytes: this.#bytes.from(first) };
  }

  /** Adds what `rowsFrom` gave, all of one segment, behind what is there. */
  addRows({ lineStart, lineBytes }: LineRows, segment: number): void {
    for (let line = 0; line < lineStart.values.length; line++) this.#segment.push(segment);
    this.#start.append(lineStart);
    this.#bytes.append(lineBytes);
  }

  /** Tells where the lines of a segment lie now that it was written anew, in the same order. */
  move(segment: number, moved: readonly ScannedLine[]): void {
    const batches = moved.filter(({ line }) => !isCheckpoint(line));
    let next = 0;
    this.#recent.clear();
    this.#recentBytes = 0;
    for (let lineNumber = 0; lineNumber < this.length; lineNumber++) {
      if (this.#segment.at(lineNumber) !== segment) continue;
      const { start, end } = batches[next++]!;
      this.#start.set(lineNumber, start);
      this.#bytes.set(lineNumber, end - start);
    }
  }

  /** The batch with this number; `undefined` when it is not on disk any more, or not as it was written. */
  read(lineNumber: number): BatchLine | undefined {
    const line = this.#recent.get(lineNumber) ?? this.#decoded(lineNumber);
    if (line) this.#keep(lineNumber, line);
    else this.#onUnreadable();
    return line;
  }

  #keep(lineNumber: number, line: BatchLine): void {
    if (!this.#recent.delete(lineNumber)) this.#recentBytes += this.#bytes.at(lineNumber);
    this.#recent.set(lineNumber, line);
    // One that is longer than all that may be kept is kept alone: its sessions are asked for one after the other.
    while (this.#recentBytes > RECENT_BYTES && this.#recent.size > 1) {
      const oldest = this.#recent.keys().next().value!;
      this.#recent.delete(oldest);
      this.#recentBytes -= this.#bytes.at(oldest);
    }
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

/** A page of history comes from neighbouring lines, or from those of some imports by turns; as values they take several times that. */
const RECENT_BYTES = 4 * 1024 * 1024;
