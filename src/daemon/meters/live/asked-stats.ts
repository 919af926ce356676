import type { MeterStats, MeterStatsQuery, MeterStatsRow } from '../../../protocol/methods.ts';
import { parseTimestamp } from '../../../protocol/timestamp.ts';
import type { AskedRows } from '../reader/reader-words.ts';

/** The question as the process that reads takes it; times are checked by the contract. */
export function askedRows({ by, since, until, time_zone }: MeterStatsQuery): AskedRows {
  const sinceMs = since === undefined ? undefined : parseTimestamp(since);
  const untilMs = until === undefined ? undefined : parseTimestamp(until);
  return {
    by,
    ...(sinceMs !== undefined && { sinceMs }),
    ...(untilMs !== undefined && { untilMs }),
    ...(time_zone !== undefined && { timeZone: time_zone }),
  };
}

/** What is asked for, and what no price is known for, by tool and model. */
export function toldStats(rows: readonly MeterStatsRow[], byModel: readonly MeterStatsRow[]): MeterStats {
  return { rows: [...rows], unpriced: byModel.filter(({ cost }) => cost === undefined) };
}
