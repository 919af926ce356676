import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../../support/daemon.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { runCli, runJson } from '../../support/run-cli.ts';
import { daemonsOf, folderForClients } from '../../support/started-daemons.ts';

/** A folder of programs, of which one opens addresses: it writes what it is given beside itself, and ends as it is told. */
function folderWithOpener(
  exitCode: number,
  program = process.platform === 'darwin' ? 'open' : 'xdg-open',
): { path: string; opened: () => string } {
  const folder = temporaryFolder();
  const log = join(folder, 'opened.txt');
  const opener = join(folder, program);
  writeFileSync(opener, `#!/bin/sh\necho "$@" >> '${log}'\nexit ${exitCode}\n`);
  chmodSync(opener, 0o755);
  return { path: folder, opened: () => (existsSync(log) ? readFileSync(log, 'utf8') : '') };
}

const withShell = (folder: string) => [folder, '/bin'].join(delimiter);

describe('open', () => {
  test('open opens the dashboard of a running daemon and tells its address', async () => {
    const daemon = await startDaemon();
    const { path, opened } = folderWithOpener(0);
    const { code, stdout } = await runCli(['open', '--lang', 'zh'], {
      folder: daemon.folder,
      env: { PATH: withShell(path) },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `📊 仪表盘: ${daemon.url}/\n` });
    expect(opened()).toBe(`${daemon.url}/\n`);
  });

  test('open hands a code over where the daemon asks for a token, and shows it only where no browser takes it', async () => {
    const daemon = await startDaemon({ args: ['--auth', 'token'] });
    const { path, opened } = folderWithOpener(0);
    const withBrowser = await runJson(['open'], { folder: daemon.folder, env: { PATH: withShell(path) } });
    const [, code] = opened().trim().split('#');

    expect(withBrowser.json).toEqual({ success: true, url: `${daemon.url}/`, opened: true });
    expect(opened()).toBe(`${daemon.url}/#${code}\n`);
    expect((await daemon.post('/api/session', { code })).status).toBe(204);

    const without = await runCli(['open'], { folder: daemon.folder, env: { PATH: '/nonexistent' } });
    expect(without.stdout).toMatch(/#[\w-]{32}\n {3}.*open the link yourself \(it works once, within a minute\)\n$/);
    expect(opened() + without.stdout).not.toContain(daemon.read('token').trim());
  });

  test('open starts the daemon when none runs', async () => {
    const folder = folderForClients();
    const { path, opened } = folderWithOpener(0);
    const { code, json } = await runJson(['open'], {
      folder,
      env: { PATH: withShell(path), TOKEN_SYNC_PORT: '0' },
    });
    expect(code).toBe(0);
    expect(json).toMatchObject({ success: true, opened: true });
    expect(opened()).toBe(`${json.url}\n`);
    expect(daemonsOf(folder)).toHaveLength(1);
  });

  test.each([
    ['there is no browser', () => '/nonexistent'],
    ['no browser can be started', () => folderWithOpener(3).path],
    [
      'the desktop claims success for a browser that has failed',
      () => [folderWithOpener(3).path, folderWithOpener(0, 'gio').path].join(delimiter),
    ],
  ])('open prints the address and says so when %s', async (_, pathOf) => {
    const daemon = await startDaemon();
    const at = { folder: daemon.folder, env: { PATH: pathOf() } };
    const { code, stdout } = await runCli(['open'], at);
    expect(code).toBe(0);
    expect(stdout).toContain(`${daemon.url}/`);
    expect(stdout).toContain('no browser could be opened');
    expect((await runJson(['open'], at)).json).toEqual({ success: true, url: `${daemon.url}/`, opened: false });
  });
});
