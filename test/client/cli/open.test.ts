import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon } from '../../support/daemon.ts';
import { daemonsOf, folderForClients } from '../../support/started-daemons.ts';
import { runCli, runJson } from './run-cli.ts';

/** A folder of programs, of which one opens addresses: it writes what it is given beside itself, and ends as it is told. */
function folderWithOpener(exitCode: number): { path: string; opened: () => string } {
  const folder = mkdtempSync(join(tmpdir(), 'token-sync-open-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, 'opened.txt');
  const opener = join(folder, process.platform === 'darwin' ? 'open' : 'xdg-open');
  writeFileSync(opener, `#!/bin/sh\necho "$@" >> '${log}'\nexit ${exitCode}\n`);
  chmodSync(opener, 0o755);
  return { path: folder, opened: () => (existsSync(log) ? readFileSync(log, 'utf8') : '') };
}

const withShell = (folder: string) => [folder, '/bin'].join(delimiter);

describe('open', () => {
  test('opens the dashboard of a running daemon and tells its address', async () => {
    const daemon = await startDaemon();
    const { path, opened } = folderWithOpener(0);
    const { code, stdout } = await runCli(['open', '--lang', 'zh'], {
      folder: daemon.folder,
      env: { PATH: withShell(path) },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `📊 仪表盘: ${daemon.url}/\n` });
    expect(opened()).toBe(`${daemon.url}/\n`);
  });

  test('starts the daemon when none runs', async () => {
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

  test('opens nothing where a browser would be refused for want of the token, and says so', async () => {
    const daemon = await startDaemon({ args: ['--auth', 'token'] });
    const { path, opened } = folderWithOpener(0);
    const { code, stderr } = await runCli(['open'], { folder: daemon.folder, env: { PATH: withShell(path) } });
    expect(code).not.toBe(0);
    expect(stderr).toContain('no browser can open the dashboard');
    expect(stderr).toContain('token-sync watch');
    expect(opened()).toBe('');
  });

  test.each([
    ['there is no browser', () => '/nonexistent'],
    ['no browser can be started', () => folderWithOpener(3).path],
  ])('prints the address and says so when %s', async (_, pathOf) => {
    const daemon = await startDaemon();
    const at = { folder: daemon.folder, env: { PATH: pathOf() } };
    const { code, stdout } = await runCli(['open'], at);
    expect(code).toBe(0);
    expect(stdout).toContain(`${daemon.url}/`);
    expect(stdout).toContain('no browser was found');
    expect((await runJson(['open'], at)).json).toEqual({ success: true, url: `${daemon.url}/`, opened: false });
  });
});
