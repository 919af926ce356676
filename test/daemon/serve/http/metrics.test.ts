import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../../../support/daemon.ts';
import { until } from '../../../support/until.ts';
import { ToolHomes } from '../../meters/live/tool-homes.ts';

const README = readFileSync(join(import.meta.dirname, '../../../../docs/prometheus/README.md'), 'utf8');

async function metricsOf(daemon: TestDaemon): Promise<Readonly<Record<string, number>>> {
  const { text } = await daemon.get('/metrics');
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)(?:\{.*\})? (\S+)$/gm)].map(([, name, value]) => [name!, Number(value)]),
  );
}

const DAY_MS = 86_400_000;

/** A history of a week, of which a forecast can be made. */
const WEEK = Array.from({ length: 7 }, (_, day) => ({
  tokens: 10_000,
  timestamp: new Date(Date.now() - (day + 1) * DAY_MS).toISOString(),
}));

test('what was used grows with each restart of the counter, and falls with an undo and a correction', async () => {
  const daemon = await startDaemon();
  const recorded = async () => (await metricsOf(daemon)).token_sync_recorded_tokens;
  expect(await recorded()).toBe(0);
  await daemon.rpc('usage.record', { tokens: 350_000, timestamp: new Date(Date.now() - DAY_MS).toISOString() });
  // What a counter shows the very first time was used nobody knows when.
  expect(await recorded()).toBe(0);
  await daemon.rpc('usage.record', { tokens: 5_000 });
  expect(await recorded()).toBe(5_000);
  await daemon.rpc('usage.record', { tokens: 50_000 });
  await daemon.rpc('usage.undo');
  expect(await recorded()).toBe(5_000);
  await daemon.rpc('usage.record', { tokens: 4_000, sync_type: 'correction' });
  expect(await recorded()).toBe(4_000);
});

test('the date and the pace are those of the forecast, and the period is that of the settings', async () => {
  const daemon = await startDaemon({ args: ['--alerts-period', '2126-01-31'] });
  await daemon.rpc('usage.import', { sessions: WEEK });
  const forecast = await daemon.rpc('usage.forecast');
  const metrics = await metricsOf(daemon);
  const [told, asked] = [metrics.token_sync_exhausts_timestamp_seconds!, Date.parse(forecast.exhausts_at!) / 1_000];
  expect(Math.abs(told - asked)).toBeLessThan(60);
  expect(metrics.token_sync_tokens_per_day).toBe(forecast.tokens_per_day);
  expect(metrics.token_sync_period_end_timestamp_seconds).toBe(new Date(2126, 1, 1).getTime() / 1_000);
  const { allowance_per_day, allowance_today, verdict } = forecast.period!;
  expect(metrics.token_sync_allowance_per_day_tokens).toBe(allowance_per_day);
  expect(metrics.token_sync_allowance_today_tokens).toBe(allowance_today);
  expect((await daemon.get('/metrics')).text).toContain(`token_sync_verdict{verdict="${verdict}"} 1\n`);
});

test('a date that nobody knows and a period that nobody set are left out', async () => {
  const names = Object.keys(await metricsOf(await startDaemon()));
  expect(names).toContain('token_sync_used_tokens');
  expect(names).not.toContain('token_sync_exhausts_timestamp_seconds');
  expect(names).not.toContain('token_sync_period_end_timestamp_seconds');
});

test('before the first reading of a period no allowance is told', async () => {
  const metrics = await metricsOf(await startDaemon({ args: ['--budget-period', '15'] }));
  expect(Object.keys(metrics)).toContain('token_sync_verdict');
  expect(Object.keys(metrics).filter((name) => name.includes('allowance'))).toEqual([]);
});

test('the process is told under the usual names, in bytes and seconds', async () => {
  const daemon = await startDaemon();
  const before = await metricsOf(daemon);
  expect(before.process_resident_memory_bytes).toBeGreaterThan(10e6);
  expect(before.process_resident_memory_bytes).toBeLessThan(1e9);
  expect(Math.abs(before.process_start_time_seconds! * 1_000 - Date.now())).toBeLessThan(60_000);
  await daemon.rpc('usage.import', { sessions: WEEK });
  expect((await metricsOf(daemon)).process_cpu_seconds_total).toBeGreaterThan(before.process_cpu_seconds_total!);
});

test('the document lists every metric there is, and no other', async () => {
  const homes = new ToolHomes();
  homes.codex(7, 7);
  const daemon = await startDaemon({ args: ['--alerts-period', '15'], env: homes.env });
  await daemon.rpc('usage.import', { sessions: WEEK });
  await daemon.rpc('usage.record', { tokens: 5_000, sync_type: 'auto' });
  await until(async () => (await daemon.rpc('meters.get')).meters.length > 0, 'the meters are read');
  const listed = [...README.matchAll(/^\| `((?:token_sync|process)_\w+)/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(Object.keys(await metricsOf(daemon)).sort());
});
