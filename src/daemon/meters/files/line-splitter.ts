import { LONGEST_LINE } from './file-state.ts';

/** Takes a line without its end, and the offset of its first byte; the bytes are good only until it returns. */
export type TakeLine = (line: Buffer, offset: number) => void;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Cuts bytes that come in pieces into lines. A line without an end waits; blank ones are not told. */
export class LineSplitter {
  readonly #take: TakeLine;
  /** Where the line begins that has no end yet. */
  offset: number;
  /** The end of what was pushed. */
  seen: number;
  /** Lines that were too long to be told. */
  skipped = 0;
  /** Copies of the pieces of the line without an end. */
  #pieces: Buffer[] = [];

  /** The bytes from `offset` to `seen` are known to hold no end of a line, and are missing: that line must be one too long. */
  constructor(take: TakeLine, offset: number, seen = offset) {
    this.#take = take;
    this.offset = offset;
    this.seen = seen;
  }

  push(chunk: Buffer): void {
    const begin = this.seen;
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#end(chunk.subarray(from, end), begin + end - this.offset);
      from = end + 1;
      this.offset = begin + from;
    }
    this.seen = begin + chunk.length;
    this.#keep(chunk.subarray(from));
  }

  /** Tells the rest as a line, of a source that is known to have ended. */
  finish(): void {
    if (this.seen > this.offset) this.#end(Buffer.alloc(0), this.seen - this.offset);
    this.offset = this.seen;
  }

  #keep(rest: Buffer): void {
    if (this.seen - this.offset > LONGEST_LINE) this.#pieces = [];
    // A copy, because the caller fills the chunk anew.
    else if (rest.length > 0) this.#pieces.push(Buffer.from(rest));
  }

  #end(last: Buffer, length: number): void {
    const pieces = this.#pieces;
    if (length > LONGEST_LINE) this.skipped += 1;
    else this.#tell(pieces.length === 0 ? last : Buffer.concat([...pieces, last]));
    if (pieces.length > 0) this.#pieces = [];
  }

  #tell(line: Buffer): void {
    const length = line[line.length - 1] === RETURN ? line.length - 1 : line.length;
    if (length > 0) this.#take(length === line.length ? line : line.subarray(0, length), this.offset);
  }
}
