import { createHash } from 'node:crypto';
import type { Statements } from '../../store/index/database/statements.ts';

/** The setting `meters.projects`. */
export type ProjectNaming = 'name' | 'path' | 'off';

/** As long as a conversation's id may be on the wire. */
const MOST_CHARACTERS = 256;

const MOST_KNOWN = 20_000;

/** The id of no name. */
export const NO_NAME = 0;

/** A text as the database can hold it: one that is too long, holds a NUL or half a character stands as its SHA-256. */
export function storable(text: string): string {
  if (text.length <= MOST_CHARACTERS && text.isWellFormed() && !text.includes('\0')) return text;
  return `sha256:${createHash('sha256').update(text, 'utf16le').digest('hex')}`;
}

/** Models, projects and conversations by number. */
export class Names {
  readonly #statements: Statements;
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** The number of a name, which it is given where it has none. */
  idOf(name: string | undefined): number {
    if (name === undefined || name === '') return NO_NAME;
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const text = storable(name);
    this.#statements.run(INSERT, text);
    const { id } = this.#statements.get<{ id: number }>(BY_TEXT, text)!;
    if (this.#ids.size >= MOST_KNOWN) this.#ids.clear();
    this.#ids.set(name, id);
    return id;
  }

  textOf(id: number): string | undefined {
    if (id === NO_NAME) return undefined;
    let text = this.#texts.get(id);
    if (text === undefined) {
      text = this.#statements.get<{ text: string }>(BY_ID, id)!.text;
      if (this.#texts.size >= MOST_KNOWN) this.#texts.clear();
      this.#texts.set(id, text);
    }
    return text;
  }
}

/** What is kept of a tool's working folder: its last segment, all of it, or nothing. */
export function projectOf(folder: string | undefined, naming: ProjectNaming): string | undefined {
  if (naming === 'off' || !folder) return undefined;
  if (naming === 'path') return folder;
  // A tool of Windows names its folders by backslashes, whichever system reads its files.
  const separators = /^[A-Za-z]:[\\/]|^\\\\/.test(folder) ? '\\/' : '/';
  const isSeparator = (at: number) => separators.includes(folder[at]!);
  let end = folder.length;
  while (end > 0 && isSeparator(end - 1)) end--;
  let start = end;
  while (start > 0 && !isSeparator(start - 1)) start--;
  return start < end ? folder.slice(start, end) : undefined;
}

const INSERT = 'insert into name (text) values (?) on conflict do nothing';
const BY_TEXT = 'select id from name where text = ?';
const BY_ID = 'select text from name where id = ?';
