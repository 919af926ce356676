import { describe, expect, test } from 'vitest';
import {
  exportAddress,
  FEW_ROWS,
  FIRST,
  hasMore,
  MOST_ROWS,
  rowsParams,
  sumOf,
  type TableAction,
  type TableState,
  tableAfter,
} from '../../../../../src/client/dashboard/history/table/table-state.ts';
import { noteInstants } from '../../../../../src/client/dashboard/live/time-zone.ts';
import type { Change, Session } from '../../../../../src/protocol/methods.ts';

const session = (id: string, more: Session = {}): Session => ({
  id,
  timestamp: '2026-11-18 10:00:00',
  event: id,
  sync_type: 'auto',
  ...more,
});
const through = (state: TableState, ...actions: TableAction[]) => actions.reduce(tableAfter, state);
const loaded = (state: TableState, sessions: readonly Session[], next?: string): TableAction => ({
  type: 'found',
  request: state.request,
  sessions,
  next,
  isDone: true,
});
const asks = (state: TableState) => {
  const { patience_ms: _, ...params } = state.continues
    ? rowsParams(state, state.rows.length, state.next)
    : rowsParams(state, 0, undefined);
  return params;
};
const many = (count: number) => Array.from({ length: count }, (_, index) => session(`s${index}`));
const rows = (state: TableState) => state.rows.map(({ id }) => id);
const MARK = '1:0a1b2c3d';
const changed = (cause: Change['cause'], of?: Session): TableAction => ({
  type: 'changed',
  change: {
    revision: 1,
    previous_revision: 0,
    mark: MARK,
    usage: {
      used: 0,
      total: 0,
      percent: 0,
      remaining: 0,
      sessions_count: 0,
      last_updated: '',
      revision: 1,
      mark: MARK,
    },
    cause,
    ...(of && { session: of }),
  },
});

const ready = through(FIRST, loaded(FIRST, [session('b'), session('a')], 'c1'));

test('the table tells how many entries its rows may lack, and forgets it with rows that are whole', () => {
  const found = (state: TableState, unreadable?: number): TableAction => ({
    type: 'found',
    request: state.request,
    sessions: [],
    unreadable,
    isDone: true,
  });
  const lacking = through(FIRST, found(FIRST, 3));
  expect([FIRST.unreadable, lacking.unreadable]).toEqual([0, 3]);
  const asked = through(lacking, { type: 'reload' });
  expect(through(asked, found(asked)).unreadable).toBe(0);
});

describe('the rows', () => {
  test('the rows are few at first', () => expect(asks(FIRST)).toEqual({ limit: FEW_ROWS }));

  test('the rows become more behind those that are there, up to a bound', () => {
    let state = through(FIRST, loaded(FIRST, many(FEW_ROWS), 'c1'));
    const more = through(state, { type: 'more' });
    expect(asks(more)).toEqual({ limit: FEW_ROWS, before: 'c1' });
    expect(rows(more)).toEqual(rows(state));
    for (let step = 0; step < 20; step++) {
      const asked = through(state, { type: 'more' });
      if (asked !== state) state = through(asked, loaded(asked, many(asked.wanted), 'c'));
    }
    expect([state.rows.length, hasMore(state)]).toEqual([MOST_ROWS, false]);
  });

  test('no more rows are asked for at the end', () => {
    const last = through(FIRST, loaded(FIRST, [session('a')]));
    expect(through(last, { type: 'more' })).toBe(last);
  });

  test('the rows ignore the answer to an earlier request, and its failure', () => {
    const asked = through(ready, { type: 'filter', filter: { query: 'x' } });
    expect(through(asked, loaded(ready, [session('old')]))).toBe(asked);
    expect(through(asked, { type: 'failed', request: ready.request })).toBe(asked);
    expect(through(asked, { type: 'failed', request: asked.request }).status).toBe('failed');
  });
});

describe('a long search', () => {
  const asked = through(ready, { type: 'filter', filter: { query: 'x' } });
  const part = (sessions: readonly Session[]): TableAction => ({
    ...{ type: 'found', request: asked.request, sessions, next: 'c9' },
    ...{ lookedBackTo: '2026-09-01T00:00:00.000Z', isDone: false },
  });

  test('a long search leaves the old rows until it has found others, and says how far it came', () => {
    const nothing = through(asked, part([]));
    expect([rows(nothing), nothing.status, nothing.lookedBackTo?.slice(0, 7)]).toEqual([
      ['b', 'a'],
      'loading',
      '2026-09',
    ]);
    expect(rows(through(nothing, part([session('x1')])))).toEqual(['x1']);
    expect(rows(through(nothing, loaded(asked, [])))).toEqual([]);
  });

  test('a long search stops where somebody ends it, and goes on from there', () => {
    const stopped = through(asked, part([session('x1')]), { type: 'stop' });
    expect([stopped.status, rows(stopped), hasMore(stopped)]).toEqual(['ready', ['x1'], true]);
    expect(through(stopped, part([session('x2')]))).toBe(stopped);
    expect(asks(through(stopped, { type: 'more' }))).toMatchObject({ before: 'c9', query: 'x' });
  });
});

describe('the sum', () => {
  test('the sum is that of all rows but undone ones where all are there, and otherwise the daemon’s', () => {
    const all = [session('a', { tokens: 5 }), session('b', { tokens: -3 }), session('c', { tokens: 9, undone: true })];
    expect(sumOf(through(FIRST, loaded(FIRST, all)))).toEqual({ readings: 2, tokens: 5 });
    const part = through(FIRST, loaded(FIRST, all, 'c1'));
    expect(sumOf(part)).toBeUndefined();
    const sum = { readings: 53, tokens: 741_110 };
    expect(sumOf(through(part, { type: 'summed', request: part.request, sum }))).toEqual(sum);
    expect(sumOf(through(part, { type: 'summed', request: part.request + 1, sum }))).toBeUndefined();
  });
});

describe('the filter', () => {
  test('a new filter begins with few rows again and is asked for', () => {
    const more = through(through(FIRST, loaded(FIRST, many(FEW_ROWS), 'c1')), { type: 'more' });
    const filter = { query: '设计', kind: 'manual', conversation: 'c', since: '2026-11-01T00:00:00.000Z' } as const;
    expect(asks(through(more, { type: 'filter', filter }))).toEqual({
      ...{ limit: FEW_ROWS, query: '设计', sync_type: 'manual', conversation_id: 'c' },
      since: '2026-11-01T00:00:00.000Z',
    });
  });

  test('the filter goes into the address of the export', () => {
    expect(exportAddress('csv', FIRST.filter)).toBe('/api/history?format=csv&bom=1');
    const { filter } = through(FIRST, { type: 'filter', filter: { query: 'a&b=c', kind: 'auto' } });
    expect(new URL(exportAddress('json', filter), 'http://x').searchParams.get('query')).toBe('a&b=c');
  });
});

describe('what happens meanwhile', () => {
  test('a new reading stands on top of the first page at once', () => {
    expect(rows(through(ready, changed('reading', session('c'))))).toEqual(['c', 'b', 'a']);
  });

  test('a new reading never makes the table longer; rows that fall off are asked for again', () => {
    const full = through(FIRST, loaded(FIRST, many(FEW_ROWS), 'c1'));
    const more = through(full, changed('reading', session('new')));
    expect(more.rows).toHaveLength(FEW_ROWS);
    expect(more.isStale).toBe(true);
    expect(through(more, { type: 'reload' }).isStale).toBe(false);
  });

  test('a new reading comes in only where the filter matches it', () => {
    const filtered = through(ready, { type: 'filter', filter: { query: 'DESIGN', kind: 'manual' } });
    const shown = through(filtered, loaded(filtered, []));
    const matching = session('m', { event: 'design done', sync_type: 'manual' });
    expect(rows(through(shown, changed('reading', matching)))).toEqual(['m']);
    expect(through(shown, changed('reading', { ...matching, sync_type: 'auto' }))).toBe(shown);
    expect(through(shown, changed('reading', { ...matching, event: 'other' }))).toBe(shown);
  });

  test('a new reading comes in by its instant, not by the local time of a daemon in another zone', () => {
    const at = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour)).toISOString();
    const told = session('elsewhere', { timestamp: '2026-11-18 10:00:00' });
    noteInstants([{ id: told.id, at: at(15) }]);
    const within = through(ready, { type: 'filter', filter: { since: at(12), until: at(20) } });
    const outside = through(ready, { type: 'filter', filter: { since: at(16) } });

    expect(rows(through(within, loaded(within, []), changed('reading', told)))).toEqual(['elsewhere']);
    expect(rows(through(outside, loaded(outside, []), changed('reading', told)))).toEqual([]);
  });

  test('a new reading comes in only where it lies in the stretch of time', () => {
    const at = (day: number) => new Date(2026, 10, day).toISOString();
    const filtered = through(ready, { type: 'filter', filter: { since: at(12), until: at(20) } });
    const shown = through(filtered, loaded(filtered, []));
    const on = (day: number) => changed('reading', session('m', { timestamp: `2026-11-${day} 00:00:00` }));
    expect([on(11), on(20)].map((action) => rows(through(shown, action)))).toEqual([[], []]);
    expect(rows(through(shown, on(19)))).toEqual(['m']);
  });

  test.each([
    ['an undo', ready, changed('undo')],
    ['an import', ready, changed('import')],
    ['an edit', ready, changed('edit')],
    ['a snapshot after a lost connection', ready, { type: 'missed' }],
    ['a reading of the past', ready, changed('reading', session('p', { timestamp: '2020-01-01 00:00:00' }))],
    ['a reading while the page is under way', FIRST, changed('reading', session('c'))],
  ] as const)('makes the page ask again after %s', (_, state, action) => {
    expect(through(state, action).isStale).toBe(true);
  });

  test('a page that may lack a new reading is asked for again', () => {
    const during = through(FIRST, changed('reading', session('c')));
    expect(through(during, loaded(during, [session('b')])).isStale).toBe(true);
  });

  test('a change of the budget leaves the table as it is', () => expect(through(ready, changed('total'))).toBe(ready));
});
