import { TokenSyncError } from '../../protocol/errors.ts';
import type { Params, Result, Session } from '../../protocol/methods.ts';
import { addExactly } from '../rules/exact-sum.ts';
import { isShown } from '../store/index/database/session-rows.ts';
import { searchText } from '../store/index/database/stored-text.ts';
import { type FoundRow, type HistoryReader, sessionOf } from '../store/index/reading/reader.ts';
import {
  foundIn,
  NEWEST,
  type SessionFilter,
  sumIn,
  type TimePlace,
  theirsIn,
} from '../store/index/reading/time-walk.ts';
import { instantOf, shownSession } from '../store/ledger/ledger-session.ts';
import { stretchOf } from './asked-time.ts';
import { cursorOf, type Look, type LookedBack, lookBack } from './look-back.ts';

const DEFAULT_PAGE = 100;

/** How far a page has come. */
export interface PageHead {
  /** So many sessions are on it. */
  readonly held: number;
  /** The `next` by which it would go on behind the last of them. */
  readonly last?: string;
}

/** More of a page. */
export interface PagePart {
  readonly sessions: readonly Session[];
  readonly last?: string;
  readonly ended: LookedBack;
}

/** How far a sum has come. */
export interface SumHead {
  readonly readings: number;
  readonly tokens: number;
}

export interface SumPart extends SumHead {
  readonly ended: LookedBack;
}

/** More of a page, newest first, until it is full and another session would be behind the last. */
export async function morePage(
  reader: HistoryReader,
  params: Params<'usage.history'>,
  nowMs: number,
  { held, last }: PageHead,
  look: Look,
): Promise<PagePart> {
  const room = (params.limit ?? DEFAULT_PAGE) - held;
  const sessions: Session[] = [];
  let end = last;
  const ended = await lookBackFor(reader, params, nowMs, look, (filter, place, chunk) => {
    const most = room - sessions.length + 1;
    const rows = foundIn(reader, place, chunk, filter, most);
    for (const row of rows) {
      if (!isAskedFor(row, params)) continue;
      if (sessions.length === room) return 'asked';
      sessions.push(shownRow(row, params.instants));
      end = cursorOf(placeOfRow(row));
    }
    // There may be more in the chunk.
    return rows.length === most ? placeOfRow(rows.at(-1)!) : undefined;
  });
  return { sessions, ...(end !== undefined && { last: end }), ended };
}

/** More of the sum of the counts of all sessions that a page's filter finds, without those undone. */
export async function moreSum(
  reader: HistoryReader,
  params: Params<'usage.sum'>,
  nowMs: number,
  { readings, tokens }: SumHead,
  look: Look,
): Promise<SumPart> {
  const sum = { readings, tokens };
  const add = (more: SumHead) => {
    sum.readings += more.readings;
    sum.tokens = addExactly(sum.tokens, more.tokens);
  };
  const ended = await lookBackFor(reader, params, nowMs, look, (filter, place, chunk) => {
    const { isRow, ...ours } = sumIn(reader, place, chunk, filter);
    add(ours);
    if (filter.kind === undefined) return undefined;
    for (const row of theirsIn(reader, place, { ...chunk, isRow }, filter)) {
      if (isAskedFor(row, params)) add({ readings: 1, tokens: row.counted });
    }
    return undefined;
  });
  return { ...sum, ended };
}

/** The part of an answer that says where a look back stopped because the patience had ended. */
export function stopOf(ended: LookedBack): Pick<Result<'usage.sum'>, 'next' | 'looked_back_to'> {
  return ended.how === 'patience' ? { next: ended.next, looked_back_to: ended.lookedBackTo } : {};
}

/** Where a look back begins; throws `invalid_params` for a `before` that no page gave. */
export function placeBefore(before: string | undefined): TimePlace {
  if (before === undefined) return NEWEST;
  const match = /^(-?\d{1,16})\.(\d{1,10})$/.exec(before);
  if (match) return { orderMs: Number(match[1]), ordinal: Number(match[2]) };
  throw new TokenSyncError(
    'invalid_params',
    { zh: 'before 无效', en: 'before is not valid' },
    { field: 'before', hint: { zh: '请使用上一页返回的 next', en: 'use the `next` of the page before' } },
  );
}

type Take = Parameters<typeof lookBack>[3];

async function lookBackFor(
  reader: HistoryReader,
  params: Params<'usage.sum'>,
  nowMs: number,
  look: Look,
  take: (filter: SessionFilter, ...chunk: Parameters<Take>) => ReturnType<Take>,
): Promise<LookedBack> {
  const { since, until, sync_type: kind, conversation_id, query } = params;
  const stretch = stretchOf(params, nowMs);
  const conversation = conversation_id === undefined ? undefined : reader.conversationNumber(conversation_id);
  // What nobody names has no session.
  if (conversation_id !== undefined && conversation === undefined) return { how: 'end' };
  const isBounded = since !== undefined || until !== undefined;
  const filter = {
    ...(kind !== undefined && { kind }),
    ...(conversation !== undefined && { conversation }),
    ...(query !== undefined && { needle: searchText(query) }),
    ...(isBounded && { times: { since: stretch.sinceMs, until: stretch.untilMs, now: nowMs } }),
  };
  return lookBack(reader, stretch, look, (place, chunk) => take(filter, place, chunk));
}

function placeOfRow({ order_ms, ordinal }: FoundRow): TimePlace {
  return { orderMs: order_ms, ordinal };
}

/** What another program wrote may be no session at all, and names its kind in words of its own, which SQL cannot tell. */
function isAskedFor(row: FoundRow, { sync_type }: Params<'usage.sum'>): boolean {
  if (row.kind !== 'foreign') return true;
  if (!isShown(row)) return false;
  if (sync_type === undefined) return true;
  const session = JSON.parse(row.json!) as Session;
  const { sync_type: kind = session.method } = session;
  return kind === sync_type;
}

function shownRow(row: FoundRow, instants = false): Session {
  const found = sessionOf(row);
  const session = shownSession(found, row.counted);
  const at = instants ? instantOf(found) : undefined;
  const undone = row.undone === 1;
  if (!undone && at === undefined) return session;
  return { ...session, ...(undone && { undone }), ...(at !== undefined && { at }) };
}
