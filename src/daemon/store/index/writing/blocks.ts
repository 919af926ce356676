import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BLOCK_ROWS } from '../database/schema.ts';

/** A table of rows in blocks: its columns, by which a row is told, and where it is kept. */
interface Blocks {
  readonly columns: number;
  readonly rows: string;
  readonly keep: string;
}

/** The row of a block, and how it is made of its rows; a session that was undone has no time. */
const CHANGES: Blocks = {
  columns: 3,
  rows: 'select told_ms, used, total from change where place between ? and ? order by place',
  keep: 'insert or replace into change_block values (:number, :columns)',
};

const SESSIONS: Blocks = {
  columns: 4,
  rows: `
    select iif(undone, null, told_ms), counted, set_aside, conversation * 2 + dated
    from session where ordinal between ? and ? order by ordinal`,
  keep: `insert or replace into session_block values (:number, :least, :most, :columns)`,
};

/** Keeps the blocks of one table up to its rows: those that are full, each made of its rows after the last change to it. */
class BlockKeeper {
  /** How many blocks are made. */
  #made: number;
  readonly #stale = new Set<number>();
  readonly #blocks: Blocks;
  readonly #rows: StatementSync;
  readonly #keep: StatementSync;

  constructor(db: DatabaseSync, blocks: Blocks, made: number) {
    this.#blocks = blocks;
    this.#made = made;
    this.#rows = db.prepare(blocks.rows);
    this.#rows.setReturnArrays(true);
    this.#keep = db.prepare(blocks.keep);
  }

  /** A row is another than when its block was made. */
  touch(row: number): void {
    const number = Math.floor(row / BLOCK_ROWS);
    if (number < this.#made) this.#stale.add(number);
  }

  /** All rows from one on may be others. */
  touchFrom(row: number): void {
    for (let number = Math.floor(row / BLOCK_ROWS); number < this.#made; number++) this.#stale.add(number);
  }

  /** Makes what is missing or stale, now that there are so many rows. */
  keepUpTo(rows: number): void {
    for (const number of this.#stale) this.#make(number);
    this.#stale.clear();
    for (; (this.#made + 1) * BLOCK_ROWS <= rows; this.#made++) this.#make(this.#made);
  }

  #make(number: number): void {
    const first = number * BLOCK_ROWS;
    const columns = new Float64Array(BLOCK_ROWS * this.#blocks.columns);
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const rows = this.#rows.all(first, first + BLOCK_ROWS - 1) as unknown as (number | null)[][];
    for (const [index, row] of rows.entries()) {
      for (const [column, value] of row.entries()) columns[column * BLOCK_ROWS + index] = value ?? Number.NaN;
      const [toldMs] = row;
      if (toldMs === null) continue;
      least = Math.min(least, toldMs!);
      most = Math.max(most, toldMs!);
    }
    const bytes = new Uint8Array(columns.buffer);
    if (this.#blocks === CHANGES) this.#keep.run({ number, columns: bytes });
    else {
      const isEmpty = least > most;
      this.#keep.run({ number, least: isEmpty ? null : least, most: isEmpty ? null : most, columns: bytes });
    }
  }
}

/** The blocks of changes. */
export function changeBlocks(db: DatabaseSync, changes: number): BlockKeeper {
  return new BlockKeeper(db, CHANGES, Math.floor(changes / BLOCK_ROWS));
}

/** The blocks of sessions. */
export function sessionBlocks(db: DatabaseSync, sessions: number): BlockKeeper {
  return new BlockKeeper(db, SESSIONS, Math.floor(sessions / BLOCK_ROWS));
}

export type { BlockKeeper };
