import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon } from '../../../support/daemon.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { runCli, runJson, startCli } from '../../../support/run-cli.ts';
import { daemonsOf, endDaemonsOf, folderForClients } from '../../../support/started-daemons.ts';
import { until } from '../../../support/until.ts';

const UNIT = 'systemd/user/token-sync.service';

/** A user of a system without a session, as over ssh: nothing can be started now, only at the next login. */
function user() {
  const home = temporaryFolder();
  const folder = folderForClients();
  return { home, folder, env: { HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_RUNTIME_DIR: home } };
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
}

test('the service is installed once, tells its state, and leaves nothing behind', async () => {
  const { home, folder, env } = user();
  expect((await runJson(['service', 'status'], { folder, env })).json).toMatchObject({ state: 'absent' });
  const first = await runJson(['service', 'install'], { folder, env });
  expect(first).toMatchObject({ code: 0, json: { success: true, state: 'installed', was: 'absent' } });
  const unit = join(home, 'config', UNIT);
  const content = readFileSync(unit, 'utf8');
  expect(content).toContain(`"--data" "${folder}"`);
  expect(content).not.toMatch(/"\.\.?\//);
  expect((await runJson(['service', 'install'], { folder, env })).json).toMatchObject({ was: 'installed' });
  expect(readFileSync(unit, 'utf8')).toBe(content);
  expect((await runJson(['service', 'status'], { folder, env })).json).toMatchObject({ state: 'installed' });

  expect((await runJson(['service', 'uninstall'], { folder, env })).json).toMatchObject({ was: 'installed' });
  expect(filesOf(home)).toEqual([]);
  expect((await runJson(['service', 'uninstall'], { folder, env })).json).toMatchObject({ was: 'absent' });
});

test.each([['install'], ['install', '--dry-run']])(
  'the service is not installed for a folder whose name breaks a line (%s)',
  async (...args) => {
    const { home, folder, env } = user();
    const broken = `${folder}\nExecStartPre=/bin/touch ${home}/mine`;
    const { code, stderr, stdout } = await runCli(['service', ...args], { folder: broken, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('line break');
    expect(filesOf(home)).toEqual([]);
  },
);

test('a service of another place is told apart, and another install mends it', async () => {
  const { home, folder, env } = user();
  const unit = join(home, 'config', UNIT);
  mkdirSync(join(unit, '..'), { recursive: true });
  writeFileSync(unit, '[Service]\nExecStart=/old/node /old/daemon.js\n');
  expect((await runCli(['service', 'status'], { folder, env })).stdout).toContain('for another place');
  await runCli(['service', 'install'], { folder, env });
  expect((await runJson(['service', 'status'], { folder, env })).json).toMatchObject({ state: 'installed' });
});

test('the service shows with --dry-run what it would do, and does nothing', async () => {
  const { home, folder, env } = user();
  for (const act of ['install', 'uninstall']) {
    const { code, stdout } = await runCli(['service', act, '--dry-run'], { folder, env });
    expect(code).toBe(0);
    expect(stdout).toContain('ExecStart=');
    expect(stdout).toContain('systemctl --user');
  }
  expect(filesOf(home)).toEqual([]);
});

test('the service carries the settings of the shell that it was installed from', async () => {
  const { home, folder, env } = user();
  const install = (settings: Record<string, string>) =>
    runJson(['service', 'install'], { folder, env: { ...env, ...settings } });
  const settings = { TOKEN_SYNC_PORT: '18992', TOKEN_SYNC_AUTH: 'token' };
  const { json } = await install(settings);
  expect(json).toMatchObject({ settings: expect.arrayContaining(Object.keys(settings)), left_out: [] });
  const unit = readFileSync(join(home, 'config', UNIT), 'utf8');
  for (const [name, value] of Object.entries(settings)) expect(unit).toContain(`Environment="${name}=${value}"\n`);
  expect((await runJson(['service', 'status'], { folder, env })).json).toMatchObject({ state: 'installed' });
  const again = await runCli(['service', 'install'], { folder, env: { ...env, TOKEN_SYNC_PORT: '18992' } });
  expect(again.stderr).toContain('without a setting; write it into config.json where it is wanted: TOKEN_SYNC_AUTH\n');
});

test('the service is not installed with settings that no daemon starts with', async () => {
  const { home, folder, env } = user();
  const wrong = { ...env, TOKEN_SYNC_AUTH: 'tokn' };
  expect(await runJson(['service', 'install'], { folder, env: wrong })).toMatchObject({
    code: 2,
    json: { error: expect.stringContaining('TOKEN_SYNC_AUTH') },
  });
  expect(filesOf(home)).toEqual([]);
});

test('the service takes the place of a daemon that was started by a command', async () => {
  const daemon = await startDaemon();
  const { env } = user();
  await runCli(['service', 'install'], { folder: daemon.folder, env });
  expect((await daemon.exited).code).toBe(0);
});

test.each([
  ['nothing', []],
  ['an unknown act', ['remove']],
])('the service refuses %s as wrong usage', async (_, args) => {
  const { folder, env } = user();
  expect((await runCli(['service', ...args], { folder, env })).code).toBe(2);
});

test('service run starts the daemon again after a crash, and gives up after four in a minute', async () => {
  const folder = folderForClients();
  onTestFinished(() => endDaemonsOf(folder));
  const running = startCli(['service', 'run', '--port', '0'], { folder });
  const seen = new Set<number>();
  for (let crash = 1; crash <= 4; crash++) {
    const pid = await until(() => daemonPid(folder, seen), `daemon ${crash} is up`);
    seen.add(pid);
    process.kill(pid, 'SIGKILL');
  }
  expect((await running.ended).code).toBe(137);
  expect(daemonPid(folder, seen)).toBeUndefined();
});

test('service run ends with a daemon that is stopped, and does not retry what cannot succeed', async () => {
  const folder = folderForClients();
  const running = startCli(['service', 'run', '--port', '0'], { folder });
  await until(() => daemonPid(folder, new Set()), 'the daemon is up');
  const second = startCli(['service', 'run', '--port', '0'], { folder });
  expect((await second.ended).code).toBe(6);
  expect((await runCli(['stop'], { folder })).code).toBe(0);
  expect((await running.ended).code).toBe(0);
});

/** The daemon of the folder that has come up and was not seen before. */
function daemonPid(folder: string, seen: ReadonlySet<number>): number | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'daemon.json'), 'utf8');
  } catch {
    // The daemon that comes up next removes that of the last one.
    return undefined;
  }
  const { pid } = JSON.parse(text);
  return !seen.has(pid) && daemonsOf(folder).includes(pid) ? pid : undefined;
}
