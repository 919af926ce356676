import type { SessionsPatch } from '../../rules/change.ts';
import { foreign, idOf } from '../ledger/ledger-session.ts';
import { idOfKey } from '../state-file/document.ts';
import { Column, type Packed } from './columns/columns.ts';
import type { SessionIndex } from './session-index.ts';

/** Which session, by ordinal, became what. */
export interface MarkRows {
  readonly marked: Packed;
  readonly marks: Packed;
}

const UNDONE = 0;
const REMOVED = 1;
const RESTORED = 2;
const LEFT = 3;

/** What became of sessions after they were recorded, in its order. */
export class SessionMarks {
  readonly #marked = new Column();
  readonly #marks = new Column();
  readonly #sessions: SessionIndex;
  readonly #ordinalOf: (id: string) => number | undefined;

  constructor(sessions: SessionIndex, ordinalOf: (id: string) => number | undefined) {
    this.#sessions = sessions;
    this.#ordinalOf = ordinalOf;
  }

  get length(): number {
    return this.#marks.length;
  }

  /** The marks from one on, as they were added. */
  rowsFrom(first: number): MarkRows {
    return { marked: this.#marked.from(first), marks: this.#marks.from(first) };
  }

  /** Adds what `rowsFrom` gave behind what is there. */
  addRows({ marked, marks }: MarkRows): void {
    const first = this.length;
    this.#marked.append(marked);
    this.#marks.append(marks);
    for (let at = first; at < this.length; at++) this.#apply(this.#marked.at(at), this.#marks.at(at));
  }

  /** The session with this id was undone. */
  addUndo(id: string): void {
    this.#markById(id, UNDONE);
  }

  /** An edit took sessions out of the state file, or brought them back. */
  addRemovals({ removed, left = [], changed, added }: SessionsPatch): void {
    for (const key of removed) this.#markById(idOfKey(key), REMOVED);
    for (const key of left) this.#markById(idOfKey(key), LEFT);
    for (const [key, json] of changed) {
      const was = idOfKey(key);
      // Under this id it stands in the file no more, so that it may come back under it.
      if (was !== idOf(foreign(json))) this.#markById(was, REMOVED);
    }
    for (const { json, restored } of added) if (restored) this.#markById(idOf(foreign(json)), RESTORED);
  }

  #markById(id: string | undefined, mark: number): void {
    const ordinal = id === undefined ? undefined : this.#ordinalOf(id);
    if (ordinal === undefined) return;
    this.#marked.push(ordinal);
    this.#marks.push(mark);
    this.#apply(ordinal, mark);
  }

  #apply(ordinal: number, mark: number): void {
    if (mark === UNDONE) this.#sessions.markUndone(ordinal);
    else if (mark === LEFT) this.#sessions.markAway(ordinal);
    else this.#sessions.markRemoved(ordinal, mark === REMOVED);
  }
}
