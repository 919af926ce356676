import type { HistoryReader } from './reader.ts';

/** The kinds are those of the index. */
const TOTAL_AT_ALL = `
  select 1 as n from session indexed by session_total
  where kind in ('manual', 'correction') and undone = 0 limit 1`;
const TOTAL_IN = `
  select 1 as n from session
  where order_ms >= ?1 and at_ms between ?1 and ?2 and kind in ('manual', 'correction', 'live', 'period', 'foreign') and undone = 0
  limit 1`;

/** Whether `used` was told by a session of these times, as a counter's figure; of a ledger that only adds counts up, whether there was one. */
export function hasFigureIn(
  reader: Pick<HistoryReader, 'number' | 'hasReadingIn'>,
  sinceMs: number,
  nowMs: number,
): boolean {
  const isCounter = reader.number(TOTAL_AT_ALL) !== undefined;
  return isCounter ? reader.number(TOTAL_IN, sinceMs, nowMs) !== undefined : reader.hasReadingIn(sinceMs, nowMs);
}
