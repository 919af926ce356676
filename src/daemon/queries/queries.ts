import type { Params, Result, ToldAlert } from '../../protocol/methods.ts';
import type { Monitor } from '../monitor.ts';
import { consumptionOf } from '../rules/consumption.ts';
import { accuracyOf, compareEstimates } from '../rules/estimate-accuracy.ts';
import { forecastOf } from '../rules/forecast.ts';
import { bucketUsage } from '../rules/stats.ts';
import { lastReading } from '../store/index/latest-readings.ts';
import type { LedgerIndex } from '../store/index/ledger-index.ts';
import { instantOf, shownSession } from '../store/ledger/ledger-session.ts';
import { conversationsOf } from './conversations.ts';
import { readingsWithEstimates } from './estimate-history.ts';
import { changesOf } from './latest-changes.ts';
import { countingSince, lacking, pageOf, sumOf, usageOver } from './session-history.ts';
import { seriesOf } from './usage-series.ts';

/** Answers about the past; nothing here changes anything. */
export interface Queries {
  history(params: Params<'usage.history'>): Promise<Result<'usage.history'>>;
  sum(params: Params<'usage.sum'>): Promise<Result<'usage.sum'>>;
  /** Changes, and of `alerts` those of that time. */
  changes(params: Params<'usage.changes'>, alerts: readonly ToldAlert[]): Result<'usage.changes'>;
  lastReading(): Result<'usage.last_reading'>;
  stats(params: Params<'usage.stats'>): Result<'usage.stats'>;
  series(params: Params<'usage.series'>): Result<'usage.series'>;
  conversations(params: Params<'usage.conversations'>): Result<'usage.conversations'>;
  forecast(): Result<'usage.forecast'>;
  /** Consumption since the beginning, over all restarts of the counter. */
  recordedTokens(): number;
  estimateAccuracy(): Promise<Result<'usage.estimate_accuracy'>>;
}

/** Answers from the ledger's index and, for what sessions say, from the ledger itself. */
export function createQueries(
  index: LedgerIndex,
  monitor: Pick<Monitor, 'snapshot'>,
  now: () => number = Date.now,
): Queries {
  return {
    history: (params) => pageOf(index, params, now()),
    sum: (params) => sumOf(index, params, now()),
    changes: (params, alerts) => ({ ...changesOf(index, alerts, params), ...lacking(index.unreadable) }),
    lastReading: () => {
      const ordinal = lastReading(index.sessions);
      if (ordinal === undefined) return {};
      const last = index.readOrThrow(ordinal);
      const at = instantOf(last);
      return { session: shownSession(last, index.sessions.countedOf(ordinal)), ...(at !== undefined && { at }) };
    },
    stats: ({ bucket, since, until, time_zone }) => ({
      buckets: bucketUsage(usageOver(index, since, until, now()), bucket, time_zone),
      ...lacking(index.losses.lost),
    }),
    series: (params) => ({ ...seriesOf(index.changes, params, now()), ...lacking(index.losses.lost) }),
    conversations: (params) => ({
      ...conversationsOf(index.sessions, params, now()),
      ...lacking(index.losses.lost),
    }),
    forecast: () => {
      const nowMs = now();
      const usage = usageOver(index, undefined, undefined, nowMs);
      return forecastOf(monitor.snapshot, usage, nowMs, countingSince(index, nowMs));
    },
    recordedTokens: () => {
      let sum = 0;
      for (const { tokens } of consumptionOf(index.sessions)) sum += tokens;
      return sum;
    },
    estimateAccuracy: async () => ({
      ...accuracyOf(compareEstimates(await readingsWithEstimates(index))),
      ...lacking(index.unreadable),
    }),
  };
}
