import { describe, expect, it } from 'vitest';
import { itemsOf, MOST_ITEMS, withChanges } from '../../../../src/client/dashboard/history/event-stream.ts';
import { eventOf, incrementOf, kindOf, timeOf } from '../../../../src/client/dashboard/history/session-text.ts';
import type { Change } from '../../../../src/protocol/methods.ts';

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

describe('the event stream', () => {
  it('has the newest on top and never grows beyond its bound', () => {
    const items = withChanges(itemsOf([{ id: 'a', event: 'old' }]), [change(1, 10), change(2, 30)], 0);
    expect(items.map(({ key }) => key)).toEqual(['revision-2', 'revision-1', 'session-a']);
    const flood = Array.from({ length: 10_000 }, (_, index) => change(index + 3, index));
    const after = withChanges(items, flood, 30);
    expect(after).toHaveLength(MOST_ITEMS);
    expect(after[0]?.key).toBe('revision-10002');
    expect(after.at(-1)?.key).toBe(`revision-${10_002 - MOST_ITEMS + 1}`);
  });
  it.each([
    ['a reading', change(1, 50, { session: { tokens: 20, timestamp: '2026-11-18 10:00:00' } }), 30, 20],
    ['an undo', change(1, 30, { cause: 'undo' }), 50, -20],
    ['an import', change(1, 90, { cause: 'import' }), 50, 40],
    ['the first change of all', change(1, 90, { cause: 'import' }), undefined, undefined],
  ])('tells how much %s added', (_, given, before, increment) => {
    expect(withChanges([], [given], before)[0]?.increment).toBe(increment);
  });
  it('tells no session twice, also when the snapshot held it already', () => {
    const session = { id: 'a', event: 'once' };
    const items = withChanges(itemsOf([session, { id: 'b' }, {}]), [change(1, 10, { session })], 0);
    expect(items.map(({ key }) => key)).toEqual(['revision-1', 'session-b', 'session-2']);
  });
  it('says when it was, by the session or by the state', () => {
    const own = change(1, 1, { session: { timestamp: '2026-11-18 10:00:00' } });
    expect(withChanges([], [own, change(2, 1, { cause: 'undo' })], 0).map(({ at }) => at)).toEqual([
      '2026-11-18 20:30:00',
      '2026-11-18 10:00:00',
    ]);
  });
});

describe('a session of any program', () => {
  it.each([
    [
      { event: '完成', timestamp: '2026-11-18 10:00:00', tokens: 5, sync_type: 'manual' },
      ['完成', '2026-11-18 10:00:00', 5, 'Manual'],
    ],
    [{ task: 'design', start_time: '10:00', tokens: '5k', method: 'hand' }, ['design', '10:00', undefined, 'hand']],
    [{ event: { a: 1 } as never, tokens: 1.5 }, ['{"a":1}', '', undefined, '']],
    [{ sync_type: '__proto__' }, ['', '', undefined, '__proto__']],
  ])('is told in words: %j', (session, [event, time, increment, kind]) => {
    expect([eventOf(session), timeOf(session), incrementOf(session), kindOf(session).en]).toEqual([
      event,
      time,
      increment,
      kind,
    ]);
  });
});
