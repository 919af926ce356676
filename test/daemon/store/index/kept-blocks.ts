import type { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { BLOCK_ROWS } from '../../../../src/daemon/store/index/database/schema.ts';
import { columnsOf } from '../../../../src/daemon/store/index/reading/block-columns.ts';

/** Expects that every block that is full is kept, that it holds what its rows say, and that no other is kept. */
export function expectBlocksOfRows(db: DatabaseSync): void {
  const changes = rowsOf(db, 'select told_ms, used, total from change order by place');
  expect(blocksOf(db, 'select number, columns from change_block order by number')).toEqual(fullBlocks(changes));
  const sessions = rowsOf(
    db,
    `select case when undone then null else told_ms end, counted, set_aside, conversation * 2 + dated
     from session order by ordinal`,
  );
  expect(blocksOf(db, 'select number, columns from session_block order by number')).toEqual(fullBlocks(sessions));
  const heads = db.prepare('select least_ms, most_ms from session_block order by number').all();
  expect(heads.map((head) => ({ ...head }))).toEqual(
    fullBlocks(sessions).map(([, [toldMs]]) => {
      const stand = toldMs!.filter((ms) => !Number.isNaN(ms)).toSorted((one, other) => one - other);
      return { least_ms: stand[0] ?? null, most_ms: stand.at(-1) ?? null };
    }),
  );
}

type Block = readonly [number: number, columns: readonly (readonly number[])[]];

function rowsOf(db: DatabaseSync, sql: string): number[][] {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return (statement.all() as unknown as (number | null)[][]).map((row) => row.map((value) => value ?? Number.NaN));
}

function fullBlocks(rows: readonly (readonly number[])[]): Block[] {
  return Array.from({ length: Math.floor(rows.length / BLOCK_ROWS) }, (_, number) => {
    const own = rows.slice(number * BLOCK_ROWS, (number + 1) * BLOCK_ROWS);
    return [number, own[0]!.map((_, column) => own.map((row) => row[column]!))] as const;
  });
}

function blocksOf(db: DatabaseSync, sql: string): Block[] {
  const rows = db.prepare(sql).all() as { number: number; columns: Uint8Array }[];
  return rows.map(({ number, columns }) => [number, columnsOf(columns).map((column) => [...column])] as const);
}
