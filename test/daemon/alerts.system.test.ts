import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Alerts } from '../../src/daemon/alerts/alerts.ts';
import { replaceFile } from '../../src/daemon/disk/atomic-replace.ts';
import { loadConfig, readInvocation } from '../../src/daemon/process/config.ts';
import { Warnings } from '../../src/daemon/process/warnings.ts';
import { EMPTY } from '../../src/daemon/rules/snapshot.ts';
import { type DaemonOptions, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { freshFolder, temporaryFolder } from '../support/folders.ts';
import { runCli } from '../support/run-cli.ts';
import { useSessionBus } from '../support/session-bus.ts';
import { until } from '../support/until.ts';

const bus = useSessionBus();
const DAY_MS = 86_400_000;

/** A daemon on a desktop, with a budget that somebody has set, and a program that writes down each alert it gets, a line each. */
async function alertingDaemon(alerts: object = {}, options: DaemonOptions = {}) {
  const heardFile = join(temporaryFolder(), 'heard');
  const daemon = await startDaemon({
    config: { alerts: { desktop: true, command: hook(heardFile), ...alerts } },
    ...options,
    env: { DBUS_SESSION_BUS_ADDRESS: bus().address, TOKEN_SYNC_ALERTS_DESKTOP: '', ...options.env },
  });
  await setBudget(daemon);
  const heard = () => (existsSync(heardFile) ? readFileSync(heardFile, 'utf8').split('\n').slice(0, -1) : []);
  return { daemon, heard: () => heard().map((line) => JSON.parse(line)) };
}

/** Nobody is told of a share of a default. */
async function setBudget(daemon: TestDaemon): Promise<void> {
  const { total_is_set } = await daemon.rpc('daemon.info');
  if (!total_is_set) await daemon.rpc('usage.set_total', { total: 1_000_000 });
}

/** `$0` and more is what no shell may ever see. */
function hook(heardFile: string): string[] {
  return ['/bin/sh', '-c', 'cat >> "$1"', 'hook $(touch /tmp/never); "', heardFile];
}

/** A folder for PATH with these shell scripts alone. */
function folderOf(programs: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

async function use(daemon: TestDaemon, tokens: number): Promise<void> {
  await daemon.rpc('usage.record', { tokens, sync_type: 'correction' });
}

function memoryOf(daemon: TestDaemon): { told: number[]; foretold?: number } | undefined {
  return existsSync(daemon.path('alerts.json')) ? JSON.parse(daemon.read('alerts.json')) : undefined;
}

describe('a crossing', () => {
  test('a crossing is told by the daemon alone: on the desktop, to the program of the settings, and in the status', async () => {
    const { daemon, heard } = await alertingDaemon();
    const before = bus().shown.length;
    await use(daemon, 850_000);

    await until(() => heard().length === 1 && bus().shown.length === before + 1, 'it is told');
    expect(heard()).toEqual([
      {
        level: 80,
        percent: 85,
        revision: 2,
        used: 850_000,
        total: 1_000_000,
        message: '80% has been reached (now 85.0%)',
      },
    ]);
    expect(bus().shown.at(-1)).toEqual({
      app: 'token-sync',
      title: 'Token usage',
      body: '80% has been reached (now 85.0%)',
      urgency: 1,
    });
    const { alerts } = await daemon.rpc('daemon.info');
    expect(alerts).toEqual([{ level: 80, percent: 85, revision: 2 }]);
    const { stderr } = await runCli(['status', '--lang', 'zh'], daemon);
    expect(stderr).toBe('⚠️ 使用率已达到 80%（现为 85.0%）\n');
  });

  test('a crossing of several levels is one notice, urgent at the end of the budget, and one call of the program each', async () => {
    const { daemon, heard } = await alertingDaemon({}, { args: ['--lang', 'zh'] });
    const before = bus().shown.length;
    await use(daemon, 1_000_000);

    await until(() => heard().length === 3 && bus().shown.length > before, 'it is told');
    expect(heard().map(({ level }) => level)).toEqual([80, 90, 100]);
    expect(bus().shown.slice(before)).toEqual([
      { app: 'token-sync', title: 'Token 用量提醒', body: '使用率已达到 100%（现为 100.0%）', urgency: 2 },
    ]);
  });

  test('a crossing is told once, also when it is undone and done again, or the daemon is killed and started anew', async () => {
    const folder = freshFolder();
    const first = await alertingDaemon({}, { folder });
    await use(first.daemon, 810_000);
    await until(() => memoryOf(first.daemon)?.told.length === 1 && first.heard().length === 1, 'it is told and noted');
    await use(first.daemon, 790_000);
    await use(first.daemon, 810_000);
    await first.daemon.kill();

    const second = await alertingDaemon({}, { folder });
    expect(await second.daemon.rpc('daemon.info')).toMatchObject({ alerts: [{ level: 80 }] });
    await use(second.daemon, 910_000);
    await until(() => second.heard().length === 1, 'the next one is told');
    expect(second.heard()).toMatchObject([{ level: 90 }]);
    expect(first.heard()).toHaveLength(1);
  });

  test('a crossing that nobody noted is told at the next start', async () => {
    const folder = freshFolder();
    const first = await alertingDaemon({ thresholds: [] }, { folder });
    await use(first.daemon, 850_000);
    await first.daemon.stop();

    const second = await alertingDaemon({}, { folder });
    await until(() => second.heard().length === 1, 'it is told');
    expect(second.heard()).toMatchObject([{ level: 80, percent: 85 }]);
  });

  test('a crossing of the default budget is not told until a person sets the budget, be it to the default', async () => {
    const daemon = await startDaemon();
    const socket = await daemon.connect();
    await socket.call('usage.subscribe');
    await use(daemon, 8_000_000);
    expect(await daemon.rpc('daemon.info')).toMatchObject({ alerts: [] });
    expect((await runCli(['status'], daemon)).stderr).not.toContain('100%');

    await daemon.rpc('usage.set_total', { total: 1_000_000 });

    await until(() => socket.told('usage.alert').length === 3, 'it is told');
    expect(await daemon.rpc('daemon.info')).toMatchObject({
      total_is_set: true,
      alerts: [{ level: 100, percent: 800 }],
    });
  });

  test('a crossing shows nothing on the desktop when that is turned off', async () => {
    const { daemon, heard } = await alertingDaemon({ desktop: false });
    const before = bus().shown.length;
    await use(daemon, 850_000);
    await until(() => heard().length === 1, 'the program has heard');

    // A notice of another daemon comes after whatever this one could have shown.
    const other = await alertingDaemon();
    await use(other.daemon, 1_000_000);
    await until(() => bus().shown.length > before, 'the other notice is there');
    expect(
      bus()
        .shown.slice(before)
        .map(({ body }) => body),
    ).toEqual(['100% has been reached (now 100.0%)']);
  });

  test('a crossing that comes with an adopted state file is told too', async () => {
    const { heard } = await alertingDaemon({}, { state: { token_usage: { used: 95, total: 100, sessions: [] } } });
    await until(() => heard().length === 2, 'it is told');
    expect(heard().map(({ level }) => level)).toEqual([80, 90]);
  });
});

describe('a notice that is not shown', () => {
  test.each([
    ['the program is missing', {}, 'not shown (ENOENT): on Linux install libnotify-bin'],
    [
      'the program fails',
      { 'notify-send': 'echo "no server answers" >&2; exit 1' },
      'not shown (exit 1: no server answers); if you want none',
    ],
    ['the program fails without a word', { 'notify-send': 'exit 4' }, 'not shown (exit 4); if you want none'],
  ])('a desktop notice that is not shown becomes a warning with its reason: %s', async (_, programs, reason) => {
    const daemon = await startDaemon({
      config: { alerts: { desktop: true } },
      env: { DISPLAY: ':0', TOKEN_SYNC_ALERTS_DESKTOP: '', PATH: folderOf(programs) },
    });
    await setBudget(daemon);
    await use(daemon, 850_000);
    const told = await until(async () => (await daemon.rpc('daemon.info')).warnings[0], 'there is a warning');
    expect(told).toMatchObject({ code: 'alert_desktop', en: expect.stringContaining(reason) });
  });
});

describe('the program of the settings', () => {
  test.each<[string, (folder: string) => unknown, RegExp]>([
    ['is missing', () => join(temporaryFolder(), 'missing', 'hook'), /ENOENT/],
    ['fails', () => ['/bin/sh', '-c', 'exit 3'], /exit 3/],
    ['is a name with blanks and no command line', () => '/bin/sh -c true', /ENOENT/],
  ])('the program of the settings becomes a warning when it %s', async (_, command, reason) => {
    const { daemon } = await alertingDaemon({ command: command(freshFolder()), desktop: false });
    await use(daemon, 850_000);
    await until(async () => (await daemon.rpc('daemon.info')).warnings.length > 0, 'there is a warning');
    expect((await daemon.rpc('daemon.info')).warnings).toMatchObject([
      { code: 'alert_command', en: expect.stringMatching(reason) },
    ]);
  });

  test('the program of the settings may be one file with blanks in its path, given by the environment', async () => {
    const folder = temporaryFolder();
    const program = join(folder, 'my hook');
    writeFileSync(program, '#!/bin/sh\ncat > "$0.heard"\n');
    chmodSync(program, 0o755);
    const daemon = await startDaemon({ env: { TOKEN_SYNC_ALERTS_COMMAND: program } });
    await setBudget(daemon);
    await use(daemon, 850_000);
    await until(
      () => existsSync(`${program}.heard`) && readFileSync(`${program}.heard`, 'utf8') !== '',
      'it is called',
    );
    expect(JSON.parse(readFileSync(`${program}.heard`, 'utf8'))).toMatchObject({ level: 80 });
  });

  test('the program of the settings holds up neither recording nor the stop, however long it takes', async () => {
    const { daemon } = await alertingDaemon({ command: ['/bin/sleep', '25'], desktop: false });
    await use(daemon, 1_000_000);
    const begunMs = performance.now();
    for (let tokens = 1; tokens <= 5; tokens++) await use(daemon, tokens);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begunMs).toBeLessThan(3_000);
  });
});

describe('the forecast', () => {
  /** Ten days at 60,000 tokens: 400,000 are left for less than seven days. */
  async function useForDays(daemon: TestDaemon): Promise<void> {
    const sessions = Array.from({ length: 10 }, (_, day) => ({
      tokens: 60_000,
      timestamp: new Date(Date.now() - (day + 0.5) * DAY_MS).toISOString(),
    }));
    await daemon.rpc('usage.import', { sessions });
  }

  function lastDay(inDays: number): string {
    const date = new Date(Date.now() + inDays * DAY_MS);
    return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
  }

  test('a forecast that the budget ends before its period is told once: pushed, on the desktop, to the program', async () => {
    const folder = freshFolder();
    const alerts = { period: lastDay(20) };
    const { daemon, heard } = await alertingDaemon(alerts, { folder });
    const socket = await daemon.connect();
    await socket.call('usage.subscribe');
    const before = bus().shown.length;
    await useForDays(daemon);

    await until(() => heard().length === 1 && bus().shown.length === before + 1, 'it is told');
    const forecast = await daemon.rpc('usage.forecast');
    expect(socket.told('usage.alert')).toMatchObject([
      { level: 100, percent: 60, forecast: { basis_days: forecast.basis_days }, revision: 2 },
    ]);
    const text = `before the last day of its period, ${lastDay(20)}`;
    expect(heard()[0].message).toContain(text);
    expect(bus().shown.at(-1)!.body).toContain(text);
    expect((await runCli(['status'], daemon)).stderr).toContain(text);
    await until(() => memoryOf(daemon)?.foretold !== undefined, 'it is noted');
    await daemon.kill();

    const second = await alertingDaemon(alerts, { folder });
    await until(
      async () => (await second.daemon.rpc('daemon.info')).alerts.length === 1,
      'it stands after a start too',
    );
    await use(second.daemon, 850_000);
    await until(() => second.heard().length === 1, 'something else is told');
    expect(second.heard()).toMatchObject([{ level: 80 }]);
  });

  test.each([true, false])('a forecast is told only of a budget that a person has set: %s', async (isTotalSet) => {
    const looked = Promise.withResolvers<void>();
    const told: unknown[] = [];
    const snapshot = { ...EMPTY, used: 600_000, revision: 1 };
    const exhausts_at = new Date(Date.now() + DAY_MS).toISOString();
    const flags = ['--budget-period', lastDay(20), '--alerts-desktop', 'false'];
    const config = loadConfig(join(temporaryFolder(), 'missing'), readInvocation(flags, {}));
    const alerts = new Alerts({
      config,
      budget: () => config.budget,
      folder: tmpdir(),
      memoryFile: join(temporaryFolder(), 'alerts.json'),
      save: replaceFile,
      monitor: {
        snapshot,
        isTotalSet,
        between: async (work) => {
          work(snapshot);
          looked.resolve();
        },
      },
      forecast: () => ({ tokens_per_day: 400_000, exhausts_at, basis_days: 9 }),
      subscribers: { publish: (alerts) => void told.push(...alerts) },
      warnings: new Warnings(),
      onBug: looked.reject,
    });
    alerts.start();
    await looked.promise;
    await alerts.close();
    expect(told).toHaveLength(isTotalSet ? 1 : 0);
    expect(alerts.standing()).toHaveLength(isTotalSet ? 1 : 0);
  });

  test.each([
    ['the period ends before the budget', { period: lastDay(3) }],
    ['there is no period', {}],
  ])('no forecast is told when %s', async (_, alerts) => {
    const { daemon, heard } = await alertingDaemon({ ...alerts, thresholds: [62], desktop: false });
    await useForDays(daemon);
    expect((await daemon.rpc('usage.forecast')).exhausts_at).not.toBeNull();
    await use(daemon, 620_000);
    await until(() => heard().length === 1, 'a threshold is told');
    expect((await daemon.rpc('daemon.info')).alerts.filter(({ forecast }) => forecast)).toEqual([]);
  });
});
