import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openToRead } from '../../../../src/daemon/store/index/database/database.ts';
import { textOfKey } from '../../../../src/daemon/store/index/database/stored-text.ts';
import { HistoryReader, sessionOf } from '../../../../src/daemon/store/index/reading/reader.ts';
import { HISTORY_FILE } from '../../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { caughtUp } from './caught-up.ts';
import { expectBlocksOfRows } from './kept-blocks.ts';
import { acts, play } from './ledger-acts.ts';
import { type ModelChange, type ModelSession, RowModel } from './row-model.ts';
import { tablesIn } from './tables.ts';

describe('a history', () => {
  test('a history holds of any ledger what its lines say, row by row', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (all) => {
        const folder = temporaryFolder(MEMORY);
        const { opened, nowMs } = await play(folder, all);
        await opened.store.history.settled();
        await opened.close();
        const model = new RowModel(join(folder, 'ledger'), nowMs);
        const db = openToRead(join(folder, HISTORY_FILE));

        expect(db.prepare('select * from change order by place').all()).toMatchObject(model.changes.map(rowOf));
        expect(sessionsIn(db, nowMs)).toEqual(model.sessions.map(told));
        expect(db.prepare('select from_ms as fromMs, place, tokens from rise order by number').all()).toMatchObject(
          model.rises,
        );
        const starts = db.prepare('select first_ordinal as firstOrdinal, cause from count_start order by number').all();
        expect(starts).toMatchObject(model.starts.map(({ cause = null, ...each }) => ({ ...each, cause })));
        expectBlocksOfRows(db);
        db.close();
      }),
      { numRuns: 60 },
    );
  });

  test('a history is the same whether each line is taken in as it comes, or from the ledger in any number of steps and over starts', async () => {
    const steps = fc.array(fc.record({ together: fc.integer({ min: 1, max: 30 }), isNew: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(acts, steps, async (all, parts) => {
        const folder = temporaryFolder(MEMORY);
        const { opened, nowMs } = await play(folder, all);
        await opened.store.history.settled();
        await opened.close();
        const live = tablesIn(folder);

        expect(await caughtUp(folder, nowMs, parts)).toEqual(live);
      }),
      { numRuns: 60 },
    );
  });
});

function rowOf({ change, before, firstOrdinal, sessions, segment, start, end, undone }: ModelChange, place: number) {
  const { revision, kind, used, total } = change;
  return {
    ...{ place, revision, kind, used, total, before, first_ordinal: firstOrdinal, sessions },
    committed_ms: Date.parse(change.committed_at),
    ...{ segment, start, bytes: end - start },
    request: kind === 'undo' ? change.id : null,
    undone: undone ?? null,
  };
}

/** A session of the model as `sessionsIn` reads it. */
function told({ event, counted, isUndone, ...session }: ModelSession) {
  return {
    ...{ ...session, isUndone },
    // What an undone one counts nobody asks.
    counted: isUndone ? 0 : counted,
    searched: readable(event.toLowerCase()),
  };
}

function sessionsIn(db: DatabaseSync, nowMs: number) {
  const reader = new HistoryReader(db);
  const edited = db.prepare('select json from edited_session where ordinal = ?');
  return Array.from({ length: reader.sessions }, (_, ordinal) => {
    const row = reader.session(ordinal)!;
    const session = sessionOf(row);
    return {
      ...{ place: row.place, kind: row.kind, atMs: row.at_ms, orderMs: row.order_ms, setAside: row.set_aside },
      text: session.kind === 'reading' ? JSON.stringify(session.reading) : session.json,
      id: row.id === null ? undefined : textOfKey(row.id),
      counted: row.undone === 1 ? 0 : row.counted,
      dated: row.dated === 1,
      toldMs: row.dated === 1 ? row.told_ms : Math.min(row.told_ms, nowMs),
      ...{ isUndone: row.undone === 1, isRemoved: row.removed === 1, wasAway: row.away === 1 },
      beganAnew: row.began_anew === 1,
      edited: edited.get(ordinal)?.json,
      conversation: reader.conversationName(row.conversation),
      searched: readable(textOfKey(row.searched ?? row.event)),
    };
  });
}

/** Node 22 reads a text up to its first NUL. */
function readable(text: string): string {
  return text.split('\0')[0]!;
}
