import type { EditChange, SessionsPatch } from '../../rules/change.ts';
import { revisionIn } from '../ledger/ledger-line.ts';
import { touchesNameless } from '../state-file/nameless.ts';
import { Column, type Packed } from './columns/columns.ts';
import type { LedgerLines } from './ledger-lines.ts';

/** Edits of the state file: those whose file carried a mark, and those that did something to sessions without ids. */
export interface AdoptedEditRows {
  /** By the revisions of the marks that they started from. */
  readonly edits: EditRows;
  /** By their own revisions. */
  readonly nameless: EditRows;
}

/** Finds the edits of the state file in the ledger's lines. */
export class AdoptedEdits {
  readonly #edits = new EditColumns();
  readonly #nameless = new EditColumns();
  readonly #lines: LedgerLines;

  constructor(lines: LedgerLines) {
    this.#lines = lines;
  }

  get lengths(): { readonly edits: number; readonly nameless: number } {
    return { edits: this.#edits.length, nameless: this.#nameless.length };
  }

  add(edit: EditChange, line: number): void {
    const base = edit.from === undefined ? undefined : revisionIn(edit.from);
    if (base !== undefined) this.#edits.add(base, line);
    if (touchesNameless(edit.sessions)) this.#nameless.add(edit.revision, line);
  }

  /** Those that started from the file with this mark, oldest first; throws `storage_failed` when one cannot be read any more. */
  from(mark: string): EditChange[] {
    return [...this.#edits.linesFrom(revisionIn(mark) ?? -1)].flatMap((lineNumber) => {
      return this.#lines
        .readOrThrow(lineNumber)
        .changes.filter((change) => change.kind === 'edit' && change.from === mark) as EditChange[];
    });
  }

  /** What those after a revision did to sessions without ids, newest first; throws `storage_failed` when one cannot be read any more. */
  *namelessAfter(revision: number): Generator<SessionsPatch> {
    for (const lineNumber of this.#nameless.linesAfter(revision)) {
      for (const change of this.#lines.readOrThrow(lineNumber).changes.toReversed()) {
        if (change.kind === 'edit' && change.revision > revision) yield change.sessions;
      }
    }
  }

  /** The edits behind these lengths, with lines counted from `firstLine`. */
  rowsFrom(behind: { readonly edits: number; readonly nameless: number }, firstLine: number): AdoptedEditRows {
    return {
      edits: this.#edits.rowsFrom(behind.edits, firstLine),
      nameless: this.#nameless.rowsFrom(behind.nameless, firstLine),
    };
  }

  addRows({ edits, nameless }: AdoptedEditRows, firstLine: number): void {
    this.#edits.addRows(edits, firstLine);
    this.#nameless.addRows(nameless, firstLine);
  }
}

/** Edits by a revision, each with its line. */
interface EditRows {
  readonly base: Packed;
  readonly line: Packed;
}

class EditColumns {
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
