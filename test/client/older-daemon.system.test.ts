import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TokenSyncManager } from '../../src/client/sdk/index.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { cleanEnvironment } from '../support/environment.ts';
import { olderDaemon } from '../support/older-daemon.ts';
import { execFile } from '../support/programs.ts';
import { runCli } from '../support/run-cli.ts';
import { daemonsOf, folderForClients } from '../support/started-daemons.ts';
import { until } from '../support/until.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/token-sync', import.meta.url));

/** A daemon of the first protocol that has recorded 100 tokens, on a folder whose daemons end with the test. */
async function older(): Promise<TestDaemon> {
  const daemon = await startDaemon({ folder: folderForClients(), main: olderDaemon() });
  await daemon.rpc('usage.record', { tokens: 100, event: 'before' });
  return daemon;
}

const at = ({ folder }: TestDaemon) => ({ folder, env: { TOKEN_SYNC_PORT: '0' } });

/** What its own daemon.json says by now. */
const told = (daemon: TestDaemon) => JSON.parse(daemon.read('daemon.json'));

test('the stand-in for an older daemon tells what the first version told', async () => {
  const daemon = await older();
  expect(Object.keys(told(daemon))).toEqual(['pid', 'url', 'protocol', 'version']);
  const { protocol, ...info } = await daemon.rpc('daemon.info');
  expect(protocol).toBe(1);
  expect(info).not.toHaveProperty('protocol_min');
});

describe('the command line', () => {
  test.each([
    ['en', /^the running daemon \([\d.]+\) is older than this program and is restarted …\n$/, /^✅ Recorded: 150 /],
    ['zh', /^正在运行的守护进程（[\d.]+）比本程序旧，正在重启…\n$/, /^✅ Token已更新: 150 /],
  ])('a command restarts an older daemon once, says so, and records (%s)', async (lang, words, result) => {
    const daemon = await older();
    const first = await runCli(['record', '150', '--lang', lang], at(daemon));
    expect(first.stdout).toMatch(result);
    expect(first.stderr).toMatch(words);
    expect(first.code).toBe(0);
    expect(await daemon.exited).toMatchObject({ code: 0 });
    const { pid, protocol, protocol_min } = told(daemon);
    expect({ protocol, protocol_min }).toEqual({ protocol: 2, protocol_min: 1 });
    expect(daemonsOf(daemon.folder)).toEqual([pid]);
    expect(daemon.state().token_usage).toMatchObject({ used: 150, sessions: [{ tokens: 50 }, { event: 'before' }] });

    expect(await runCli(['record', '160', '--lang', lang], at(daemon))).toMatchObject({ code: 0, stderr: '' });
    expect(told(daemon).pid).toBe(pid);
  });

  test('a command that may start no daemon leaves an older one alone and says how to restart it', async () => {
    const daemon = await older();
    const { code, stdout, stderr } = await runCli(['status', '--no-spawn'], at(daemon));
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toContain('is older than this program');
    expect(stderr).toContain('token-sync restart');
    expect(daemonsOf(daemon.folder)).toEqual([daemon.pid]);
  });

  test('many commands at once on an older daemon leave one daemon, and each value counts once', async () => {
    const daemon = await older();
    const values = [1, 2, 3, 4, 5];
    const runs = await Promise.all(
      values.map((tokens) => runCli(['record', String(tokens), '--type', 'auto', '--lang', 'en'], at(daemon))),
    );
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(
      values.map(() => [0, expect.stringMatching(/^(the running daemon .+ is restarted …\n)?$/)]),
    );
    expect(daemon.state().token_usage).toMatchObject({ used: 115 });
    await until(() => daemonsOf(daemon.folder).length === 1, 'one daemon is left');
    expect(daemonsOf(daemon.folder)).toEqual([told(daemon).pid]);
  });

  test.skipIf(process.platform === 'win32')('is asked by the script of a checkout, too', async () => {
    const daemon = await older();
    const env = { ...cleanEnvironment(), TOKEN_SYNC_DATA: daemon.folder, TOKEN_SYNC_PORT: '0' };
    const { stdout, stderr } = await promisify(execFile)(SCRIPT, ['record', '150'], { env });
    expect(stdout).toMatch(/^✅ Recorded: 150 /);
    expect(stderr).toMatch(/is older than this program and is restarted …\n$/);
    const again = await promisify(execFile)(SCRIPT, ['record', '160'], { env });
    expect(again).toMatchObject({ stdout: expect.stringContaining('160'), stderr: '' });
  });

  test('the command stop stops an older daemon like any other', async () => {
    const daemon = await older();
    expect(await runCli(['stop', '--lang', 'en'], at(daemon))).toMatchObject({
      code: 0,
      stdout: `✅ The daemon has stopped (pid ${daemon.pid})\n`,
    });
    expect(daemonsOf(daemon.folder)).toEqual([]);
  });
});

describe('the SDK', () => {
  test('the SDK restarts an older daemon, and warns once', async () => {
    const daemon = await older();
    const warned: string[] = [];
    const onWarning = ({ name, message }: Error) => void (name === 'TokenSyncWarning' && warned.push(message));
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const manager = new TokenSyncManager({ dataDir: daemon.folder, port: 0, language: 'en' });
    onTestFinished(() => manager.close());
    expect(await manager.quickRecord(150)).toMatchObject({ total_used: 150, increment: 50 });
    expect(await manager.getCurrentUsage()).toMatchObject({ used: 150, sessions_count: 2 });
    expect(warned).toEqual([expect.stringContaining('is older than this program and is restarted')]);
    expect(daemonsOf(daemon.folder)).toEqual([told(daemon).pid]);
  });

  test('the SDK that may start no daemon says that the running one is older', async () => {
    const daemon = await older();
    const manager = new TokenSyncManager({ dataDir: daemon.folder, autoStart: false, language: 'en' });
    await expect(manager.quickRecord(150)).rejects.toMatchObject({ kind: 'incompatible' });
    expect(daemon.state().token_usage.used).toBe(100);
  });
});
