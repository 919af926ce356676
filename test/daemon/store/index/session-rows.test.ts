import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RecordedReading } from '../../../../src/daemon/rules/change.ts';
import { openToWrite } from '../../../../src/daemon/store/index/database/database.ts';
import { INSERT_SESSION, valuesOf } from '../../../../src/daemon/store/index/database/session-rows.ts';
import { HistoryReader, sessionOf } from '../../../../src/daemon/store/index/reading/reader.ts';
import { foreign, indexedFields, type LedgerSession } from '../../../../src/daemon/store/ledger/ledger-session.ts';
import { MAX_TOKENS } from '../../../../src/protocol/limits.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'B', 'ß', 'İ', '学', '😀', '\ud800', '\0', ' ', '"') });
const tokens = fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: MAX_TOKENS }));
const instants = fc.integer({ min: 0, max: 253_402_300_799_999 }).map((atMs) => new Date(atMs).toISOString());

/** In the order of members that the ledger's lines have; some were recorded by 0.1.0, which knew fewer. */
const readings: fc.Arbitrary<RecordedReading> = fc
  .record({
    ...{ id: text, value: tokens, unit: fc.option(tokens) },
    sync_type: fc.constantFrom('manual', 'auto', 'estimate', 'import', 'correction'),
    ...{ event: text, conversation_id: text },
    at: fc.oneof(instants, fc.constant('2025-11-18T00:00:00Z')),
    ...{ timestamp: text, dated: fc.boolean(), increment: tokens, counted: fc.option(tokens) },
    set_aside: fc.option(fc.integer({ min: -MAX_TOKENS, max: MAX_TOKENS })),
    ...{ before: tokens, used: tokens, total: tokens, reset: fc.boolean(), rounded: fc.boolean() },
    flags: fc.option(fc.record({ late: fc.constant(true), replaces: text }, { requiredKeys: [] })),
  })
  .map((reading) => {
    const isTold = ([, value]: [string, unknown]) => value !== null && value !== false;
    return Object.fromEntries(Object.entries(reading).filter(isTold)) as unknown as RecordedReading;
  });

const sessions: fc.Arbitrary<LedgerSession> = fc.oneof(
  readings.map((reading): LedgerSession => ({ kind: 'reading', reading, revision: 7 })),
  fc.tuple(fc.json(), instants).map(([json, at]) => foreign(json, at)),
);

test('a session comes back from its row as the ledger has it, member by member', () => {
  const db = openToWrite(':memory:');
  const reader = new HistoryReader(db);
  db.exec("insert into change values (0, 7, 'reading', 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, null, null, null, null)");
  const putIn = db.prepare(INSERT_SESSION);
  fc.assert(
    fc.property(sessions, (session) => {
      db.exec('delete from session; delete from conversation');
      const folded = { counted: 5, setAside: 0, reset: false };
      const { atMs, dated, kind, id, conversation = '', counted } = indexedFields(session, folded);
      db.prepare('insert into conversation values (1, ?)').run(conversation);
      putIn.run(
        ...valuesOf(session, {
          ...{ ordinal: 0, place: 0, order_ms: atMs, told_ms: atMs, counted, set_aside: 0, conversation: 1 },
          ...{ kind, dated: Number(dated), id, at_ms: atMs, began_anew: 0 },
        }),
      );

      expect(JSON.stringify(sessionOf(reader.session(0)!))).toBe(JSON.stringify(session));
      expect(id === undefined || reader.sessionOf(id)?.ordinal === 0).toBe(true);
      expect(id === undefined ? undefined : reader.sessionOf(`${id}x`)).toBe(undefined);
    }),
    { numRuns: 500 },
  );
});
