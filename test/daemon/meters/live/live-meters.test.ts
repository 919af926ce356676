import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LiveMeters } from '../../../../src/daemon/meters/live/live-meters.ts';
import { Subscribers } from '../../../../src/daemon/subscribers.ts';
import type { MeterSettings } from '../../../../src/shared/settings.ts';
import { PLAIN_METERS } from '../../../../src/shared/settings.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { runningProcesses } from '../../../support/processes.ts';
import { until } from '../../../support/until.ts';
import { ToolHomes } from './tool-homes.ts';

const IDLE_MS = 200;

function metersOf(homes: ToolHomes, settings: Partial<MeterSettings> = {}) {
  const path = join(temporaryFolder(), 'meters.db');
  const meters = new LiveMeters({
    settings: { ...PLAIN_METERS, ...settings },
    system: { platform: process.platform, env: {}, home: homes.home },
    path,
    subscribers: new Subscribers((error) => expect.unreachable(String(error))),
    onWarning: (code) => expect.unreachable(code),
    onCrash: (error) => expect.unreachable(String(error)),
    idleMs: IDLE_MS,
  });
  onTestFinished(() => meters.close());
  meters.start();
  const isRead = () => runningProcesses().some(({ args }) => args.some((arg) => arg.includes(JSON.stringify(path))));
  return { meters, isRead };
}

function counted(meters: LiveMeters, name: string): number | undefined {
  const found = meters.get().meters.find(({ meter }) => meter === name);
  return found?.kind === 'counter' ? found.tokens.all : undefined;
}

test('the process that reads ends when nothing happens for a while, and the next line starts it again', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  const { meters, isRead } = metersOf(homes);
  await until(() => counted(meters, 'claude') === 100, 'the past is read');
  await until(() => !isRead(), 'it is gone');
  expect(counted(meters, 'claude')).toBe(100);
  homes.claude(1);
  await until(() => counted(meters, 'claude') === 101, 'the line is counted');
  expect(isRead()).toBe(true);
  await until(() => !isRead(), 'it is gone again');
});

test('a question starts the process that reads, and it ends again', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  const { meters, isRead } = metersOf(homes);
  await until(() => counted(meters, 'claude') === 100 && !isRead(), 'the past is read, and it is gone');
  const { rows } = await meters.stats({ by: ['tool'] });
  expect(rows).toMatchObject([{ tool: 'claude', tokens: { all: 100 } }]);
  await until(() => !isRead(), 'it is gone again');
});

test('what waits for the budget keeps the process that reads', async () => {
  const homes = new ToolHomes();
  const { meters, isRead } = metersOf(homes, { main: ['claude'] });
  const rows: number[] = [];
  meters.listen({ onOutbox: (waiting) => rows.push(waiting.length), onMeters: () => undefined });
  homes.claude(100);
  await until(() => counted(meters, 'claude') === 100, 'it is counted');
  homes.claude(10);
  await until(() => rows.at(-1) === 1, 'growth waits');
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS * 3));
  expect(isRead()).toBe(true);
  const [row] = await meters.handOut('all');
  meters.settle([row!.seq]);
  await until(() => rows.at(-1) === 0, 'it is settled');
  await until(() => !isRead(), 'it is gone');
});

test('a source that is switched off is not read, and is read on when it is switched on again', async () => {
  const homes = new ToolHomes();
  homes.claude(100);
  const { meters } = metersOf(homes);
  await until(() => counted(meters, 'claude') === 100, 'the past is read');
  meters.configure({ ...PLAIN_METERS, sources: ['codex'] });
  expect(meters.get().sources.find(({ name }) => name === 'claude')).toEqual({ name: 'claude', state: 'off' });
  homes.claude(1);
  homes.codex(5, 5);
  await until(() => counted(meters, 'codex') === 5, 'the other is read');
  expect(counted(meters, 'claude')).toBe(100);
  meters.configure(PLAIN_METERS);
  await until(() => counted(meters, 'claude') === 101, 'what was written meanwhile is found');
});
