import type { Statements } from '../../store/index/database/statements.ts';
import { type Counts, NOTHING, plus } from './counts.ts';
import { SLOT_MS } from './meters-schema.ts';

/** What a cell brings to the sums; `id` and names are numbers. */
export interface Counted {
  readonly counter: number;
  readonly atMs: number;
  readonly model: number;
  readonly project: number;
  readonly estimated: number;
  readonly counts: Counts;
}

/** A counter as it is after the parts so far. */
export interface Counter {
  readonly id: number;
  readonly meter: string;
  counts: Counts;
  calls: number;
  estimated: number;
  atMs: number | null;
}

/** Slot, counter, model, project, estimated. */
type Row = readonly [number, number, number, number, number];

interface Change {
  readonly row: Row;
  counts: Counts;
  calls: number;
}

/** The sums of cells: a counter each, and roll-ups by slot, model and project. They hold at every commit. */
export class Counters {
  readonly #statements: Statements;
  readonly #byMeter = new Map<string, Counter>();
  readonly #byId = new Map<number, Counter>();
  readonly #changed = new Set<Counter>();
  readonly #rollups = new Map<string, Change>();
  #last: Change | undefined;

  constructor(statements: Statements) {
    this.#statements = statements;
    for (const row of statements.all<CounterRow>(ALL)) this.#know(counterFrom(row));
  }

  /** The counter of a meter, which begins at nothing. */
  of(meter: string): Counter {
    const known = this.#byMeter.get(meter);
    if (known) return known;
    this.#statements.run(INSERT, meter);
    return this.#know(counterFrom(this.#statements.get<CounterRow>(BY_METER, meter)!));
  }

  byId(id: number): Counter {
    return this.#byId.get(id)!;
  }

  /** Adds a cell, or with −1 takes it away. */
  add(cell: Counted, sign: 1 | -1): void {
    const { counter: id, atMs, model, project, estimated, counts } = cell;
    const counter = this.byId(id);
    counter.counts = plus(counter.counts, counts, sign);
    counter.calls += sign;
    counter.estimated += sign * estimated;
    if (sign === 1) counter.atMs = Math.max(counter.atMs ?? 0, atMs);
    this.#changed.add(counter);
    const change = this.#changeOf([Math.floor(atMs / SLOT_MS), id, model, project, estimated]);
    change.counts = plus(change.counts, counts, sign);
    change.calls += sign;
  }

  get isChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** Writes what has changed. */
  save(seq: number): void {
    for (const { row, counts, calls } of this.#rollups.values()) {
      if (calls === 0 && counts.every((count) => count === 0)) continue;
      this.#statements.run(ADD_TO_ROLLUP, ...row, ...counts, calls);
      if (calls < 0) this.#statements.run(REMOVE_EMPTY, ...row);
    }
    for (const { id, counts, calls, estimated, atMs } of this.#changed) {
      this.#statements.run(UPDATE, ...counts, calls, estimated, atMs, seq, id);
    }
    this.#rollups.clear();
    this.#last = undefined;
    this.#changed.clear();
  }

  #changeOf(row: Row): Change {
    // Most lines of a file are of the same one as the line before.
    const last = this.#last;
    if (last && isSame(last.row, row)) return last;
    const key = row.join();
    const change = this.#rollups.get(key) ?? { row, counts: NOTHING, calls: 0 };
    this.#rollups.set(key, change);
    this.#last = change;
    return change;
  }

  #know(counter: Counter): Counter {
    this.#byMeter.set(counter.meter, counter);
    this.#byId.set(counter.id, counter);
    return counter;
  }
}

function isSame(one: Row, other: Row): boolean {
  return (
    one[0] === other[0] && one[1] === other[1] && one[2] === other[2] && one[3] === other[3] && one[4] === other[4]
  );
}

export interface CounterRow {
  readonly id: number;
  readonly meter: string;
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
  readonly reasoning: number;
  readonly calls: number;
  readonly estimated: number;
  readonly at_ms: number | null;
}

function counterFrom(row: CounterRow): Counter {
  const { id, meter, input, cache_read, cache_write, output, reasoning, calls, estimated, at_ms } = row;
  return { id, meter, counts: [input, cache_read, cache_write, output, reasoning], calls, estimated, atMs: at_ms };
}

const ALL = 'select * from counter';
const BY_METER = 'select * from counter where meter = ?';
const INSERT = `insert into counter
  (meter, input, cache_read, cache_write, output, reasoning, calls, estimated, seq) values (?, 0, 0, 0, 0, 0, 0, 0, 0)`;
const UPDATE = `update counter set
  input = ?, cache_read = ?, cache_write = ?, output = ?, reasoning = ?, calls = ?, estimated = ?, at_ms = ?, seq = ?
  where id = ?`;
const ADD_TO_ROLLUP = `insert into rollup values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set
  input = input + excluded.input, cache_read = cache_read + excluded.cache_read,
  cache_write = cache_write + excluded.cache_write, output = output + excluded.output,
  reasoning = reasoning + excluded.reasoning, calls = calls + excluded.calls`;
const REMOVE_EMPTY = `delete from rollup
  where slot = ? and counter = ? and model = ? and project = ? and estimated = ? and calls = 0`;
