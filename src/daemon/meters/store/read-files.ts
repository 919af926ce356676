import type { Statements } from '../../store/index/database/statements.ts';
import { keyText, textOfKey } from '../../store/index/database/stored-text.ts';
import type { Link } from '../observation.ts';
import type { Batch, Misread, ReadFile } from './batch.ts';

/** How far every file is read, by the number that it has among its cells, and what they told besides figures. */
export class ReadFiles {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Those that are not to be read from their beginning. */
  all(): ReadFile[] {
    return this.#statements.all<FileRow>(ALL).map(({ path, source, place, parser }) => ({
      ...{ path: textOfKey(path), source, place: JSON.parse(place) as unknown },
      ...(parser !== null && { parser: JSON.parse(parser) as unknown }),
    }));
  }

  idOf(path: string): number | undefined {
    return this.#statements.get<{ id: number }>(BY_PATH, keyText(path))?.id;
  }

  /** Saves how far it is read; answers its number, and whether it was never read before. */
  save({ path, source, place, parser }: ReadFile): { readonly id: number; readonly isNew: boolean } {
    const known = this.idOf(path);
    const state = parser === undefined ? null : JSON.stringify(parser);
    const saved = this.#statements.get<{ id: number }>(SAVE, keyText(path), source, JSON.stringify(place), state)!;
    return { id: saved.id, isNew: known === undefined };
  }

  /** It is to be read from its beginning, and keeps its number. */
  reset(id: number): void {
    this.#statements.run(RESET, id);
  }

  remove(id: number): void {
    this.#statements.run(REMOVE, id);
  }

  learn({ links = [], misreads = [] }: Batch): void {
    for (const { child, parent } of links) this.#statements.run(LINK, child, parent);
    for (const { source, lines, path, sinceMs } of misreads) {
      if (lines === 0) this.#statements.run('delete from misread where source = ?', source);
      else
        this.#statements.run(
          'insert or replace into misread values (?, ?, ?, ?)',
          source,
          lines,
          keyText(path),
          sinceMs,
        );
    }
  }

  links(): Link[] {
    return this.#statements.all<Link>('select child, parent from link').map((row) => ({ ...row }));
  }

  misreads(): Misread[] {
    return this.#statements
      .all<Misread>('select source, lines, path, since_ms as sinceMs from misread')
      .map((row) => ({ ...row, path: textOfKey(row.path) }));
  }
}

interface FileRow {
  readonly path: string;
  readonly source: string;
  readonly place: string;
  readonly parser: string | null;
}

const ALL = "select path, source, place, parser from file where place <> 'null' order by id";
const BY_PATH = 'select id from file where path = ?';
const SAVE = `insert into file (path, source, place, parser) values (?, ?, ?, ?) on conflict do update set
  source = excluded.source, place = excluded.place, parser = excluded.parser returning id`;
const RESET = "update file set place = 'null', parser = null where id = ?";
const LINK =
  'insert into link values (?, ?) on conflict do update set parent = excluded.parent where excluded.parent < parent';
const REMOVE = 'delete from file where id = ?';
