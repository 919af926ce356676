import type { Usage } from '../../protocol/methods.ts';

/** What Prometheus scrapes. */
export interface Metrics {
  readonly usage: Usage;
  readonly subscribers: number;
  readonly connections: number;
  readonly warnings: number;
  readonly version: string;
  readonly startedMs: number;
}

/** The metrics in Prometheus' text format 0.0.4. */
export function metricsText({ usage, subscribers, connections, warnings, version, startedMs }: Metrics): string {
  const lines: string[] = [];
  const gauge = (name: string, help: string, value: number, labels = '') =>
    lines.push(
      `# HELP token_sync_${name} ${help}`,
      `# TYPE token_sync_${name} gauge`,
      `token_sync_${name}${labels} ${value}`,
    );
  gauge('used_tokens', 'Tokens used.', usage.used);
  gauge('total_tokens', 'The budget in tokens.', usage.total);
  gauge('used_ratio', 'Used of the budget, 1 for all of it.', usage.total > 0 ? usage.used / usage.total : 0);
  gauge('sessions', 'Sessions recorded and not undone.', usage.sessions_count);
  gauge('revision', 'Committed changes so far.', usage.revision);
  gauge('subscribers', 'Clients that are told of each change.', subscribers);
  gauge('connections', 'Open WebSocket connections.', connections);
  gauge('warnings', 'What is wrong at the moment; see daemon.info.', warnings);
  gauge('start_time_seconds', 'When the daemon started.', startedMs / 1_000);
  gauge('build_info', 'The version that runs.', 1, `{version="${version}"}`);
  return `${lines.join('\n')}\n`;
}
