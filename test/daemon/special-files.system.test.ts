import { existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runDaemon, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { freshFolder } from '../support/folders.ts';
import { runCli } from '../support/run-cli.ts';
import { putInPlace, SPECIAL_FILES } from '../support/special-files.ts';
import { folderForClients } from '../support/started-daemons.ts';
import { until, within } from '../support/until.ts';

/** What a person waits at most to be told; a pipe keeps whoever opens it for good. */
const TOLD_MS = 15_000;

/** A folder in which a daemon has run, and recorded 10. */
async function usedFolder(folder = freshFolder()): Promise<string> {
  const daemon = await startDaemon({ folder });
  await daemon.rpc('usage.record', { tokens: 10, id: 'kept', sync_type: 'auto' });
  await daemon.stop();
  return folder;
}

const SETTING_TOKEN = ['--auth', 'token'];

/** The one that keeps whoever opens it waiting, and the one that has no end; the others are refused by the same call. */
describe.each(SPECIAL_FILES.slice(0, 2))('%s', (_, make) => {
  test.each([
    ['architect_monitor.json', 1, []],
    ['config.json', 2, []],
    ['token', 1, SETTING_TOKEN],
    ['.lock', 1, []],
    ['ledger/.lock', 1, []],
    ['ledger/000001.jsonl', 1, []],
  ] as const)('a special file in the place of %s is told at the start, in a sentence', async (name, code, args) => {
    const folder = await usedFolder();
    await putInPlace(join(folder, name), make);

    for (const [lang, says] of [
      ['zh', '不是文件'],
      ['en', 'not a file'],
    ]) {
      const run = await within(TOLD_MS, runDaemon({ folder, args: [...args, '--lang', lang!] }), 'the daemon ends');
      expect(run).toMatchObject({ code, stdout: '' });
      expect(run.stderr).toMatch(/^token-sync: .*\n {2}→ .*\n$/);
      expect(run.stderr).toContain(name);
      expect(run.stderr).toContain(says);
    }
  });

  test.each(['alerts.json', 'logs/daemon.log', 'ledger/000001.index', 'architect_monitor.json.tmp'])(
    'a special file in the place of %s keeps no daemon from its work',
    async (name) => {
      const folder = await usedFolder();
      await putInPlace(join(folder, name), make);

      const daemon = await startDaemon({ folder });
      expect(await daemon.rpc('usage.record', { tokens: 5, sync_type: 'auto' })).toMatchObject({ total_used: 15 });
      expect((await daemon.rpc('usage.history')).sessions).toHaveLength(2);
      const codes = (await daemon.rpc('daemon.info')).warnings.map((warning) => warning.code);
      expect(codes).toEqual(name.startsWith('logs') ? ['log_unwritable'] : []);
      expect((await daemon.stop()).code).toBe(0);
    },
  );

  test('a special file in the place of the state file of a daemon that runs is told, not waited for, and left alone', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 10, sync_type: 'auto' });
    const path = daemon.path('architect_monitor.json');
    await putInPlace(path, make);
    const kindOf = () => lstatSync(path).mode;
    await until(async () => (await codesOf(daemon)).includes('state_file_unreadable'), 'it is told');
    const kind = kindOf();

    expect(await daemon.rpc('usage.record', { tokens: 5, sync_type: 'auto' })).toMatchObject({
      total_used: 15,
      state_file: 'behind',
    });
    expect(kindOf()).toBe(kind);

    rmSync(path);
    await until(() => existsSync(path) && daemon.state().token_usage.used === 15, 'the file has caught up');
    await until(async () => (await codesOf(daemon)).length === 0, 'nothing is wrong any more');
  });

  test('a special file in the place of a part of the ledger of a daemon that runs keeps nobody from the history, or from recording', async () => {
    const folder = await usedFolder();
    const daemon = await startDaemon({ folder });
    await putInPlace(join(folder, 'ledger', '000001.jsonl'), make);

    expect(await daemon.rpc('usage.history')).toMatchObject({ sessions: [{ id: 'kept' }] });
    expect(await daemon.rpc('usage.record', { tokens: 5, sync_type: 'auto' })).toMatchObject({ total_used: 15 });
  });

  test.each([
    ['daemon.json', []],
    ['config.json', []],
    ['token', ['--port', '38809']],
    ['architect_monitor.json', []],
    ['ledger/000001.jsonl', []],
  ] as const)('a special file in the place of %s is told by the commands that meet it', async (name, args) => {
    const folder = folderForClients();
    mkdirSync(dirname(folder), { recursive: true });
    await usedFolder(folder);
    await putInPlace(join(folder, name), make);
    const env = { TOKEN_SYNC_PORT: '0' };

    for (const [command, ...more] of [['status'], ['record', '20'], ['doctor']] as const) {
      const run = await within(TOLD_MS, runCli([command!, ...more, ...args], { folder, env }), command!);
      expect(run.stderr + run.stdout).not.toMatch(/^ {4}at |node:internal|unexpected error/m);
      if (command !== 'doctor' && run.code !== 0) expect(run.stderr).toContain(`${name}`);
    }
  });
});

test('a pipe by the name of the clipboard trigger or of a drop-file stops nothing', async () => {
  const daemon = await startDaemon({ env: { DISPLAY: '', WAYLAND_DISPLAY: '' } });
  for (const name of ['clipboard', 'token.txt']) await putInPlace(daemon.path(`drop/${name}`), SPECIAL_FILES[0]![1]);
  await until(() => existsSync(daemon.path('drop/rejected/token.txt')), 'the pipe is set aside');
  await until(() => !existsSync(daemon.path('drop/clipboard')), 'and so is the other');
  writeFileSync(daemon.path('drop/real.txt'), '350000\n');
  await until(async () => (await daemon.rpc('usage.get')).used === 350_000, 'what is a file is recorded');
});

async function codesOf(daemon: TestDaemon): Promise<string[]> {
  return (await daemon.rpc('daemon.info')).warnings.map(({ code }) => code);
}
