import { describe, expect, test } from 'vitest';
import { eventOf, incrementOf, kindOf, timeOf } from '../../../../../src/client/dashboard/history/session-text.ts';
import {
  itemsOf,
  MOST_ITEMS,
  type StreamItem,
  withChanges,
} from '../../../../../src/client/dashboard/history/stream/event-stream.ts';
import type { Change, ToldChange } from '../../../../../src/protocol/methods.ts';

function change(revision: number, used: number, more: Partial<Change> = {}): Change {
  const mark = `${revision}:0a1b2c3d`;
  const usage = {
    used,
    total: 1_000,
    percent: 0,
    remaining: 0,
    sessions_count: 0,
    last_updated: '2026-11-18T20:30:00',
    revision,
    mark,
  };
  return { revision, previous_revision: revision - 1, mark, usage, cause: 'reading', ...more };
}

const NOW = Date.parse('2026-11-18T20:30:00Z');

/** As the daemon tells of it afterwards. */
function told(revision: number, used: number, increment: number, more: Partial<ToldChange> = {}): ToldChange {
  return { revision, at: '2026-11-18T10:00:00.000Z', cause: 'reading', used, total: 1_000, increment, ...more };
}

const keys = (items: readonly StreamItem[]) => items.map(({ key }) => key);

describe('the event stream', () => {
  test('the event stream has the newest on top and never grows beyond its bound', () => {
    const items = withChanges(itemsOf({ changes: [told(1, 10, 10)], alerts: [] }, []), [change(2, 30)], NOW);
    expect(keys(items)).toEqual(['revision-2', 'revision-1']);
    const flood = Array.from({ length: 10_000 }, (_, index) => change(index + 3, index));
    const after = withChanges(items, flood, NOW);
    expect(after).toHaveLength(MOST_ITEMS);
    expect(after[0]?.key).toBe('revision-10002');
    expect(after.at(-1)?.key).toBe(`revision-${10_002 - MOST_ITEMS + 1}`);
  });
  test.each([
    ['a reading', change(2, 50, { session: { tokens: 20 } }), 20],
    ['an undo', change(2, 30, { cause: 'undo' }), -20],
    ['an import', change(2, 90, { cause: 'import' }), 40],
    ['what follows on a gap', change(9, 90, { cause: 'import' }), undefined],
  ])('the event stream tells how much %s added', (_, given, increment) => {
    const before = itemsOf({ changes: [told(1, 50, 50)], alerts: [] }, []);
    expect(withChanges(before, [given], NOW)[0]?.increment).toBe(increment);
  });
  test('the event stream after an answer is the daemon’s, with changes that came since and with its highlights', () => {
    const live = withChanges([], [change(4, 40), change(5, 30, { cause: 'undo' }), change(6, 31)], NOW);
    const undo = told(5, 30, -10, { cause: 'undo', session: { event: 'slip' } });
    const items = itemsOf({ changes: [undo, told(4, 40, 10), told(3, 30, 30)], alerts: [] }, live);
    expect(keys(items)).toEqual(['revision-6', 'revision-5', 'revision-4', 'revision-3']);
    expect(items.map(({ isNew }) => isNew)).toEqual([true, true, true, false]);
    expect(items[1]).toMatchObject({ cause: 'undo', increment: -10, session: { event: 'slip' } });
  });
  test('the event stream shows an alert above its change, and none whose change it does not show', () => {
    const alert = { level: 80, percent: 80, at: '2026-11-18T10:00:00.000Z' };
    const alerts = [
      { ...alert, revision: 2 },
      { ...alert, revision: 1, level: 90 },
    ];
    expect(keys(itemsOf({ changes: [told(3, 9, 1), told(2, 8, 8)], alerts }, []))).toEqual([
      'revision-3',
      'alert-2-80',
      'revision-2',
    ]);
  });
});

describe('a session of any program', () => {
  test.each([
    [
      { event: '完成', timestamp: '2026-11-18 10:00:00', tokens: 5, sync_type: 'manual' },
      ['完成', '2026-11-18 10:00:00', 5, 'Manual'],
    ],
    [{ task: 'design', start_time: '10:00', tokens: '5k', method: 'hand' }, ['design', '10:00', undefined, 'hand']],
    [{ event: { a: 1 } as never, tokens: 1.5 }, ['{"a":1}', '', undefined, '']],
    [{ sync_type: '__proto__' }, ['', '', undefined, '__proto__']],
  ])('a session of any program is told in words: %j', (session, [event, time, increment, kind]) => {
    expect([eventOf(session), timeOf(session), incrementOf(session), kindOf(session).en]).toEqual([
      event,
      time,
      increment,
      kind,
    ]);
  });
});
