import type { Statements } from '../../store/index/database/statements.ts';
import type { CountSeen } from '../observation.ts';
import type { Counter, Counters } from './counters.ts';
import { allOf, type Counts, countsOf, freshOf, NOTHING } from './counts.ts';
import type { Feeding } from './feeding.ts';
import { type Names, storable } from './names.ts';
import { type ProjectNaming, projectOf } from './project-name.ts';

/** What was seen of a counted thing. */
interface Sight {
  readonly counter: number;
  readonly atMs: number;
  readonly model: number;
  readonly project: number;
  readonly conversation: number;
  readonly estimated: number;
  readonly counts: Counts;
}

interface Cell {
  readonly id: number;
  /** As it is saved; `undefined` where another value has been counted since. */
  saved: Sight | undefined;
  best: Sight;
  mostFresh: number;
  fed: number;
  /** The file that it was last seen in. */
  file: number | undefined;
}

/** The file that a sight is of, by number; hardly any cell of a file that was never read is there. */
export interface SeenIn {
  readonly id: number;
  readonly isNew: boolean;
}

interface CellsOptions {
  readonly counters: Counters;
  readonly names: Names;
  readonly feeding: Feeding;
  /** See `Cells.lastId`. */
  readonly lastId: number;
}

/**
 * Everything counted: key → largest value seen. It needs no order and no memory of what was read: the same sights in any
 * order, any number of times, leave the same cells.
 */
export class Cells {
  readonly #statements: Statements;
  readonly #counters: Counters;
  readonly #names: Names;
  readonly #feeding: Feeding;
  /** Those of this batch, by counter and key. */
  readonly #touched = new Map<number, Map<string, Cell>>();
  #lastId: number;

  constructor(statements: Statements, { counters, names, feeding, lastId }: CellsOptions) {
    this.#statements = statements;
    this.#counters = counters;
    this.#names = names;
    this.#feeding = feeding;
    this.#lastId = lastId;
  }

  /** Takes a sight in; false where no meter can hold it. */
  see(seen: CountSeen, file: SeenIn | undefined, naming: ProjectNaming): boolean {
    const counts = countsOf(seen.tokens);
    if (!counts || !isInstant(seen.atMs)) return false;
    if (allOf(counts) === 0) return true;
    const counter = this.#counters.of(seen.meter);
    const sight = this.#sightOf(seen, counter, counts, naming);
    const key = storable(seen.key);
    const cells = this.#touchedOf(counter.id);
    let cell = cells.get(key);
    if (!cell && file?.isNew && hasRoom(counter, counts)) cell = this.#begin(key, sight, counter, file);
    cell ??= this.#find(counter, key);
    if (!cell) {
      if (!hasRoom(counter, counts)) return false;
      cell = this.#begin(key, sight, counter, file)!;
    } else if (this.#isBetter(sight, cell.best)) {
      if (!hasRoom(counter, counts, cell.best.counts)) return false;
      this.#become(cell, sight, counter, file?.id);
    }
    cells.set(key, cell);
    if (file && cell.file !== file.id) {
      this.#statements.run(HOLD, file.id, cell.id);
      cell.file = file.id;
    }
    return true;
  }

  /** Takes back every cell that was seen in a file. */
  withdraw(file: number): void {
    for (const { id } of this.#statements.all<{ id: number }>(HELD_BY, file)) {
      const row = this.#statements.get<CellRow>(BY_ID, id);
      // Another file that it was seen in has been withdrawn.
      if (!row) continue;
      const sight = sightFrom(row);
      this.#counters.add(sight, -1);
      if (row.fed > 0) this.#feeding.credit(file, this.#counters.byId(sight.counter).meter, row.fed);
      this.#statements.run(DELETE, id);
    }
    this.forget(file);
  }

  /** Forgets which cells were seen in a file. */
  forget(file: number): void {
    this.#statements.run(RELEASE, file);
  }

  /** The last number that a cell was given; none is given twice, for the files that a cell was seen in may outlast it. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Writes the cells of this batch. */
  save(): void {
    for (const cells of this.#touched.values()) for (const cell of cells.values()) this.#save(cell);
    this.#touched.clear();
  }

  #save(cell: Cell): void {
    const { id, saved, best, mostFresh, fed } = cell;
    if (best === saved) return;
    const { atMs, model, project, conversation, estimated, counts } = best;
    this.#statements.run(UPDATE, atMs, model, project, conversation, estimated, ...counts, mostFresh, fed, id);
  }

  /** Begins a cell with its first sight; `undefined` where it is there already. */
  #begin(key: string, sight: Sight, { meter }: Counter, file: SeenIn | undefined): Cell | undefined {
    const { counter, atMs, model, project, conversation, estimated, counts } = sight;
    const id = this.#lastId + 1;
    const fresh = freshOf(counts);
    const row = [id, counter, key, atMs, model, project, conversation, estimated, ...counts, fresh, 0] as const;
    if (this.#statements.run(INSERT, ...row) === 0) return undefined;
    this.#lastId = id;
    this.#counters.add(sight, 1);
    const growth = { all: allOf(counts), fresh };
    const fed = this.#feeding.grow({ meter, growth, atMs, conversation, project, file: file?.id });
    return { id, saved: fed === 0 ? sight : undefined, best: sight, mostFresh: fresh, fed, file: undefined };
  }

  #become(cell: Cell, sight: Sight, counter: Counter, file: number | undefined): void {
    const { best, mostFresh, fed } = cell;
    const fresh = freshOf(sight.counts);
    const { atMs, conversation, project } = sight;
    const growth = { all: allOf(sight.counts) - allOf(best.counts), fresh: Math.max(0, fresh - mostFresh) };
    this.#counters.add(best, -1);
    this.#counters.add(sight, 1);
    cell.best = sight;
    cell.mostFresh = Math.max(mostFresh, fresh);
    if (growth.all === 0 && fed > 0 && this.#feeding.isPast(counter.meter, atMs)) {
      // A fork was read first, which repeats what its parent did with times of its own.
      this.#feeding.credit(0, counter.meter, fed);
      cell.fed = 0;
    } else cell.fed += this.#feeding.grow({ meter: counter.meter, growth, atMs, conversation, project, file });
  }

  /** The same of two sights is better whichever came first. The earliest time is the true one: copies are made later. */
  #isBetter(sight: Sight, best: Sight): boolean {
    const one = rankOf(sight);
    const other = rankOf(best);
    for (const [index, value] of one.entries()) if (value !== other[index]) return value > other[index]!;
    for (const name of ['conversation', 'model', 'project'] as const) {
      const text = this.#names.textOf(sight[name]) ?? '';
      const otherText = this.#names.textOf(best[name]) ?? '';
      if (text !== otherText) return text < otherText;
    }
    return false;
  }

  #sightOf(seen: CountSeen, { id: counter }: Counter, counts: Counts, naming: ProjectNaming): Sight {
    const { atMs, provenance } = seen;
    const model = this.#names.idOf(seen.model);
    const project = this.#names.idOf(projectOf(seen.folder, naming));
    const conversation = this.#names.idOf(seen.conversation);
    return { counter, atMs, model, project, conversation, estimated: provenance === 'exact' ? 0 : 1, counts };
  }

  #find({ id: counter }: Counter, key: string): Cell | undefined {
    const row = this.#statements.get<CellRow>(BY_KEY, counter, key);
    if (!row) return undefined;
    const sight = sightFrom(row);
    return { id: row.id, saved: sight, best: sight, mostFresh: row.most_fresh, fed: row.fed, file: undefined };
  }

  #touchedOf(counter: number): Map<string, Cell> {
    const cells = this.#touched.get(counter) ?? new Map<string, Cell>();
    this.#touched.set(counter, cells);
    return cells;
  }
}

/** True where a counter stays exact when a count takes the place of another. */
function hasRoom(counter: Counter, counts: Counts, before: Counts = NOTHING): boolean {
  return Number.isSafeInteger(allOf(counter.counts) - allOf(before) + allOf(counts));
}

/** True for a time that a date can be. */
export function isInstant(atMs: number): boolean {
  return Number.isSafeInteger(atMs) && atMs >= 0 && atMs <= 8.64e15;
}

interface CellRow {
  readonly id: number;
  readonly counter: number;
  readonly at_ms: number;
  readonly model: number;
  readonly project: number;
  readonly conversation: number;
  readonly estimated: number;
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
  readonly reasoning: number;
  readonly most_fresh: number;
  readonly fed: number;
}

function sightFrom(row: CellRow): Sight {
  const { counter, at_ms: atMs, model, project, conversation, estimated } = row;
  const counts: Counts = [row.input, row.cache_read, row.cache_write, row.output, row.reasoning];
  return { counter, atMs, model, project, conversation, estimated, counts };
}

/** The first difference decides: the larger one is better. */
function rankOf({ counts, estimated, atMs }: Sight): readonly number[] {
  return [allOf(counts), -estimated, -atMs, ...counts];
}

const BY_KEY = 'select * from cell where counter = ? and key = ?';
const BY_ID = 'select * from cell where id = ?';
const INSERT = `insert into cell values (${Array(15).fill('?').join(', ')}) on conflict (counter, key) do nothing`;
const UPDATE = `update cell set at_ms = ?, model = ?, project = ?, conversation = ?, estimated = ?, input = ?, cache_read = ?,
  cache_write = ?, output = ?, reasoning = ?, most_fresh = ?, fed = ? where id = ?`;
const DELETE = 'delete from cell where id = ?';
const HOLD = 'insert into holding values (?, ?) on conflict do nothing';
const HELD_BY = 'select cell as id from holding where file = ?';
const RELEASE = 'delete from holding where file = ?';
