import type { Statements } from '../../store/index/database/statements.ts';
import type { CountSeen } from '../observation.ts';
import type { Counter, Counters } from './counters.ts';
import { allOf, type Counts, countsOf, freshOf, NOTHING } from './counts.ts';
import type { Feeding } from './feeding.ts';
import { type Names, type ProjectNaming, projectOf, storable } from './names.ts';
import { type CellRow, isInstant, rankOf, type Sight, sightFrom } from './sight.ts';

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

interface Waiting {
  readonly key: string;
  readonly counter: Counter;
  readonly sight: Sight;
  readonly file: SeenIn | undefined;
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
  readonly #waiting: Waiting[] = [];
  #lastId: number;

  constructor(statements: Statements, { counters, names, feeding, lastId }: CellsOptions) {
    this.#statements = statements;
    this.#counters = counters;
    this.#names = names;
    this.#feeding = feeding;
    this.#lastId = lastId;
  }

  /** Remembers a sight until `save`; false where it is none that a meter can hold. */
  see(seen: CountSeen, file: SeenIn | undefined, naming: ProjectNaming): boolean {
    const counts = countsOf(seen.tokens);
    if (!counts || !isInstant(seen.atMs)) return false;
    if (allOf(counts) === 0) return true;
    const counter = this.#counters.of(seen.meter);
    this.#waiting.push({ key: storable(seen.key), counter, sight: this.#sightOf(seen, counter, counts, naming), file });
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

  /** Takes in what waits, and writes the cells; answers how many sights no counter can hold. */
  save(): number {
    // In the order of the index, of which a page is then read once; of one key in the order in which they came.
    const waiting = this.#waiting.splice(0).sort(byKey);
    let refused = 0;
    let cell: Cell | undefined;
    for (const [index, each] of waiting.entries()) {
      const last = waiting[index - 1];
      if (last && byKey(last, each) !== 0) {
        if (cell) this.#save(cell);
        cell = undefined;
      }
      const taken = this.#take(cell, each);
      if (taken) cell = taken;
      else refused++;
    }
    if (cell) this.#save(cell);
    return refused;
  }

  /** Takes a sight in; `undefined` where its counter would not be exact any more. `known` is its cell, where this batch has come to it. */
  #take(known: Cell | undefined, waiting: Waiting): Cell | undefined {
    const { counter, sight, file } = waiting;
    const { counts } = sight;
    const begun = !known && file?.isNew && hasRoom(counter, counts) ? this.#begin(waiting) : undefined;
    let cell = known ?? begun ?? this.#find(waiting);
    if (!cell) {
      if (!hasRoom(counter, counts)) return undefined;
      cell = this.#begin(waiting)!;
    } else if (cell !== begun && this.#isBetter(sight, cell.best)) {
      if (!hasRoom(counter, counts, cell.best.counts)) return undefined;
      this.#become(cell, sight, counter, file?.id);
    }
    if (file && cell.file !== file.id) {
      this.#statements.run(HOLD, file.id, cell.id);
      cell.file = file.id;
    }
    return cell;
  }

  #save(cell: Cell): void {
    const { id, saved, best, mostFresh, fed } = cell;
    if (best === saved) return;
    const { atMs, model, project, conversation, estimated, counts } = best;
    this.#statements.run(UPDATE, atMs, model, project, conversation, estimated, ...counts, mostFresh, fed, id);
  }

  /** Begins a cell with its first sight; `undefined` where it is there already. */
  #begin({ key, sight, counter: { meter }, file }: Waiting): Cell | undefined {
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

  /**
   * The same of two sights is better whichever came first. The earliest time is the true one: copies are made later. Then the
   * lesser conversation stands, the lesser project, the lesser model, and the larger classes.
   */
  #isBetter(sight: Sight, best: Sight): boolean {
    const byRank = compare(rankOf(sight), rankOf(best));
    if (byRank !== 0) return byRank > 0;
    for (const name of ['conversation', 'project', 'model'] as const) {
      const text = this.#names.textOf(sight[name]) ?? '';
      const otherText = this.#names.textOf(best[name]) ?? '';
      if (text !== otherText) return text < otherText;
    }
    return compare(sight.counts, best.counts) > 0;
  }

  #sightOf(seen: CountSeen, { id: counter }: Counter, counts: Counts, naming: ProjectNaming): Sight {
    const { atMs, provenance } = seen;
    const model = this.#names.idOf(seen.model);
    const project = this.#names.idOf(projectOf(seen.folder, naming));
    const conversation = this.#names.idOf(seen.conversation);
    return { counter, atMs, model, project, conversation, estimated: provenance === 'exact' ? 0 : 1, counts };
  }

  #find({ counter, key }: Waiting): Cell | undefined {
    const row = this.#statements.get<CellRow>(BY_KEY, counter.id, key);
    if (!row) return undefined;
    const sight = sightFrom(row);
    return { id: row.id, saved: sight, best: sight, mostFresh: row.most_fresh, fed: row.fed, file: undefined };
  }
}

/** True where a counter stays exact when a count takes the place of another. */
function hasRoom(counter: Counter, counts: Counts, before: Counts = NOTHING): boolean {
  return Number.isSafeInteger(allOf(counter.counts) - allOf(before) + allOf(counts));
}

/** By the first difference. */
function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) if (value !== other[index]) return value - other[index]!;
  return 0;
}

function byKey(one: Waiting, other: Waiting): number {
  if (one.counter !== other.counter) return one.counter.id - other.counter.id;
  return one.key < other.key ? -1 : Number(one.key > other.key);
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
