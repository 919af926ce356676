import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../../support/daemon.ts';
import { cleanEnvironment } from '../../support/environment.ts';
import { freshFolder, temporaryFolder } from '../../support/folders.ts';
import { needs } from '../../support/needs.ts';
import { spawnSync } from '../../support/programs.ts';
import { startProgramAtTerminal } from '../../support/pseudo-terminal.ts';
import { runCli, runJson } from '../../support/run-cli.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('a hint names a command that works where it is read:', () => {
  test.each([
    ['the folder of the checkout', ROOT, 'scripts/token-sync'],
    ['its scripts', join(ROOT, 'scripts'), './token-sync'],
    ['any other folder', '/', join(ROOT, 'scripts/token-sync').slice(1)],
  ])('%s', (_, cwd, command) => {
    const { stderr } = run([join(ROOT, 'scripts/token-sync'), 'undo', '--no-spawn'], cwd);
    expect(stderr).toBe(`❌ no daemon is running\n   run \`${command} start\`\n`);
    // What the hint says, typed there.
    const typed = run(['sh', '-c', `${command} help start`], cwd);
    expect(typed).toMatchObject({ status: 0, stderr: '' });
    expect(typed.stdout).toContain(`Usage: ${command} start\n`);
    expect(typed.stdout).toContain(`Example: ${command} start\n`);
  });

  test.each([
    ['npm install -g', 'lib', undefined, 'token-sync'],
    ['npx', '_npx/1a2b', '{}', 'npx token-sync'],
    ['a dependency', 'project', '{}', 'npx token-sync'],
  ])('%s, and the daemon tells the page the same', async (_, folder, manifest, command) => {
    const dist = installedIn(folder, manifest);
    const { stderr } = run([process.execPath, join(dist, 'cli.js'), 'undo', '--no-spawn'], dirname(dist));
    expect(stderr).toContain(`run \`${command} start\``);
    const daemon = await startDaemon({ main: join(dist, 'daemon.js') });
    expect(await daemon.rpc('daemon.info')).toMatchObject({ command });
    expect((await daemon.get('/')).text).toContain(`"command":"${command}"`);
  });

  test('a window of a double click, wherever it was opened', async () => {
    needs('python3');
    // Without a display there is no clipboard.
    const options = { folder: freshFolder(), env: { DISPLAY: '', WAYLAND_DISPLAY: '' } };
    const script = join(ROOT, 'scripts/🔄快速同步Token.sh');
    const window = startProgramAtTerminal(['sh', '-c', 'cd /usr/bin && exec "$0"', script], options);
    await window.sees('Press any key');
    expect(window.screen().replace(/\s+/g, ' ')).toContain(`${join(ROOT, 'scripts/token-sync')} record VALUE`);
    window.type('x');
    await window.exitCode;
  });
});

describe('of a checkout', () => {
  test('the daemon tells the page, REST callers and its own terminal', async () => {
    const daemon = await startDaemon({ args: ['--auth', 'token'] });
    const bearer = { authorization: `Bearer ${daemon.read('token').trim()}` };
    const full = join(ROOT, 'scripts/token-sync');
    expect(await daemon.rpc('daemon.info', {}, bearer)).toMatchObject({ command: full });
    expect((await daemon.get('/', bearer)).text).toContain(`${full} status</p>`);
    expect((await daemon.get('/', { accept: 'text/html' })).text).toContain('<code>scripts/token-sync open</code>');
    const refused = await daemon.post('/api/session', { code: 'no' }, { 'accept-language': 'en' });
    expect(refused.json()).toMatchObject({ hint: 'run `scripts/token-sync open` again' });
    expect(daemon.stdout).toContain('(or run scripts/token-sync stop)');
  });

  test('warnings and checks name the script, in both languages and to programs', async () => {
    const daemon = await startDaemon({ config: { 'alerts.command': 'exit 3', 'alerts.thresholds': [50] } });
    await daemon.rpc('usage.set_total', { total: 100 });
    await daemon.rpc('usage.record', { tokens: 60 });
    const warning = await untilWarned(() => runCli(['status', '--lang', 'en'], daemon));
    expect(warning).toContain('run `scripts/token-sync restart`');
    expect((await runCli(['status', '--lang', 'zh'], daemon)).stderr).toContain('运行 scripts/token-sync restart');
    expect((await runJson(['status'], daemon)).json.warnings[0].en).toContain('scripts/token-sync restart');
    const { stdout } = await runCli(['doctor', '--lang', 'en'], daemon);
    expect(stdout).not.toMatch(/(?<![\w/])token-sync (?:restart|start|service)/);
    expect(stdout).toContain('scripts/token-sync restart');
    expect(daemon.read('logs/daemon.log')).toContain(`${join(ROOT, 'scripts/token-sync')} restart`);
  });

  test('a daemon that no other program can find tells why in such words', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'daemon.json.tmp/occupied'), { recursive: true });
    const at = { folder, env: { TOKEN_SYNC_PORT: '0' } };
    const { code, stderr } = await runCli(['status', '--lang', 'en'], at);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('\n   run `scripts/token-sync doctor` to see why\n'),
    });
  });

  test('what a person wrote is never respelled', async () => {
    const daemon = await startDaemon();
    await runCli(['record', '7', 'token-sync undo'], daemon);
    expect((await runCli(['history', '--lang', 'en'], daemon)).stdout).toContain(' token-sync undo');
    expect((await runCli(['undo', '--lang', 'en'], daemon)).stdout).toContain('token-sync undo');
  });
});

function run([program = '', ...args]: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...cleanEnvironment(), TOKEN_SYNC_DATA: freshFolder() },
    input: '',
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** The program as a package in `node_modules` of the folder, beside a package.json or not; returns its `dist`. */
function installedIn(folder: string, manifest: string | undefined): string {
  const root = realpathSync(temporaryFolder());
  const place = join(root, folder, 'node_modules/token-sync');
  mkdirSync(place, { recursive: true });
  if (manifest !== undefined) writeFileSync(join(root, folder, 'package.json'), manifest);
  cpSync(join(ROOT, 'package.json'), join(place, 'package.json'));
  cpSync(join(ROOT, 'dist'), join(place, 'dist'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'));
  return join(place, 'dist');
}

async function untilWarned(look: () => Promise<{ stderr: string }>): Promise<string> {
  for (;;) {
    const { stderr } = await look();
    if (stderr.includes('alerts.command')) return stderr;
  }
}
