import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../../src/protocol/methods.ts';
import { toSessionTime } from '../../../src/protocol/timestamp.ts';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { needs } from '../../support/needs.ts';
import { execFileSync } from '../../support/programs.ts';
import { runCli, runJson } from '../../support/run-cli.ts';
import { until } from '../../support/until.ts';

let home = '';
beforeEach(() => {
  home = temporaryFolder();
});

interface Told {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
  readonly hint?: string;
}

/** What is wrong by name; checks that the exit code agrees and each fault comes with its remedy. */
async function faultsOf(
  folder: string,
  {
    flags = [],
    env = {},
  }: { readonly flags?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Record<string, Told>> {
  const place = { HOME: home, XDG_CONFIG_HOME: join(home, 'config'), DISPLAY: '', WAYLAND_DISPLAY: '', ...env };
  const { code, json } = await runJson(['doctor', ...flags], { folder, env: place, isBoundByPermissions: true });
  const wrong = json.checks.filter(({ ok }: Told) => !ok) as Told[];
  expect(code).toBe(wrong.length > 0 ? 1 : 0);
  expect(json.success).toBe(wrong.length === 0);
  for (const { name, hint } of wrong) expect([name, hint]).toEqual([name, expect.stringMatching(/\S/)]);
  return Object.fromEntries(wrong.map((told) => [told.name, told]));
}

/** A folder whose daemon has stopped after a record. */
async function usedFolder() {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 350_000 });
  await daemon.stop();
  return daemon;
}

test('doctor finds nothing wrong with a daemon that runs, and names everything it has looked at', async () => {
  const daemon = await startDaemon();
  expect(await faultsOf(daemon.folder)).toEqual({});
  const { json } = await runJson(['doctor'], { folder: daemon.folder, env: { HOME: home, XDG_CONFIG_HOME: home } });
  const names = json.checks.map(({ name }: Told) => name);
  expect(names).toEqual(
    expect.arrayContaining(
      [
        'node',
        'folder',
        'config',
        'state_file',
        'ledger',
        'drop_folder',
        'disk_space',
        'clock',
        'daemon',
        'version',
        'port',
      ].concat(['clipboard', 'service', 'warnings']),
    ),
  );
});

test('doctor speaks both languages, and ends with a summary', async () => {
  const { folder } = await usedFolder();
  const zh = await runCli(['doctor', '--lang', 'zh'], { folder, env: { HOME: home } });
  expect(zh.stdout).toMatch(/✗ 守护进程没有运行\n {3}→ 请运行 scripts\/token-sync start/);
  expect(zh.stdout).toMatch(/❌ 发现 1 个问题\n$/);
  const en = await runCli(['doctor'], { folder, env: { HOME: home } });
  expect(en.stdout).toMatch(/❌ Problems found: 1\n$/);
});

test('a suspended daemon holds the folder: its process is named with the command that ends it', async () => {
  const daemon = await startDaemon();
  daemon.process.kill('SIGSTOP');
  rmSync(daemon.path('daemon.json'));
  expect(await faultsOf(daemon.folder)).toMatchObject({
    lock: {
      text: expect.stringContaining(`pid ${daemon.pid}`),
      hint: expect.stringContaining(`kill -9 ${daemon.pid}`),
    },
  });
});

type Folder = Awaited<ReturnType<typeof usedFolder>>;

test.each<[string, string, (folder: Folder) => void, RegExp]>([
  ['a ledger line that is damaged', 'ledger', (at) => damage(at.path('ledger')), /token-sync start/],
  ['a ledger that may not be read', 'ledger', (at) => chmodSync(at.path('ledger'), 0), /chmod -R u\+rwX/],
  [
    'a drop folder that is gone',
    'drop_folder',
    (at) => rmSync(at.path('drop'), { recursive: true }),
    /token-sync restart/,
  ],
  [
    'a drop folder that may not be written',
    'drop_folder',
    (at) => chmodSync(at.path('drop'), 0o500),
    /chmod -R u\+rwX/,
  ],
  ['a dropped file that was rejected', 'drop_folder', reject, /rejected/],
  ['a clock that went back', 'clock', (at) => later(at.path('architect_monitor.json')), /timedatectl/],
  ['a recording that a clock has dated three days ahead', 'clock', (at) => datedAhead(at), /timedatectl/],
  ['a state file that is broken', 'state_file', (at) => at.write('architect_monitor.json', '{'), /token-sync start/],
  [
    'a folder in place of the state file',
    'state_file',
    (at) => inPlaceOf(at.path('architect_monitor.json')),
    /^move architect_monitor\.json away, .*token-sync restart/,
  ],
  ['a state file that may not be read', 'state_file', (at) => chmodSync(at.path('architect_monitor.json'), 0), /chmod/],
  ['settings that are broken', 'config', (at) => at.write('config.json', '{'), /token-sync restart/],
  ['a data folder that may not be written', 'folder', (at) => chmodSync(at.folder, 0o500), /chmod -R u\+rwX/],
])('doctor finds %s', async (_, name, plant, remedy) => {
  const daemon = await usedFolder();
  onTestFinished(() => {
    for (const path of [daemon.folder, daemon.path('ledger'), daemon.path('drop')]) {
      if (existsSync(path)) chmodSync(path, 0o700);
    }
  });
  expect(await faultsOf(daemon.folder)).not.toHaveProperty(name);
  plant(daemon);
  expect((await faultsOf(daemon.folder))[name]?.hint).toMatch(remedy);
});

test.each<[string, unknown, Readonly<Record<string, string>>, string, RegExp]>([
  ['a port that is none', { port: 'abc' }, {}, 'config.json: port', /whole number/],
  ['a name that is unknown', { prot: 9 }, {}, 'prot', /known settings: port/],
  ['a language that is unknown', { lang: 'fr' }, {}, 'config.json: lang', /zh or en/],
  ['a list with something else in it', { alerts: { thresholds: [80, 'a'] } }, {}, 'alerts.thresholds', /percentages/],
  ['a list in place of an object', [], {}, 'config.json', /object/],
  ['a wrong variable', {}, { TOKEN_SYNC_LOG_LEVEL: 'foo' }, 'TOKEN_SYNC_LOG_LEVEL', /debug, info/],
  ['another host without a token', { host: '0.0.0.0' }, { TOKEN_SYNC_AUTH: 'none' }, '0.0.0.0', /token/],
])('doctor finds settings that no daemon starts with: %s', async (_, config, env, named, wanted) => {
  const daemon = await usedFolder();
  daemon.write('config.json', config);
  const { config: told } = await faultsOf(daemon.folder, { env });
  expect(told?.text + told!.hint!).toContain(named);
  expect(told?.text + told!.hint!).toMatch(wanted);
  expect(told?.hint).toContain('token-sync restart');
});

test.each<[string, (port: number) => Parameters<typeof faultsOf>[1] & { readonly config?: unknown }]>([
  ['flag', (port) => ({ flags: ['--port', String(port)] })],
  ['environment', (port) => ({ env: { TOKEN_SYNC_PORT: String(port) } })],
  ['file', (port) => ({ config: { port } })],
])('doctor finds a port, named by the %s, that another program has', async (_, naming) => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const { config = {}, ...given } = naming(port);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  expect(await faultsOf(folder, given)).toMatchObject({
    port: { text: expect.stringContaining(String(port)), hint: expect.stringContaining('token-sync start --port 0') },
  });
});

test('doctor finds a host that is not of this machine', async () => {
  const folder = temporaryFolder();
  // RFC 5737: an address for documentation, which no machine has.
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ host: '192.0.2.1' }));
  expect(await faultsOf(folder)).toMatchObject({ port: { text: expect.stringContaining('192.0.2.1:8877') } });
});

test('doctor says what is missing for the clipboard where there is none, and what to do without', async () => {
  const { folder } = await startDaemon();
  const env = { HOME: home, DISPLAY: '', WAYLAND_DISPLAY: '' };
  const { json } = await runJson(['doctor'], { folder, env });
  expect(json.checks.find(({ name }: Told) => name === 'clipboard')).toMatchObject({
    text: expect.stringContaining('quick is not available here'),
    hint: expect.stringContaining('record'),
  });
});

test('doctor tells of what the daemon warns of', async () => {
  const daemon = await startDaemon();
  daemon.write('architect_monitor.json', '{ broken');
  await until(async () => (await daemon.rpc('daemon.info')).warnings.length > 0, 'the daemon warns');
  const faults = await faultsOf(daemon.folder);
  expect(Object.keys(faults).filter((name) => name.startsWith('warning:'))).toHaveLength(1);
});

test('doctor finds a data folder of another user, and says nothing of what it could not see', async ({ skip }) => {
  if (process.getuid?.() !== 0) return skip('only root can give a folder away');
  const folder = temporaryFolder();
  chownSync(folder, NOBODY, NOBODY);
  expect(await faultsOf(folder)).toEqual({
    folder: expect.objectContaining({
      text: `the data folder cannot be used (EACCES): ${folder}`,
      hint: expect.stringContaining('--data'),
    }),
  });
});

test('doctor finds a service of another place', async () => {
  const { folder } = await startDaemon();
  const unit = join(home, 'config/systemd/user/token-sync.service');
  mkdirSync(join(unit, '..'), { recursive: true });
  writeFileSync(unit, '[Service]\nExecStart=/old\n');
  expect((await faultsOf(folder)).service?.hint).toContain('token-sync service install');
});

test('doctor finds a daemon of another version', async () => {
  const daemon = await startDaemon();
  const info = await daemon.rpc('daemon.info');
  const folder = temporaryFolder();
  const older = createServer((request, response) => {
    request.resume();
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { ...info, version: '0.0.1', data_dir: folder } }));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void older.close());
  await new Promise((resolve) => older.once('listening', resolve));
  const { port } = older.address() as { port: number };
  const file = { pid: info.pid, url: `http://127.0.0.1:${port}`, protocol: PROTOCOL_VERSION, version: '0.0.1' };
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify(file));
  expect(await faultsOf(folder)).toMatchObject({ version: { hint: expect.stringContaining('token-sync restart') } });
});

test('doctor finds a disk that is nearly full', async ({ skip }) => {
  needs('mount', 'umount');
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return skip('a file system can only be mounted by root, on Linux');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  expect(await faultsOf(folder)).toMatchObject({ disk_space: { text: expect.stringContaining('only') } });
});

const NOBODY = 65_534;

function damage(ledger: string): void {
  const [segment = ''] = readdirSync(ledger).filter((name) => name.endsWith('.jsonl'));
  appendFileSync(join(ledger, segment), '{"v":1,"half\n');
}

function inPlaceOf(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

function reject(daemon: Folder): void {
  mkdirSync(daemon.path('drop/rejected'), { recursive: true });
  writeFileSync(daemon.path('drop/rejected/bad.txt'), 'hello');
  writeFileSync(daemon.path('drop/rejected/bad.txt.error.txt'), 'why');
}

/** As it stands in the file once the clock is set right, whoever has written that since. */
function datedAhead(at: TestDaemon): void {
  const state = at.state();
  const [session] = state.token_usage.sessions;
  const timestamp = toSessionTime(Date.now() + 3 * 86_400_000);
  const sessions = [{ ...session, timestamp }];
  at.write('architect_monitor.json', { ...state, token_usage: { ...state.token_usage, sessions } });
}

function later(path: string): void {
  const inAnHour = Date.now() / 1_000 + 3_600;
  utimesSync(path, inAnHour, inAnHour);
}
