import { TokenSyncError } from '../../protocol/errors.ts';
import type { Params, Result, Session } from '../../protocol/methods.ts';
import { parseTimestamp } from '../../protocol/timestamp.ts';
import { textOf } from '../../shared/foreign-text.ts';
import { type Consumed, consumptionOf } from '../rules/consumption.ts';
import { addExactly } from '../rules/exact-sum.ts';
import type { LedgerIndex } from '../store/index/ledger-index.ts';
import { instantOf, shownSession } from '../store/ledger/ledger-session.ts';

const DEFAULT_PAGE = 100;

/** The clock is looked at after so many. */
const SESSIONS_A_LOOK = 50;

/** Everybody else gets a turn after this many sessions were looked at. */
const SESSIONS_A_TURN = 1_000;

/** A page of the full history, newest first, and how much cannot be read any more so far as is known by then; throws `invalid_params` for a `before` that no page gave. */
export async function pageOf(
  index: LedgerIndex,
  params: Params<'usage.history'>,
  nowMs = Date.now(),
): Promise<Result<'usage.history'>> {
  const limit = params.limit ?? DEFAULT_PAGE;
  const page: Session[] = [];
  let last: number | undefined;
  const stopped = await lookBack(index, params, nowMs, (ordinal) => {
    const session = matching(index, ordinal, params);
    if (!session) return false;
    if (page.length === limit) return true;
    page.push(session);
    last = ordinal;
    return false;
  });
  const missing = lacking(index.unreadable);
  if (stopped === 'asked') return { sessions: page, next: cursorOf(index, last!), ...missing };
  return { sessions: page, ...stopped, ...missing };
}

/** The sum of the counts of all sessions that a page's filter finds, without those undone. */
export async function sumOf(
  index: LedgerIndex,
  params: Params<'usage.sum'>,
  nowMs = Date.now(),
): Promise<Result<'usage.sum'>> {
  let readings = 0;
  let tokens = 0;
  const stopped = await lookBack(index, params, nowMs, (ordinal) => {
    if (index.sessions.isUndone(ordinal) || !isCounted(index, ordinal, params)) return false;
    readings++;
    tokens = addExactly(tokens, index.sessions.countedOf(ordinal));
    return false;
  });
  return { readings, tokens, ...(stopped !== 'asked' && stopped), ...lacking(index.unreadable) };
}

/** The part of an answer that says how many entries of the ledger it lacks; empty where it lacks none. */
export function lacking(unreadable: number): { readonly unreadable?: number } {
  return unreadable > 0 ? { unreadable } : {};
}

/** Where a search stopped because the patience had ended; nothing when it came to the end. */
type Stopped = Pick<Result<'usage.sum'>, 'next' | 'looked_back_to'>;

/** Shows the sessions between two instants, newest first, until `show` asks to stop or the patience ends. */
async function lookBack(
  index: LedgerIndex,
  { since, until, before, patience_ms = Number.POSITIVE_INFINITY }: Params<'usage.sum'>,
  nowMs: number,
  show: (ordinal: number) => boolean,
): Promise<Stopped | 'asked'> {
  const { sessions } = index;
  const untilMs = instant(until) ?? Number.POSITIVE_INFINITY;
  const sinceMs = instant(since) ?? Number.NEGATIVE_INFINITY;
  // Without a limit in time nobody asks for the times of all of them.
  const isBounded = since !== undefined || until !== undefined;
  const timeOf = isBounded ? sessions.times(nowMs) : (ordinal: number) => sessions.atMs(ordinal);
  const endsMs = performance.now() + patience_ms;
  let rank = before === undefined ? sessions.length : rankBefore(index, before);
  for (let looked = 1; rank > 0; looked++) {
    const ordinal = sessions.byTime(--rank);
    // The place in the order is never before the session's time, so all that follow are older too.
    if (sessions.orderMs(ordinal) < sinceMs) break;
    const atMs = timeOf(ordinal);
    if (atMs >= sinceMs && atMs < untilMs && show(ordinal)) return 'asked';
    if (looked % SESSIONS_A_LOOK === 0 && rank > 0 && performance.now() > endsMs) {
      return { next: cursorOf(index, ordinal), looked_back_to: new Date(atMs).toISOString() };
    }
    if (looked % SESSIONS_A_TURN === 0) {
      await new Promise(setImmediate);
      // Sessions added meanwhile may have their place before this one.
      rank = sessions.rankOf(sessions.orderMs(ordinal), ordinal - 1);
    }
  }
  return {};
}

/** Consumption by session, for sums by time. */
export function usageOver(
  { sessions }: LedgerIndex,
  since?: string,
  until?: string,
  nowMs = Date.now(),
): Iterable<Consumed> {
  return consumptionOf(sessions, instant(since), instant(until), sessions.times(nowMs));
}

/** The earliest time, in milliseconds, of what was recorded since the counter began anew; infinite where nothing was. */
export function countingSince({ sessions, firstCounted }: LedgerIndex, nowMs = Date.now()): number {
  const timeOf = sessions.times(nowMs);
  let sinceMs = Number.POSITIVE_INFINITY;
  for (let ordinal = sessions.length - 1; ordinal >= firstCounted; ordinal--) {
    if (sessions.isUndone(ordinal)) continue;
    sinceMs = Math.min(sinceMs, timeOf(ordinal));
    if (sessions.isReset(ordinal)) break;
  }
  return sinceMs;
}

type Filter = Pick<Params<'usage.history'>, 'sync_type' | 'conversation_id' | 'query' | 'instants'>;

/** Whether a session is one that the filter asks for; read from the ledger only where the index cannot tell. */
function isCounted(index: LedgerIndex, ordinal: number, filter: Filter): boolean {
  const { sync_type, conversation_id, query } = filter;
  const { sessions } = index;
  const kind = sessions.kindOf(ordinal);
  const isTold = query === undefined && (sync_type === undefined || kind !== 'foreign');
  if (!isTold) return matching(index, ordinal, filter) !== undefined;
  if (sync_type !== undefined && kind !== sync_type) return false;
  return conversation_id === undefined || isOf(index, ordinal, conversation_id);
}

/** A session that names no conversation is of the one without a name, in every sum and list. */
function isOf({ sessions }: LedgerIndex, ordinal: number, conversation: string): boolean {
  return sessions.conversations.textOf(sessions.conversationOf(ordinal)) === conversation;
}

function matching(index: LedgerIndex, ordinal: number, filter: Filter): Session | undefined {
  const kind = index.sessions.kindOf(ordinal);
  // Foreign sessions name their kind in words of their own, which only the ledger knows.
  if (filter.sync_type !== undefined && kind !== 'foreign' && kind !== filter.sync_type) return undefined;
  const found = index.read(ordinal);
  const session = found && shownSession(found, index.sessions.countedOf(ordinal));
  if (typeof session !== 'object' || session === null || Array.isArray(session)) return undefined;
  const { sync_type = session.method, event = session.task } = session;
  if (filter.sync_type !== undefined && sync_type !== filter.sync_type) return undefined;
  // A session of another program may name its conversation by anything; the index knows what that comes to.
  if (filter.conversation_id !== undefined && !isOf(index, ordinal, filter.conversation_id)) return undefined;
  if (filter.query !== undefined && !textOf(event).toLowerCase().includes(filter.query.toLowerCase())) {
    return undefined;
  }
  const at = filter.instants ? instantOf(found!) : undefined;
  const undone = index.sessions.isUndone(ordinal);
  return undone || at !== undefined
    ? { ...session, ...(undone && { undone }), ...(at !== undefined && { at }) }
    : session;
}

function cursorOf({ sessions }: LedgerIndex, ordinal: number): string {
  return `${sessions.orderMs(ordinal)}.${ordinal}`;
}

function rankBefore({ sessions }: LedgerIndex, cursor: string): number {
  const match = /^(-?\d{1,16})\.(\d{1,10})$/.exec(cursor);
  if (!match) {
    throw new TokenSyncError(
      'invalid_params',
      { zh: 'before 无效', en: 'before is not valid' },
      { field: 'before', hint: { zh: '请使用上一页返回的 next', en: 'use the `next` of the page before' } },
    );
  }
  return sessions.rankOf(Number(match[1]), Number(match[2]) - 1);
}

function instant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseTimestamp(text);
}
