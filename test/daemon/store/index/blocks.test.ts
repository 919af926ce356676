import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openToRead } from '../../../../src/daemon/store/index/database/database.ts';
import { changeBlocks, sessionBlocks } from '../../../../src/daemon/store/index/writing/blocks.ts';
import { HISTORY_FILE } from '../../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { type OpenedStore, openStore, reopened } from '../opened-store.ts';
import { addChange, addSession, emptyHistory } from './filled-database.ts';
import { expectBlocksOfRows } from './kept-blocks.ts';

/** What is done between two moments at which the blocks are kept up. */
const acts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), rows: fc.nat(1_500) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('undo' as const), row: fc.nat(5_000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('tell from' as const), row: fc.nat(5_000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('keep' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  ),
  { maxLength: 12 },
);

test('each full block holds what its rows say after any changes to them, and over starts', () => {
  fc.assert(
    fc.property(acts, (all) => {
      const db = emptyHistory();
      let rows = 0;
      let [changes, sessions] = [changeBlocks(db, 0), sessionBlocks(db, 0)];
      const keep = () => {
        changes.keepUpTo(rows);
        sessions.keepUpTo(rows);
        expectBlocksOfRows(db);
      };
      for (const act of all) {
        if (act.do === 'add') {
          for (const end = rows + act.rows; rows < end; rows++) {
            addChange(db, { place: rows, committed_ms: rows * 3, used: rows % 7 });
            addSession(db, { ordinal: rows, told_ms: rows * 3, counted: rows % 11, dated: rows % 2 });
          }
        } else if (act.do === 'undo' && act.row < rows) {
          db.prepare('update session set undone = 1, counted = 0 where ordinal = ?').run(act.row);
          sessions.touch(act.row);
        } else if (act.do === 'tell from' && act.row < rows) {
          db.prepare('update change set told_ms = told_ms - 1 where place >= ?').run(act.row);
          db.prepare('update session set told_ms = told_ms - 1 where ordinal >= ?').run(act.row);
          changes.touchFrom(act.row);
          sessions.touchFrom(act.row);
        } else if (act.do === 'keep') keep();
        else if (act.do === 'restart') {
          keep();
          [changes, sessions] = [changeBlocks(db, rows), sessionBlocks(db, rows)];
        }
      }
      keep();
    }),
    { numRuns: 25 },
  );
});

test('a block of which every session was undone has neither an earliest nor a latest time', () => {
  const db = emptyHistory();
  for (let ordinal = 0; ordinal < 1_024; ordinal++) addSession(db, { ordinal, told_ms: ordinal, undone: 1 });
  sessionBlocks(db, 0).keepUpTo(1_024);

  expect({ ...db.prepare('select least_ms, most_ms from session_block').get() }).toEqual({
    least_ms: null,
    most_ms: null,
  });
});

const HOUR_MS = 3_600_000;

test('the blocks follow whatever changes rows of long ago: undo, estimates that give way, and a clock that is set back', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const options = { now: () => nowMs };
  let opened = await openStore(temporaryFolder(MEMORY), options);
  const expectBlocks = async (blocks: { readonly changes: number; readonly sessions: number }) => {
    await opened.store.history.settled();
    const db = reading(opened);
    expectBlocksOfRows(db);
    const count = (table: string) => (db.prepare(`select count(*) as n from ${table}`).get() as { n: number }).n;
    expect({ changes: count('change_block'), sessions: count('session_block') }).toEqual(blocks);
    db.close();
  };
  const record = (count: number, more = {}) =>
    Promise.all(Array.from({ length: count }, (_, at) => opened.record(1 + (at % 3), more)));

  await opened.record(1_000, { sync_type: 'manual' });
  await opened.record(500, { sync_type: 'estimate', id: 'guess' });
  await record(1_100);
  await expectBlocks({ changes: 1, sessions: 1 });
  // Of the figures that follow the estimate is a part.
  await opened.record(opened.usage.used + 100, { sync_type: 'manual' });
  await expectBlocks({ changes: 1, sessions: 1 });
  nowMs += HOUR_MS;
  await record(900);
  await opened.import(Array.from({ length: 1_000 }, (_, at) => ({ tokens: 1, id: `old${at}`, datedMs: at * HOUR_MS })));
  await expectBlocks({ changes: 1, sessions: 2 });
  // It had run ahead.
  nowMs -= 30 * 60_000;
  await record(3);
  await expectBlocks({ changes: 1, sessions: 2 });
  nowMs -= HOUR_MS;
  await record(3);
  await expectBlocks({ changes: 1, sessions: 2 });
  await record(50);
  await expectBlocks({ changes: 2, sessions: 2 });
  for (let times = 0; times < 5; times++) await opened.undo();
  await expectBlocks({ changes: 2, sessions: 2 });
  opened = await reopened(opened, options);
  for (let times = 0; times < 60; times++) await opened.undo();
  await expectBlocks({ changes: 2, sessions: 2 });
  nowMs += 5 * HOUR_MS;
  await opened.adopt();
  await expectBlocks({ changes: 2, sessions: 2 });
});

function reading({ folder }: OpenedStore): DatabaseSync {
  const db = openToRead(join(folder, HISTORY_FILE));
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  return db;
}
