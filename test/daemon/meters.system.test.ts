import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Meter, Meters } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { runningProcesses } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { ToolHomes } from './meters/live/tool-homes.ts';

/** What a counter has counted in all, or undefined where there is none. */
function counted(meters: readonly Meter[], name: string): number | undefined {
  const found = meters.find(({ kind, meter }) => kind === 'counter' && meter === name);
  return found?.kind === 'counter' ? found.tokens.all : undefined;
}

async function counts(daemon: TestDaemon, name: string, tokens: number): Promise<Meters> {
  return await until(async () => {
    const told = await daemon.rpc('meters.get');
    return counted(told.meters, name) === tokens && told;
  }, `${name} tells ${tokens}`);
}

function childrenOf({ pid }: TestDaemon): readonly string[] {
  return runningProcesses()
    .filter(({ parent }) => parent === pid)
    .map(({ args }) => args.join(' '));
}

function stateOf({ sources }: Meters, name: string): string | undefined {
  return sources.find((source) => source.name === name)?.state;
}

test('what Claude Code and Codex write reaches a subscriber, and whoever asks, without anything being copied', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  const daemon = await startDaemon({ env: homes.env });
  await counts(daemon, 'claude', 100);
  const socket = await daemon.connect();
  const now = await socket.call('meters.subscribe');
  expect(counted(now.meters, 'claude')).toBe(100);
  homes.claude(20);
  await until(
    () => socket.told('meters.changed').some(({ meters }) => counted(meters, 'claude') === 120),
    'it is told',
  );
  homes.codex(7, 7);
  homes.codex(5, 12);
  await until(() => socket.told('meters.changed').some(({ meters }) => counted(meters, 'codex') === 12), 'it is told');
  const numbers = socket.told('meters.changed').map(({ seq }) => seq);
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  const { meters, sources } = (await daemon.get('/api/meters')).json() as Meters;
  expect(meters.map(({ meter, kind }) => `${kind} ${meter}`)).toEqual([
    'counter claude',
    'counter codex',
    'window codex.5h',
    'gauge codex.context',
  ]);
  expect(meters.at(-1)).toMatchObject({ conversation: '0199-aaaa', used: 5, limit: 272_000, project: 'borealis' });
  expect(sources.map(({ name, state }) => `${name} ${state}`)).toEqual(['cursor absent', 'claude live', 'codex live']);
  const metrics = (await daemon.get('/metrics')).text;
  expect(metrics).toMatch(/^token_sync_meter_tokens_total\{meter="claude",class="output"\} 120$/m);
  // What is counted is no reading: nobody has chosen that it feeds the budget.
  expect(daemon.state().token_usage).toMatchObject({ used: 0, sessions: [] });
});

test('what was counted stands after a restart, and after the tool has deleted its logs', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  const first = await startDaemon({ env: homes.env });
  await counts(first, 'claude', 100);
  await first.stop();
  const { rmSync } = await import('node:fs');
  rmSync(join(homes.home, '.claude'), { recursive: true });
  const second = await startDaemon({ folder: first.folder, env: homes.env });
  const told = await counts(second, 'claude', 100);
  expect(stateOf(told, 'claude')).toBe('absent');
});

test('a line that was written while nothing ran is found at the next start', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  const first = await startDaemon({ env: homes.env });
  await counts(first, 'claude', 100);
  await first.kill();
  homes.claude(1);
  const second = await startDaemon({ folder: first.folder, env: homes.env });
  await counts(second, 'claude', 101);
});

test('when the process that reads is killed the figures stay, and it goes on where it was', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  const daemon = await startDaemon({ env: homes.env });
  await counts(daemon, 'claude', 100);
  const reader = runningProcesses().find(
    ({ parent, args }) => parent === daemon.pid && args.some((arg) => arg.includes('meter-reader')),
  );
  process.kill(reader!.pid, 'SIGKILL');
  homes.claude(11);
  expect(counted((await daemon.rpc('meters.get')).meters, 'claude')).toBe(100);
  await counts(daemon, 'claude', 111);
});

test('a machine without any tool has no process and no file for meters; a tool that comes is found', async () => {
  const homes = new ToolHomes();
  const daemon = await startDaemon({ env: homes.env });
  const { meters, sources } = await daemon.rpc('meters.get');
  expect(meters).toEqual([]);
  expect(sources.every(({ state }) => state === 'absent')).toBe(true);
  expect(childrenOf(daemon)).toEqual([]);
  expect(existsSync(daemon.path('meters.db'))).toBe(false);
  homes.claude(3);
  await counts(daemon, 'claude', 3);
});

test('what is switched off is not read', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  homes.codex(5, 5);
  const daemon = await startDaemon({ env: { ...homes.env, TOKEN_SYNC_METERS_SOURCES: 'codex' } });
  const told = await counts(daemon, 'codex', 5);
  expect(counted(told.meters, 'claude')).toBeUndefined();
  expect(stateOf(told, 'claude')).toBe('off');
});

test('nothing that was said in a conversation is kept or told', async () => {
  const homes = new ToolHomes();
  homes.claude(100, 'CANARY-of-what-was-said');
  const daemon = await startDaemon({ env: homes.env, args: ['--log-level', 'debug'] });
  const socket = await daemon.connect();
  await socket.call('meters.subscribe');
  homes.claude(1, 'CANARY-of-what-was-said');
  await counts(daemon, 'claude', 101);
  await daemon.stop();
  const kept = filesBelow(daemon.folder).map((path) => readFileSync(path));
  expect(kept.length).toBeGreaterThan(3);
  expect([...kept, ...socket.frames].filter((bytes) => bytes.includes('CANARY'))).toEqual([]);
});

test('what a statusline reports is a gauge and windows, and a context without a conversation is refused', async () => {
  const homes = new ToolHomes();
  const daemon = await startDaemon({ env: homes.env });
  const resets_at = new Date(Date.now() + 3_600_000).toISOString();
  const windows = [{ used_percent: 35, resets_at, window_minutes: 300 }];
  await expect(daemon.rpc('meters.report', { tool: 'claude', context: { used: 5 } })).rejects.toThrow('conversation');
  const context = { used: 84_000, limit: 200_000 };
  await daemon.rpc('meters.report', {
    tool: 'claude',
    conversation: 'c1',
    context,
    windows,
    project: '/home/me/atlas',
  });
  const { meters } = await until(async () => {
    const told = await daemon.rpc('meters.get');
    return told.meters.length === 2 && told;
  }, 'both are told');
  expect(meters).toMatchObject([
    { meter: 'claude.5h', used_percent: 35, resets_at, window_minutes: 300, provenance: 'exact' },
    { meter: 'claude.context', conversation: 'c1', used: 84_000, percent: 42, project: 'atlas' },
  ]);
});

test('stats tell what was counted by tool, model, project and day', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  homes.claude(10);
  const daemon = await startDaemon({ env: homes.env });
  await counts(daemon, 'claude', 110);
  const { rows, unpriced } = await daemon.rpc('meters.stats', { by: ['tool', 'model', 'project'] });
  expect(rows).toMatchObject([
    {
      tool: 'claude',
      model: 'claude-opus-4-6',
      project: 'atlas',
      calls: 2,
      tokens: { output: 110, fresh: 110, all: 110 },
    },
  ]);
  expect(unpriced).toMatchObject([{ tool: 'claude', tokens: { all: 110 } }]);
  await expect(daemon.rpc('meters.stats', { by: ['day'], time_zone: 'Nowhere/There' })).rejects.toThrow('time_zone');
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
