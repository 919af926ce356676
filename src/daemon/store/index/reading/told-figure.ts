import type { HistoryReader } from './reader.ts';

/** The kinds are those of the index. */
const TOTAL_AT_ALL = `
  select 1 as n from session indexed by session_total
  where kind in ('manual', 'correction', 'period') and undone = 0 limit 1`;
const TOTAL_SINCE = `
  select 1 as n from session
  where order_ms >= ?1 and at_ms >= ?1 and kind in ('manual', 'correction', 'period', 'foreign') and undone = 0 limit 1`;

/** Whether `used` was told since an instant by a counter, or by hand; of a ledger that only adds counts up, whether there was one. */
export function hasFigureSince(reader: Pick<HistoryReader, 'number' | 'hasReadingSince'>, ms: number): boolean {
  const isCounter = reader.number(TOTAL_AT_ALL) !== undefined;
  return isCounter ? reader.number(TOTAL_SINCE, ms) !== undefined : reader.hasReadingSince(ms);
}
