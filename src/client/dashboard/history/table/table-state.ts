import type { Change, Params, Session, SessionType } from '../../../../protocol/methods.ts';
import { parseTimestamp } from '../../../../protocol/timestamp.ts';
import { instantOf } from '../../live/time-zone.ts';
import { countedOf, eventOf, timeOf } from '../session-text.ts';

/** The filter of the table; an empty text filters nothing. */
export interface TableFilter {
  readonly query: string;
  readonly kind: SessionType | '';
  readonly conversation: string;
  /** From this instant on, ISO 8601. */
  readonly since: string;
  /** Up to before this one. */
  readonly until: string;
}

/** Consumption of so many readings. */
export interface Sum {
  readonly readings: number;
  readonly tokens: number;
}

/** The table at one moment; never changed afterwards. */
export interface TableState {
  readonly filter: TableFilter;
  /** How many rows somebody wants to see. */
  readonly wanted: number;
  readonly rows: readonly Session[];
  /** The `before` of the page after these rows. */
  readonly next: string | undefined;
  readonly status: 'loading' | 'ready' | 'failed';
  /** The request that is wanted; answers to earlier ones are dropped. */
  readonly request: number;
  /** True while the next page is asked for, false while the rows are loaded from the start. */
  readonly continues: boolean;
  /** How far back a search has come that takes longer, or was stopped; ISO 8601. */
  readonly lookedBackTo: string | undefined;
  /** The sum of all rows that match the filter, once the daemon has told it. */
  readonly sum: Sum | undefined;
  /** How many entries of the ledger cannot be read, and may be missing. */
  readonly unreadable: number;
  /** Whether the rows must be read again to be right. */
  readonly isStale: boolean;
}

/** The rows found so far; `isDone` with the last part of an answer. */
export interface Found {
  readonly request: number;
  readonly sessions: readonly Session[];
  readonly next?: string | undefined;
  readonly lookedBackTo?: string | undefined;
  readonly unreadable?: number | undefined;
  readonly isDone: boolean;
}

export type TableAction =
  | { readonly type: 'filter'; readonly filter: Partial<TableFilter> }
  | { readonly type: 'more' | 'stop' | 'reload' | 'missed' }
  | ({ readonly type: 'found' } & Found)
  | { readonly type: 'summed'; readonly request: number; readonly sum: Sum }
  | { readonly type: 'failed'; readonly request: number }
  | { readonly type: 'changed'; readonly change: Change };

/** The number of rows at first. */
export const FEW_ROWS = 20;

/** No more than this stand in the document; older ones are found by time, by search and in the export. */
export const MOST_ROWS = 1_000;

const NO_FILTER: TableFilter = { query: '', kind: '', conversation: '', since: '', until: '' };

/** A table that has asked for its first rows. */
export const FIRST: TableState = {
  filter: NO_FILTER,
  wanted: FEW_ROWS,
  rows: [],
  next: undefined,
  status: 'loading',
  request: 1,
  continues: false,
  lookedBackTo: undefined,
  sum: undefined,
  unreadable: 0,
  isStale: false,
};

/** The table after an action. A grown `request` while it loads calls for `rowsParams`, `isStale` for a reload. */
export function tableAfter(state: TableState, action: TableAction): TableState {
  const asked: TableState = {
    ...state,
    status: 'loading',
    request: state.request + 1,
    continues: false,
    lookedBackTo: undefined,
    isStale: false,
  };
  switch (action.type) {
    case 'filter':
      return { ...asked, filter: { ...state.filter, ...action.filter }, wanted: FEW_ROWS, sum: undefined };
    case 'more':
      return hasMore(state) ? { ...asked, wanted: moreThan(state.rows.length), continues: true } : state;
    case 'stop':
      return state.status === 'loading' ? { ...state, status: 'ready', request: state.request + 1 } : state;
    case 'reload':
      return asked;
    case 'found':
      return action.request === state.request ? afterFound(state, action) : state;
    case 'summed':
      return action.request === state.request ? { ...state, sum: action.sum } : state;
    case 'failed':
      return action.request === state.request ? { ...state, status: 'failed' } : state;
    case 'missed':
      return { ...state, isStale: true };
    case 'changed':
      return afterChange(state, action.change);
  }
}

/** The params of the next page, behind `count` rows; `before` is where it begins. */
export function rowsParams(state: TableState, count: number, before: string | undefined): Params<'usage.history'> {
  return {
    ...filterParams(state.filter),
    limit: Math.max(1, state.wanted - count),
    patience_ms: PATIENCE_MS,
    ...(before !== undefined && { before }),
  };
}

/** The params of the sum of all rows that match. */
export function sumParams({ filter }: TableState, before: string | undefined): Params<'usage.sum'> {
  return { ...filterParams(filter), patience_ms: PATIENCE_MS, ...(before !== undefined && { before }) };
}

/** The address where everything that the filter leaves can be had as a file; a CSV as Excel understands it. */
export function exportAddress(format: 'csv' | 'json', filter: TableFilter): string {
  const mark = format === 'csv' ? { bom: '1' } : {};
  return `/api/history?${new URLSearchParams({ format, ...mark, ...filterParams(filter) })}`;
}

/** Whether anything is left out by the filter. */
export function isFiltered(filter: TableFilter): boolean {
  return Object.values(filter).some((value) => value !== '');
}

/** Whether more rows can be shown. */
export function hasMore({ next, rows }: TableState): boolean {
  return next !== undefined && rows.length < MOST_ROWS;
}

/** The sum of all rows that match the filter, if it is known; undone readings count nothing. */
export function sumOf({ status, next, rows, sum }: TableState): Sum | undefined {
  if (status !== 'ready' || next !== undefined) return sum;
  const standing = rows.filter(({ undone }) => undone !== true);
  return { readings: standing.length, tokens: standing.reduce((tokens, row) => tokens + (countedOf(row) ?? 0), 0) };
}

/** A search tells so often how far it came. */
const PATIENCE_MS = 250;

function moreThan(count: number): number {
  return Math.min(MOST_ROWS, Math.max(count + FEW_ROWS, 2 * count));
}

function filterParams({ query, kind, conversation, since, until }: TableFilter) {
  return {
    ...(query !== '' && { query }),
    ...(kind !== '' && { sync_type: kind }),
    ...(conversation !== '' && { conversation_id: conversation }),
    ...(since !== '' && { since }),
    ...(until !== '' && { until }),
  };
}

function afterFound(state: TableState, { sessions, next, lookedBackTo, unreadable = 0, isDone }: Found): TableState {
  // The old rows stand until there are others.
  const rows = sessions.length > 0 || isDone ? sessions : state.rows;
  return {
    ...state,
    ...{
      rows,
      next,
      unreadable,
      lookedBackTo: isDone ? undefined : lookedBackTo,
      status: isDone ? 'ready' : 'loading',
    },
  };
}

function afterChange(state: TableState, { cause, session }: Change): TableState {
  if (cause === 'total') return state;
  // An undo may have struck out any row.
  if (cause === 'undo') return { ...state, isStale: true };
  if (session && !matches(session, state.filter)) return state;
  const newest = state.rows[0];
  const isOnTop = session !== undefined && (newest === undefined || timeOf(session) >= timeOf(newest));
  // While rows are under way nobody knows whether they hold this change.
  if (!isOnTop || state.status !== 'ready') return { ...state, isStale: true };
  const rows = [session, ...state.rows.filter(({ id }) => id === undefined || id !== session.id)];
  // Once rows fall off the end, only the daemon knows where the next page begins, and the sum.
  const isCut = rows.length > state.wanted || state.next !== undefined;
  return { ...state, rows: rows.slice(0, state.wanted), isStale: state.isStale || isCut };
}

function matches(session: Session, { query, kind, conversation, since, until }: TableFilter): boolean {
  const { sync_type = session.method, conversation_id } = session;
  if (kind !== '' && sync_type !== kind) return false;
  if (conversation !== '' && conversation_id !== conversation) return false;
  // The text tells the daemon's local time, which need not be the browser's.
  const atMs = instantOf(session) ?? parseTimestamp(timeOf(session));
  if (atMs !== undefined && since !== '' && atMs < Date.parse(since)) return false;
  if (atMs !== undefined && until !== '' && atMs >= Date.parse(until)) return false;
  return eventOf(session).toLowerCase().includes(query.toLowerCase());
}
