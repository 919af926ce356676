import { Column, type Packed } from './columns/columns.ts';

/** Edits by a revision, each with its line. */
export interface EditRows {
  readonly base: Packed;
  readonly line: Packed;
}

/** Where edits of the state file lie, by the revision of the mark that they started from, or by their own. */
export class EditIndex {
  readonly #base = new Column();
  readonly #line = new Column();

  get length(): number {
    return this.#base.length;
  }

  add(base: number, line: number): void {
    this.#base.push(base);
    this.#line.push(line);
  }

  /** The lines of the edits that started from a revision, oldest first. */
  *linesFrom(base: number): Generator<number> {
    for (let at = 0; at < this.length; at++) if (this.#base.at(at) === base) yield this.#line.at(at);
  }

  /** The lines of the edits after a revision, newest first; of edits by their own. */
  *linesAfter(revision: number): Generator<number> {
    for (let at = this.length - 1; at >= 0 && this.#base.at(at) > revision; at--) yield this.#line.at(at);
  }

  /** What was added from `first` on, with lines counted from `firstLine`. */
  rowsFrom(first: number, firstLine: number): EditRows {
    return { base: this.#base.from(first), line: this.#line.from(first, (line) => line - firstLine) };
  }

  addRows({ base, line }: EditRows, firstLine: number): void {
    this.#base.append(base);
    this.#line.append({ ...line, base: line.base + firstLine });
  }
}
