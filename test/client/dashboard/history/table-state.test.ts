import { describe, expect, it } from 'vitest';
import {
  exportAddress,
  FIRST,
  isFirstPage,
  PAGE,
  pageParams,
  type TableAction,
  type TableState,
  tableAfter,
} from '../../../../src/client/dashboard/history/table-state.ts';
import type { Change, Session } from '../../../../src/protocol/methods.ts';

const session = (id: string, more: Session = {}): Session => ({
  id,
  timestamp: '2026-11-18 10:00:00',
  event: id,
  sync_type: 'auto',
  ...more,
});
const through = (state: TableState, ...actions: TableAction[]) => actions.reduce(tableAfter, state);
const loaded = (state: TableState, sessions: Session[], next?: string): TableAction => ({
  type: 'loaded',
  request: state.request,
  sessions,
  ...(next !== undefined && { next }),
});
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

describe('paging', () => {
  it('asks for the first page first', () => expect(pageParams(FIRST)).toEqual({ limit: PAGE }));

  it('walks by the cursors that the daemon gave, forth and back', () => {
    const second = through(ready, { type: 'next' });
    expect(pageParams(second)).toEqual({ limit: PAGE, before: 'c1' });
    const third = through(through(second, loaded(second, [session('z')], 'c2')), { type: 'next' });
    expect(pageParams(third)).toEqual({ limit: PAGE, before: 'c2' });
    expect(pageParams(through(third, { type: 'previous' }))).toEqual({ limit: PAGE, before: 'c1' });
    expect(pageParams(through(third, { type: 'newest' }))).toEqual({ limit: PAGE });
  });

  it('does nothing at the ends', () => {
    const last = through(FIRST, loaded(FIRST, [session('a')]));
    expect(through(last, { type: 'next' })).toBe(last);
    expect(through(last, { type: 'previous' })).toBe(last);
  });

  it('drops the answer to an earlier request, and its failure', () => {
    const asked = through(ready, { type: 'filter', filter: { query: 'x' } });
    expect(through(asked, { type: 'loaded', request: ready.request, sessions: [session('old')] })).toBe(asked);
    expect(through(asked, { type: 'failed', request: ready.request })).toBe(asked);
    expect(through(asked, { type: 'failed', request: asked.request }).status).toBe('failed');
  });
});

describe('the filter', () => {
  it('begins at the first page again and is asked for', () => {
    const second = through(ready, { type: 'next' });
    const filtered = through(second, { type: 'filter', filter: { query: '设计', kind: 'manual', conversation: 'c' } });
    expect(pageParams(filtered)).toEqual({ limit: PAGE, query: '设计', sync_type: 'manual', conversation_id: 'c' });
    expect(isFirstPage(filtered)).toBe(true);
  });

  it('goes into the address of the export', () => {
    expect(exportAddress('csv', FIRST.filter)).toBe('/api/history?format=csv&bom=1');
    const { filter } = through(FIRST, { type: 'filter', filter: { query: 'a&b=c', kind: 'auto' } });
    expect(new URL(exportAddress('json', filter), 'http://x').searchParams.get('query')).toBe('a&b=c');
  });
});

describe('what happens meanwhile', () => {
  it('stands on top of the first page at once', () => {
    expect(rows(through(ready, changed('reading', session('c'))))).toEqual(['c', 'b', 'a']);
  });

  it('never makes the page longer; what falls off is asked for again', () => {
    const full = through(
      FIRST,
      loaded(
        FIRST,
        Array.from({ length: PAGE }, (_, index) => session(`s${index}`)),
        'c1',
      ),
    );
    const more = through(full, changed('reading', session('new')));
    expect(more.rows).toHaveLength(PAGE);
    expect(more.isStale).toBe(true);
    expect(through(more, { type: 'reload' }).isStale).toBe(false);
  });

  it('comes in only where the filter lets it', () => {
    const filtered = through(ready, { type: 'filter', filter: { query: 'DESIGN', kind: 'manual' } });
    const shown = through(filtered, loaded(filtered, []));
    const matching = session('m', { event: 'design done', sync_type: 'manual' });
    expect(rows(through(shown, changed('reading', matching)))).toEqual(['m']);
    expect(through(shown, changed('reading', { ...matching, sync_type: 'auto' }))).toBe(shown);
    expect(through(shown, changed('reading', { ...matching, event: 'other' }))).toBe(shown);
  });

  it('is counted on a later page, whose rows stay where they are', () => {
    const second = through(ready, { type: 'next' });
    const shown = through(second, loaded(second, [session('z')]));
    const more = through(shown, changed('reading', session('c')), changed('import'));
    expect([rows(more), more.unseen, more.isStale]).toEqual([['z'], 2, false]);
    const newest = through(more, { type: 'newest' });
    expect([newest.unseen, isFirstPage(newest)]).toEqual([0, true]);
  });

  it.each([
    ['an undo', ready, changed('undo')],
    ['an import', ready, changed('import')],
    ['an edit', ready, changed('edit')],
    ['a snapshot after a lost connection', ready, { type: 'missed' }],
    ['a reading of the past', ready, changed('reading', session('p', { timestamp: '2020-01-01 00:00:00' }))],
    ['a reading while the page is under way', FIRST, changed('reading', session('c'))],
  ] as const)('makes the page ask again after %s', (_, state, action) => {
    expect(through(state, action).isStale).toBe(true);
  });

  it('asks again when the page arrives that may lack it', () => {
    const during = through(FIRST, changed('reading', session('c')));
    expect(through(during, loaded(during, [session('b')])).isStale).toBe(true);
  });

  it('does not matter where only the budget changed', () => expect(through(ready, changed('total'))).toBe(ready));
});
