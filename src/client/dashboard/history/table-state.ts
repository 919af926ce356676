import type { Change, Params, Session, SyncType } from '../../../protocol/methods.ts';
import { eventOf, timeOf } from './session-text.ts';

/** What the table is asked to show; empty texts ask for everything. */
export interface TableFilter {
  readonly query: string;
  readonly kind: SyncType | '';
  readonly conversation: string;
}

/** The table at one moment; never changed afterwards. */
export interface TableState {
  readonly filter: TableFilter;
  /** The `before` of every page from the first to the present one. */
  readonly cursors: readonly (string | undefined)[];
  readonly rows: readonly Session[];
  readonly next: string | undefined;
  readonly status: 'loading' | 'ready' | 'failed';
  /** The request that is wanted; answers to earlier ones are dropped. */
  readonly request: number;
  /** Changes that this page does not show. */
  readonly unseen: number;
  /** Whether the page must be read again to be right. */
  readonly isStale: boolean;
}

export type TableAction =
  | { readonly type: 'filter'; readonly filter: Partial<TableFilter> }
  | { readonly type: 'next' | 'previous' | 'newest' | 'reload' | 'missed' }
  | { readonly type: 'loaded'; readonly request: number; readonly sessions: readonly Session[]; readonly next?: string }
  | { readonly type: 'failed'; readonly request: number }
  | { readonly type: 'changed'; readonly change: Change };

/** Rows of a page. */
export const PAGE = 50;

const NO_FILTER: TableFilter = { query: '', kind: '', conversation: '' };

/** A table that has asked for its first page. */
export const FIRST: TableState = {
  filter: NO_FILTER,
  cursors: [undefined],
  rows: [],
  next: undefined,
  status: 'loading',
  request: 1,
  unseen: 0,
  isStale: false,
};

/** The table after an action. Whoever sees `request` grow asks for `pageParams`; whoever sees `isStale` asks for a reload. */
export function tableAfter(state: TableState, action: TableAction): TableState {
  const asked = { ...state, status: 'loading', request: state.request + 1, isStale: false } as const;
  switch (action.type) {
    case 'filter':
      return { ...asked, filter: { ...state.filter, ...action.filter }, cursors: [undefined], unseen: 0 };
    case 'next':
      return state.next === undefined ? state : { ...asked, cursors: [...state.cursors, state.next] };
    case 'previous':
      return state.cursors.length === 1 ? state : { ...asked, cursors: state.cursors.slice(0, -1) };
    case 'newest':
      return { ...asked, cursors: [undefined], unseen: 0 };
    case 'reload':
      return asked;
    case 'loaded': {
      if (action.request !== state.request) return state;
      const unseen = isFirstPage(state) ? 0 : state.unseen;
      return { ...state, status: 'ready', rows: action.sessions, next: action.next, unseen };
    }
    case 'failed':
      return action.request === state.request ? { ...state, status: 'failed' } : state;
    case 'missed':
      return isFirstPage(state) ? { ...state, isStale: true } : { ...state, unseen: state.unseen + 1 };
    case 'changed':
      return afterChange(state, action.change);
  }
}

/** What to ask the daemon for. */
export function pageParams({ filter, cursors }: TableState): Params<'usage.history'> {
  const before = cursors.at(-1);
  return { ...filterParams(filter), limit: PAGE, ...(before !== undefined && { before }) };
}

/** The address where everything that the filter leaves can be had as a file; a CSV as Excel understands it. */
export function exportAddress(format: 'csv' | 'json', filter: TableFilter): string {
  const mark = format === 'csv' ? { bom: '1' } : {};
  return `/api/history?${new URLSearchParams({ format, ...mark, ...filterParams(filter) })}`;
}

/** Whether the newest sessions are shown. */
export function isFirstPage({ cursors }: TableState): boolean {
  return cursors.length === 1;
}

/** Whether anything is left out by the filter. */
export function isFiltered({ query, kind, conversation }: TableFilter): boolean {
  return query !== '' || kind !== '' || conversation !== '';
}

function filterParams({ query, kind, conversation }: TableFilter) {
  return {
    ...(query !== '' && { query }),
    ...(kind !== '' && { sync_type: kind }),
    ...(conversation !== '' && { conversation_id: conversation }),
  };
}

function afterChange(state: TableState, { cause, session }: Change): TableState {
  if (cause === 'total') return state;
  // An undo may have struck out a row of any page.
  if (cause === 'undo') return { ...state, isStale: true };
  if (session && !matches(session, state.filter)) return state;
  if (!isFirstPage(state)) return { ...state, unseen: state.unseen + 1 };
  const newest = state.rows[0];
  const isOnTop = session !== undefined && (newest === undefined || timeOf(session) >= timeOf(newest));
  // While a page is under way nobody knows whether it holds this change.
  if (!isOnTop || state.status !== 'ready') return { ...state, isStale: true };
  const rows = [session, ...state.rows.filter(({ id }) => id === undefined || id !== session.id)];
  // What falls off the end belongs to the following page, whose cursor only the daemon knows.
  return { ...state, rows: rows.slice(0, PAGE), isStale: state.isStale || rows.length > PAGE };
}

function matches(session: Session, { query, kind, conversation }: TableFilter): boolean {
  const { sync_type = session.method, conversation_id } = session;
  if (kind !== '' && sync_type !== kind) return false;
  if (conversation !== '' && conversation_id !== conversation) return false;
  return eventOf(session).toLowerCase().includes(query.toLowerCase());
}
