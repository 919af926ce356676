import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lookups } from '../../../../src/daemon/store/index/reading/lookups.ts';
import { Segments } from '../../../../src/daemon/store/ledger/segments.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { threadMs } from '../../../support/thread-time.ts';
import { addChange, addSession, emptyHistory } from './filled-database.ts';

interface Row {
  readonly kind: 'manual' | 'correction' | 'auto' | 'import' | 'live' | 'period' | 'foreign';
  readonly dated: 0 | 1;
  readonly undone: 0 | 1;
  readonly away: 0 | 1;
}

/** The lookups in a history of these sessions, each of a change of its own, whose revision is its ordinal + 1. */
function lookupsOf(rows: readonly Row[]): Lookups {
  const db = emptyHistory();
  db.exec("begin; insert into conversation values (1, '')");
  for (const [ordinal, row] of rows.entries()) {
    addChange(db, { place: ordinal, committed_ms: ordinal, first_ordinal: ordinal, sessions: 1 });
    const meter = row.kind === 'live' ? 'cursor.context' : null;
    addSession(db, { ...row, ordinal, meter, place: ordinal, undone: 0, away: 0 });
    // As these come about: later.
    if (row.undone) db.prepare('update session set undone = 1 where ordinal = ?').run(ordinal);
    if (row.away) db.prepare('update session set away = 1 where ordinal = ?').run(ordinal);
  }
  db.exec('commit');
  return new Lookups(db, new Segments(temporaryFolder(MEMORY)));
}

const flag = fc.constantFrom(0 as const, 0 as const, 1 as const);
const rows = fc.array(
  fc.record<Row>({
    kind: fc.constantFrom('manual', 'correction', 'auto', 'import', 'live', 'period', 'foreign'),
    ...{ dated: flag, undone: flag, away: flag },
  }),
  { maxLength: 12 },
);

test('of any history it is told whether a total was set or the budget began anew after a revision, and what was recorded next on top of the file', () => {
  fc.assert(
    fc.property(rows, fc.nat(12), (all, at) => {
      const lookups = lookupsOf(all);
      const setsTotal = ({ kind, undone }: Row) => ['manual', 'correction', 'live'].includes(kind) && !undone;
      const isOnTop = ({ kind, dated, undone, away }: Row) => kind !== 'foreign' && !dated && !undone && !away;
      const next = all.findIndex((row, ordinal) => ordinal > at && isOnTop(row));

      expect(lookups.isTotalSetAfter(at)).toBe(all.slice(at).some(setsTotal));
      expect(lookups.isRenewedAfter(at)).toBe(all.slice(at).some(({ kind, undone }) => kind === 'period' && !undone));
      expect(lookups.nextOnTop(at)).toBe(next === -1 ? undefined : next + 1);
    }),
  );
});

test('behind a long import neither takes longer to tell', () => {
  const imported: Row = { kind: 'import', dated: 1, undone: 0, away: 0 };
  const [few, many] = [400, 20_000].map((length) => lookupsOf(Array.from({ length }, () => imported)));
  for (const look of [(of: Lookups) => of.isTotalSetAfter(1), (of: Lookups) => of.nextOnTop(0)]) {
    expect(threadMs(() => look(many!))).toBeLessThan(10 * threadMs(() => look(few!)));
  }
});
