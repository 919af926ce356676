import type { BudgetPeriod, Forecast, Meters, Usage } from '../../../protocol/methods.ts';
import { meterLines } from './meter-metrics.ts';

/** Figures for Prometheus, besides those that the process knows of itself. */
export interface Metrics {
  readonly usage: Usage;
  /** Consumption since the beginning, over all restarts of the counter. */
  readonly recordedTokens: number | undefined;
  readonly forecast: Forecast | undefined;
  /** The end, in milliseconds, of the period that the budget is for, where the settings name one. */
  readonly periodEndMs: number | undefined;
  readonly meters: Meters;
  readonly subscribers: number;
  readonly connections: number;
  readonly warnings: number;
  readonly version: string;
  readonly startedMs: number;
}

type Gauge = (name: string, help: string, value: number, labels?: string) => void;

/** An allowance that is none of this period is left out; the verdict is a label. */
function gaugesOfPeriod(period: BudgetPeriod, gauge: Gauge): void {
  gauge('period_start_timestamp_seconds', 'When the period of the budget began.', Date.parse(period.starts_at) / 1_000);
  gauge('period_expected_ratio', 'The share of the period that has passed.', period.expected_percent / 100);
  if (period.reason !== 'no_reading_in_period') {
    gauge('allowance_per_day_tokens', 'What may be used a day until the reset.', period.allowance_per_day);
    gauge('allowance_today_tokens', 'What may still be used today.', period.allowance_today);
  }
  gauge('verdict', 'Whether the budget lasts until the reset, as the label says.', 1, `{verdict="${period.verdict}"}`);
}

/** The metrics in Prometheus' text format 0.0.4; one that has no value now is left out. */
export function metricsText(metrics: Metrics): string {
  const { usage, recordedTokens, forecast, periodEndMs, version, startedMs } = metrics;
  const lines: string[] = [];
  const metric = (type: 'gauge' | 'counter', name: string, help: string, value: number, labels = '') =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name}${labels} ${value}`);
  const gauge = (name: string, help: string, value: number, labels?: string) =>
    metric('gauge', `token_sync_${name}`, help, value, labels);
  gauge('used_tokens', 'Tokens used.', usage.used);
  gauge('total_tokens', 'The budget in tokens.', usage.total);
  gauge('used_ratio', 'Used of the budget, 1 for all of it.', usage.total > 0 ? usage.used / usage.total : 0);
  if (recordedTokens !== undefined) {
    gauge('recorded_tokens', 'Tokens consumed since the beginning, over all restarts of the counter.', recordedTokens);
  }
  if (forecast) gauge('tokens_per_day', 'The pace of the forecast.', forecast.tokens_per_day);
  if (forecast && forecast.exhausts_at !== null) {
    gauge('exhausts_timestamp_seconds', 'When the budget runs out.', Date.parse(forecast.exhausts_at) / 1_000);
  }
  if (periodEndMs !== undefined) {
    gauge('period_end_timestamp_seconds', 'When the period of the budget ends.', periodEndMs / 1_000);
  }
  if (forecast?.period) gaugesOfPeriod(forecast.period, gauge);
  gauge('sessions', 'Sessions recorded and not undone.', usage.sessions_count);
  gauge('revision', 'Committed changes so far.', usage.revision);
  gauge('subscribers', 'Clients that are told of each change.', metrics.subscribers);
  gauge('connections', 'Open WebSocket connections.', metrics.connections);
  gauge('warnings', 'What is wrong at the moment; see daemon.info.', metrics.warnings);
  gauge('start_time_seconds', 'When the daemon started.', startedMs / 1_000);
  gauge('build_info', 'The version that runs.', 1, `{version="${version}"}`);
  lines.push(...meterLines(metrics.meters));
  // The names that dashboards for any program look for.
  const { user, system } = process.cpuUsage();
  metric('counter', 'process_cpu_seconds_total', 'CPU time of the daemon.', (user + system) / 1e6);
  metric('gauge', 'process_resident_memory_bytes', 'Memory of the daemon.', process.memoryUsage.rss());
  metric('gauge', 'process_start_time_seconds', 'When the daemon started.', startedMs / 1_000);
  return `${lines.join('\n')}\n`;
}
