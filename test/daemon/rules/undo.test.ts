import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RecordedReading, snapshotAfter, undoReceiptOf } from '../../../src/daemon/rules/change.ts';
import { recordReading, undoReading } from '../../../src/daemon/rules/record.ts';
import type { Snapshot } from '../../../src/daemon/rules/snapshot.ts';
import type { SyncType } from '../../../src/protocol/methods.ts';
import { NOW_MS, readingOf, snapshotOf } from './readings.ts';

const request = { id: 'undo-1', isListed: true, backfill: undefined };

test.each<[SyncType, number, number]>([
  ['manual', 350_000, 15_000],
  ['manual', 1_200, -333_800],
  ['auto', 15_000, 15_000],
  ['correction', 300_000, -35_000],
])('%s %i is taken back: used is what it was before it', (syncType, tokens, difference) => {
  const before = snapshotOf(335_000);
  const change = recordReading(before, readingOf(syncType, tokens), 'rpc', NOW_MS);
  const undo = undoReading(snapshotAfter(change), change.reading, request, 'rpc', NOW_MS);

  expect(undo).toMatchObject({ kind: 'undo', id: 'undo-1', undone: 'r1', used: 335_000, revision: 9 });
  expect(undo.increment).toBe(-difference);
  expect(undo.sessions_count).toBe(before.sessions_count);
  expect(undoReceiptOf(undo)).toMatchObject({ id: 'undo-1', total_used: 335_000, total: 1_000_000, percent: 33.5 });
});

test('an undo counts no session off that an edit had removed already', () => {
  const change = recordReading(snapshotOf(0), readingOf('auto', 5), 'rpc', NOW_MS);
  const after = { ...snapshotAfter(change), sessions_count: 3 };

  expect(undoReading(after, change.reading, { ...request, isListed: false }, 'rpc', NOW_MS).sessions_count).toBe(3);
});

test('taken back one after the other, readings of any kind lead to the beginning', () => {
  const kinds = fc.constantFrom<SyncType>('manual', 'auto', 'estimate', 'import', 'correction');
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.tuple(kinds, fc.nat()), { maxLength: 20 }), (used, offered) => {
      let snapshot: Snapshot = snapshotOf(used);
      const stack: [Snapshot, RecordedReading][] = [];
      for (const [kind, tokens] of offered) {
        const change = recordReading(snapshot, readingOf(kind, tokens), 'rpc', NOW_MS);
        stack.push([snapshot, change.reading]);
        snapshot = snapshotAfter(change);
      }
      for (const [before, reading] of stack.reverse()) {
        snapshot = snapshotAfter(undoReading(snapshot, reading, request, 'rpc', NOW_MS));
        expect([snapshot.used, snapshot.sessions_count]).toEqual([before.used, before.sessions_count]);
      }
      expect(snapshot.used).toBe(used);
    }),
  );
});
