import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ToldSetting } from '../../../src/protocol/methods.ts';
import { SETTINGS } from '../../../src/shared/settings.ts';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { freshFolder, temporaryFolder } from '../../support/folders.ts';
import { failureOf } from '../../support/rpc-failure.ts';
import { until } from '../../support/until.ts';

function configOf(daemon: TestDaemon): unknown {
  return JSON.parse(daemon.read('config.json'));
}

/** Where the settings for tests say nothing of tools, and there are none. */
function withTools(): Record<string, string> {
  const home = temporaryFolder();
  return {
    ...{ TOKEN_SYNC_METERS_SOURCES: '', HOME: home },
    ...{ XDG_CONFIG_HOME: home, CLAUDE_CONFIG_DIR: home, CODEX_HOME: home },
  };
}

function set(daemon: TestDaemon, settings: object) {
  return daemon.rpc('settings.set', { settings });
}

async function told(daemon: TestDaemon, name: string): Promise<ToldSetting> {
  return (await daemon.rpc('settings.get')).settings.find((each) => each.name === name)!;
}

describe('settings.get', () => {
  test('every setting is told in its order, with what it is for and what is valid in both languages', async () => {
    const { settings } = await (await startDaemon()).rpc('settings.get');
    expect(settings.map(({ name }) => name)).toEqual(SETTINGS.map(({ key }) => key));
    for (const { about, wanted } of settings) {
      expect(about.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(about.en).toMatch(/^[A-Z].*\.$/);
      expect(wanted.zh).not.toBe('');
      expect(wanted.en).not.toBe('');
    }
  });

  test('a setting is told with where it was named, and with what would hold otherwise', async () => {
    const daemon = await startDaemon({
      ...{ port: null, args: ['--port', '0', '--meters-count', 'all'] },
      config: { alerts: { thresholds: [95, 50], period: '7' }, log_level: 'warn', meters: { sources: 'claude,codex' } },
      env: { TOKEN_SYNC_LOG_LEVEL: 'error', TOKEN_SYNC_METERS_MAIN: 'all', ...withTools() },
    });
    const rows: Readonly<Record<string, object>> = {
      port: { value: 0, default: 8877, origin: 'flag', at_once: false },
      lang: { value: null, default: null, origin: 'default' },
      log_level: { value: 'error', default: 'info', origin: 'environment' },
      'budget.period': { value: '7', default: 'never', origin: 'file', at_once: true },
      'alerts.thresholds': { value: [50, 95], default: [80, 90, 100], origin: 'file' },
      'meters.sources': { value: ['claude', 'codex'], default: 'auto', origin: 'file' },
      'meters.main': { value: 'all', default: 'none', origin: 'environment' },
      'meters.count': { value: 'all', default: 'fresh', origin: 'flag' },
    };
    for (const [name, row] of Object.entries(rows)) expect(await told(daemon, name)).toMatchObject({ name, ...row });
    expect((await daemon.rpc('settings.get')).settings.filter((row) => 'running' in row)).toEqual([]);
  });

  test('of the program of alerts is told only whether there is one', async () => {
    const daemon = await startDaemon({ config: { alerts: { command: ['notify', 'secret-word'] } } });
    expect(await told(daemon, 'alerts.command')).toMatchObject({ value: true, default: false });
    expect(JSON.stringify(await daemon.rpc('settings.get'))).not.toContain('secret-word');
    expect(await told(await startDaemon(), 'alerts.command')).toMatchObject({ value: false, origin: 'default' });
  });

  test('while config.json is broken, the settings that hold are told', async () => {
    const daemon = await startDaemon({ config: { meters: { count: 'all' } } });
    daemon.write('config.json', '{ "meters": ');
    expect(await told(daemon, 'meters.count')).toMatchObject({ value: 'all', origin: 'file' });
  });
});

describe('settings.set', () => {
  test('several settings are written at once, the changed ones told, and hold after a restart', async () => {
    const folder = freshFolder();
    const daemon = await startDaemon({ folder, config: { lang: 'en', 'meters.wsl': false } });
    const answer = await set(daemon, { 'meters.wsl': 'true', 'meters.main': 'claude, codex', log_level: 'warn' });

    expect(answer).toMatchObject({
      settings: [
        { name: 'log_level', value: 'warn', at_once: false, running: 'info', origin: 'file' },
        { name: 'meters.main', value: ['claude', 'codex'], at_once: true },
        { name: 'meters.wsl', value: true, at_once: true },
      ],
      restart_needed: ['log_level'],
    });
    expect(configOf(daemon)).toEqual({
      lang: 'en',
      meters: { wsl: true, main: ['claude', 'codex'] },
      log_level: 'warn',
    });
    await daemon.kill();
    const next = await startDaemon({ folder });
    expect(await told(next, 'log_level')).toMatchObject({ value: 'warn' });
    expect(await told(next, 'log_level')).not.toHaveProperty('running');
  });

  test('null takes a setting out under each of its names, and its default holds', async () => {
    const daemon = await startDaemon({ config: { alerts: { period: '7' }, budget: { kind: 'context' } } });
    const answer = await set(daemon, { 'budget.period': null, 'budget.kind': null, 'meters.wsl': null });
    expect(answer.settings).toMatchObject([
      { name: 'budget.period', value: 'never', origin: 'default' },
      { name: 'budget.kind', value: 'counter', origin: 'default' },
      { name: 'meters.wsl', value: false, origin: 'default' },
    ]);
    expect(configOf(daemon)).toEqual({});
    expect(await daemon.rpc('daemon.info')).not.toHaveProperty('budget');
  });

  test('a setting that is set to what runs needs no restart', async () => {
    const daemon = await startDaemon({ config: { log_level: 'warn' } });
    expect((await set(daemon, { log_level: 'error' })).restart_needed).toEqual(['log_level']);
    expect((await set(daemon, { log_level: 'warn' })).restart_needed).toEqual([]);
  });

  test.each([
    [
      'one that is wrong',
      { 'meters.wsl': true, 'meters.count': 'most' },
      /config\.json: meters\.count/,
      'meters.count',
    ],
    ['one that is unknown', { 'meters.wsl': true, 'meters.vsl': true }, /meters\.vsl/, 'meters.vsl'],
    ['an older name', { 'alerts.period': '15' }, /alerts\.period/, 'alerts.period'],
    ['a group', { meters: { wsl: true } }, /unknown setting: meters/, 'meters'],
    ['one with an object', { 'meters.wsl': { a: 1 } }, /meters\.wsl/, 'meters.wsl'],
    ['a key of every object', { constructor: 'x' }, /constructor/, 'constructor'],
  ])('with %s nothing of a change is written', async (_, settings, message, field) => {
    const daemon = await startDaemon();
    const failure = await failureOf(set(daemon, settings));
    expect(failure).toMatchObject({ kind: 'value_refused', code: -32001, message: expect.stringMatching(message) });
    expect(failure.field).toContain(field);
    expect(existsSync(join(daemon.folder, 'config.json'))).toBe(false);
    expect(await told(daemon, 'meters.wsl')).toMatchObject({ value: false });
  });

  test.each([
    ['port', 9000],
    ['host', '0.0.0.0'],
    ['auth', 'token'],
    ['alerts.command', 'evil'],
    ['meters.projects', 'path'],
    ['alerts.command', null],
  ])('%s is set by nobody over the network', async (name, value) => {
    const daemon = await startDaemon({ config: { lang: 'en' } });
    const failure = await failureOf(set(daemon, { [name]: value, log_level: 'warn' }));
    expect(failure).toMatchObject({ kind: 'value_refused', field: name });
    expect(failure.hint).toContain(`token-sync settings ${name} VALUE`);
    expect(configOf(daemon)).toEqual({ lang: 'en' });
  });

  test.each([
    ['meters.count', 'all', { env: { TOKEN_SYNC_METERS_COUNT: 'fresh' } }, 'TOKEN_SYNC_METERS_COUNT'],
    ['budget.period', null, { env: { TOKEN_SYNC_ALERTS_PERIOD: '7' } }, 'TOKEN_SYNC_ALERTS_PERIOD'],
    ['log_level', 'warn', { args: ['--log-level', 'error'] }, '--log-level'],
  ])('%s is refused where something before the file names it', async (name, value, options, place) => {
    const daemon = await startDaemon({ ...options, config: { lang: 'en' } });
    const failure = await failureOf(set(daemon, { [name]: value, 'meters.wsl': true }));
    expect(failure).toMatchObject({ kind: 'value_refused', field: name, message: expect.stringContaining(place) });
    expect(failure.hint).toContain(place);
    expect(configOf(daemon)).toEqual({ lang: 'en' });
  });

  test('what somebody has written into the file meanwhile stays, takes effect, and is checked as well', async () => {
    const daemon = await startDaemon();
    daemon.write('config.json', '{ "budget": { "period": "7d" }, "port": 8.0e3 }');
    expect(await told(daemon, 'budget.period')).toMatchObject({ running: 'never' });

    expect(await set(daemon, {})).toEqual({ settings: [], restart_needed: [] });

    const { budget } = await daemon.rpc('daemon.info');
    expect(budget?.period).toMatch(/^2\d{3}-\d\d-\d\d\/7d$/);
    expect(daemon.read('config.json')).toContain('8.0e3');
    expect(configOf(daemon)).toEqual({ budget: { period: budget?.period }, port: 8000 });

    daemon.write('config.json', '{ "lang": "de" }');
    expect(await failureOf(set(daemon, { 'meters.wsl': true }))).toMatchObject({
      kind: 'value_refused',
      message: expect.stringContaining('config.json: lang'),
    });
    expect(daemon.read('config.json')).toBe('{ "lang": "de" }');
  });

  test('sets and periods at the same time are all kept', async () => {
    const daemon = await startDaemon();
    await Promise.all([
      set(daemon, { 'meters.wsl': true }),
      daemon.rpc('usage.set_total', { period: '15' }),
      set(daemon, { 'meters.count': 'all' }),
      set(daemon, { log_level: 'warn', 'alerts.thresholds': [50] }),
    ]);
    expect(configOf(daemon)).toEqual({
      meters: { wsl: true, count: 'all' },
      budget: { period: '15' },
      log_level: 'warn',
      alerts: { thresholds: [50] },
    });
  });
});

describe('the file', () => {
  test.each(['{ "lang": ', '[]', ''])('a file that holds %j is left as it is', async (text) => {
    const daemon = await startDaemon();
    daemon.write('config.json', text);
    const failure = await failureOf(set(daemon, { 'meters.wsl': true }));
    expect(failure).toMatchObject({ kind: 'storage_failed', message: expect.stringContaining('settings were not') });
    expect(daemon.read('config.json')).toBe(text);
    expect(await told(daemon, 'meters.wsl')).toMatchObject({ value: false });
  });

  test('a file that is read-only is left as it is', async () => {
    const daemon = await startDaemon({ config: { lang: 'en' } });
    chmodSync(daemon.path('config.json'), 0o444);
    expect(await failureOf(set(daemon, { 'meters.wsl': true }))).toMatchObject({ kind: 'storage_failed' });
    expect(configOf(daemon)).toEqual({ lang: 'en' });
  });

  test('a link stays one, and the file that it leads to keeps its mode', async () => {
    const folder = freshFolder();
    const other = join(temporaryFolder(), 'settings.json');
    const daemon = await startDaemon({ folder });
    writeFileSync(other, '{\n\t"lang": "en"\n}');
    chmodSync(other, 0o640);
    symlinkSync(other, daemon.path('config.json'));
    await set(daemon, { 'meters.wsl': true });
    expect(lstatSync(daemon.path('config.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(other, 'utf8')).toBe('{\n\t"lang": "en",\n\t"meters": {\n\t\t"wsl": true\n\t}\n}\n');
    expect(statSync(other).mode & 0o777).toBe(0o640);
  });

  test('a link that leads nowhere stays one', async () => {
    const daemon = await startDaemon();
    const other = join(temporaryFolder(), 'gone.json');
    symlinkSync(other, daemon.path('config.json'));
    expect(await failureOf(set(daemon, { 'meters.wsl': true }))).toMatchObject({ kind: 'storage_failed' });
    expect([readlinkSync(daemon.path('config.json')), existsSync(other)]).toEqual([other, false]);
  });
});

describe('at once', () => {
  test('a period is told to subscribers, seven days count from today, and a budget that renews adds up', async () => {
    const daemon = await startDaemon();
    const socket = await daemon.connect();
    await socket.call('usage.subscribe', {});
    const { settings } = await set(daemon, { 'budget.period': '7d', 'budget.renews': true });
    const { budget } = await daemon.rpc('daemon.info');
    expect(budget).toEqual({ period: settings[0]!.value, kind: 'counter', renews: true });
    await until(() => socket.told('usage.period_changed').length > 0, 'the period is told');
    expect((await daemon.rpc('usage.forecast')).period).toMatchObject({ days_left: 7 });
    const record = (tokens: number, conversation_id: string) => daemon.rpc('usage.record', { tokens, conversation_id });
    const { total_used } = await record(5000, 'a');
    expect(await record(1000, 'b')).toMatchObject({ total_used: total_used + 1000 });
    await set(daemon, { 'budget.renews': false });
    expect(await record(700, 'c')).toMatchObject({ total_used: 700 });
  });

  test('the kind of the budget is another at once', async () => {
    const daemon = await startDaemon();
    await set(daemon, { 'budget.kind': 'context' });
    expect(await daemon.rpc('usage.forecast')).toMatchObject({ reason: 'context' });
  });

  test('a threshold below the usage is alerted of at once', async () => {
    const daemon = await startDaemon({ config: { alerts: { desktop: false } } });
    await daemon.rpc('usage.set_total', { total: 1000 });
    await daemon.rpc('usage.record', { tokens: 600 });
    const socket = await daemon.connect();
    expect(await socket.call('usage.subscribe', {})).toMatchObject({ alerts: [] });
    await set(daemon, { 'alerts.thresholds': [50, 95] });
    await until(() => socket.told('usage.alert').length > 0, 'the alert is told');
    expect(socket.told('usage.alert')).toMatchObject([{ level: 50 }]);
    await set(daemon, { 'alerts.thresholds': [95] });
    expect((await daemon.rpc('daemon.info')).alerts).toEqual([]);
  });

  test('watching the clipboard begins and ends, here where there is none', async () => {
    const daemon = await startDaemon();
    const codes = async () => (await daemon.rpc('daemon.info')).warnings.map(({ code }) => code);
    await set(daemon, { 'clipboard.watch': true });
    await until(async () => (await codes()).includes('clipboard_watch'), 'it says that there is no clipboard');
    await set(daemon, { 'clipboard.watch': false });
    await until(async () => !(await codes()).includes('clipboard_watch'), 'it watches no more');
    expect(await told(daemon, 'clipboard.watch')).toMatchObject({ value: false, at_once: true });
  });
});

test('with auth: token, nobody sees or sets anything without it', async () => {
  const daemon = await startDaemon({ args: ['--auth', 'token'] });
  for (const [method, params] of [['settings.get', {}] as const, ['settings.set', { settings: {} }] as const]) {
    expect((await daemon.post('/rpc', { jsonrpc: '2.0', id: 1, method, params })).status).toBe(401);
  }
  const headers = { authorization: `Bearer ${daemon.read('token').trim()}` };
  await daemon.rpc('settings.set', { settings: { 'meters.wsl': true } }, headers);
  expect(configOf(daemon)).toEqual({ meters: { wsl: true } });
  const auth = { settings: { auth: 'none' } };
  expect(await failureOf(daemon.rpc('settings.set', auth, headers))).toMatchObject({ kind: 'value_refused' });
});
