import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon, useDaemon } from '../../support/daemon.ts';
import { freshFolder, temporaryFolder } from '../../support/folders.ts';
import { spawnSync } from '../../support/programs.ts';
import { CLI, runCli, runJson, startCli } from '../../support/run-cli.ts';
import { daemonsOf, folderForClients } from '../../support/started-daemons.ts';
import { until } from '../../support/until.ts';

describe('with a daemon', () => {
  const daemon = useDaemon();
  const at = () => ({ folder: daemon().folder });

  test.each([
    [['record', '-5'], 3, 'Token 数值不能是负数', 'a token value cannot be negative'],
    [['record', '350.5'], 3, 'Token 必须是整数', 'tokens must be a whole number'],
    [['record', ''], 3, '没有可读取的内容', 'there is nothing to read'],
    [['record', '350', '000'], 3, '被空格拆开', 'torn apart'],
    [['record', '35', '万'], 3, '被空格拆开', 'torn apart'],
    [['record', '5', '000 done'], 3, '被空格拆开', 'torn apart'],
    [['budget', '0'], 3, '总额度必须是从 1 起的整数', 'the budget must be a whole number from 1'],
    [['record', '5', 'x'.repeat(1_001)], 3, 'event 太长', 'event is too long'],
    [['record'], 2, '缺少 Token 数值', 'the token value is missing'],
    [['record', '5', '--type', 'manul'], 2, '--type 的值无效：manul', '--type is wrong: manul'],
    [['history', '--limit', '0'], 2, '--limit 的值无效：0', '--limit is wrong: 0'],
    [['history', '--since', 'yesterday'], 2, '--since 不是有效时间', '--since is not a time'],
    [['export', '--format', 'xml'], 2, '--format 的值无效：xml', '--format is wrong: xml'],
    [['status', '--port', '99999'], 2, '--port 的值无效：99999', '--port is wrong: 99999'],
    [['status', 'extra'], 2, '多余的参数：extra', 'one argument too many: extra'],
    [['frobnicate'], 2, '未知命令：frobnicate', 'unknown command: frobnicate'],
    [['statu'], 2, '是否想用 status', 'did you mean status'],
    [[], 2, '缺少命令', 'a command is missing'],
    [['--frobnicate', 'status'], 2, '未知选项：--frobnicate', 'unknown flag: --frobnicate'],
    [['import', '/no/such/file.csv'], 2, '无法读取文件', 'cannot be read'],
  ])('%j ends with %i and says why in both languages', async (args, code, zh, en) => {
    const before = daemon().state().token_usage;
    const [chinese, english, told] = await Promise.all([
      runCli([...args, '--lang', 'zh'], at()),
      runCli([...args, '--lang', 'en'], at()),
      runJson([...args, '--lang', 'en'], at()),
    ]);
    expect(chinese).toMatchObject({ code, stdout: '' });
    expect(chinese.stderr).toContain(zh);
    expect(english).toMatchObject({ code, stdout: '' });
    expect(english.stderr).toContain(en);
    expect(english.stderr.trimEnd().split('\n').length).toBeGreaterThanOrEqual(2);
    expect(told.code).toBe(code);
    expect(told.json).toMatchObject({ success: false, kind: expect.any(String), hint: expect.any(String) });
    expect(told.json.error + told.json.hint).toContain(en);
    expect(daemon().state().token_usage).toEqual(before);
  });

  test('a wrong --lang is refused by name', async () => {
    const run = await runCli(['status', '--lang', 'fr'], at());
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain('--lang is wrong: fr');
  });

  test('a second daemon on the folder ends with 6 and names the first', async () => {
    const run = await runCli(['daemon', '--data', daemon().folder, '--port', '0'], at());
    expect(run.code).toBe(6);
    expect(run.stderr).toContain(String(daemon().pid));
  });

  test('an unknown flag of the daemon ends with 2', async () => {
    expect((await runCli(['daemon', '--no-such-flag'], at())).code).toBe(2);
  });

  test('a reader that has seen enough ends a long output quietly', async () => {
    await daemon().rpc('usage.import', {
      sessions: Array.from({ length: 5_000 }, (_, index) => ({ tokens: 1, event: `row ${index} ${'x'.repeat(200)}` })),
    });
    const running = startCli(['export', '--format', 'jsonl'], at());
    await until(() => running.stdout().length > 0, 'the first page is there');
    running.process.stdout!.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test.skipIf(!existsSync('/dev/full')).each([
    ['zh', '结果无法写出 (ENOSPC)'],
    ['en', 'the answer could not be written (ENOSPC)'],
  ])('an output that cannot be written is told in the language of the person: %s', async (lang, told) => {
    const command = [process.execPath, CLI, 'status', '--data', daemon().folder, '--lang', lang];
    const { status, stderr } = spawnSync('sh', ['-c', 'exec "$0" "$@" >/dev/full', ...command], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(told);
  });

  test('an answer for which nobody is left is no failure', async () => {
    const running = startCli(['status'], at());
    running.process.stdout!.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

test('check that nobody reads ends with its code all the same', async () => {
  const over = await startDaemon();
  await over.rpc('usage.record', { tokens: 1_000_001 });
  const running = startCli(['check'], { folder: over.folder });
  running.process.stdout!.destroy();
  expect(await running.ended).toMatchObject({ code: 7, stderr: '' });
});

describe('without a daemon', () => {
  test.each(['status', 'undo', 'watch', 'history'])('%s --no-spawn ends with 5', async (command) => {
    const folder = freshFolder();
    const run = await runCli([command, '--no-spawn', '--lang', 'zh'], { folder });
    expect(run).toMatchObject({ code: 5, stdout: '' });
    expect(run.stderr).toContain('守护进程没有运行');
    expect(await runJson([command, '--no-spawn'], { folder })).toMatchObject({
      code: 5,
      json: { success: false, kind: 'unreachable' },
    });
  });

  test('a value that is refused starts nothing', async () => {
    const folder = freshFolder();
    expect((await runCli(['record', 'lots'], { folder })).code).toBe(3);
    expect((await runCli(['stop'], { folder })).stdout).toBe('No daemon is running\n');
  });
});

describe('a data folder that this user may not enter', () => {
  test.each([['status'], ['record', '5'], ['watch'], ['start'], ['stop'], ['restart'], ['history']])(
    'ends %s with 5 and the sentence of the daemon',
    async (...args) => {
      const folder = temporaryFolder();
      chmodSync(folder, 0);
      onTestFinished(() => chmodSync(folder, 0o700));
      const at = { folder, isBoundByPermissions: true };
      const [told, english] = await Promise.all([runJson(args, at), runCli(args, at)]);
      const daemon = await runCli(['daemon'], at);
      expect(told).toMatchObject({ code: 5, json: { success: false, kind: 'unauthorized' } });
      expect(english).toMatchObject({ code: 5, stdout: '' });
      for (const { stderr } of [english, daemon]) {
        expect(stderr).toContain(`the data folder cannot be used (EACCES): ${folder}`);
        expect(stderr).toContain('check its permissions');
      }
    },
  );
});

describe('start, stop, restart', () => {
  test('a client starts the daemon, stop ends it, and stop again is no failure', async () => {
    const folder = folderForClients();
    const at = { folder };
    expect((await runCli(['record', '5000', '--port', '0'], at)).code).toBe(0);
    const started = await runJson(['start'], at);
    expect(started.json).toMatchObject({ success: true, started: false, data_dir: folder });
    const restarted = await runJson(['restart', '--port', '0'], at);
    expect(restarted.json).toMatchObject({ success: true, started: true });
    expect(restarted.json.pid).not.toBe(started.json.pid);
    expect((await runJson(['status'], at)).json.used).toBe(5_000);
    expect((await runJson(['stop'], at)).json).toEqual({ success: true, stopped: true, pid: restarted.json.pid });
    expect(daemonsOf(folder)).toEqual([]);
    expect(await runCli(['stop', '--lang', 'zh'], at)).toEqual({
      code: 0,
      stdout: '没有正在运行的守护进程\n',
      stderr: '',
    });
  }, 60_000);

  test.each<[string, unknown, Readonly<Record<string, string>>, string]>([
    ['the environment', {}, { TOKEN_SYNC_LOG_LEVEL: 'foo' }, 'TOKEN_SYNC_LOG_LEVEL'],
    ['config.json', { port: 'abc' }, {}, 'config.json: port'],
  ])('restart refuses a wrong setting of %s by name, and the daemon runs on', async (_, config, env, named) => {
    const daemon = await startDaemon();
    daemon.write('config.json', config);
    const { code, json } = await runJson(['restart'], { folder: daemon.folder, env });
    expect({ code, error: json.error }).toEqual({ code: 2, error: expect.stringContaining(named) });
    expect((await daemon.rpc('daemon.info')).pid).toBe(daemon.pid);
  });

  test('restart refuses a port that another program has, and the daemon runs on', async () => {
    const [daemon, other] = await Promise.all([startDaemon(), startDaemon()]);
    const { code, json } = await runJson(['restart', '--port', String(other.port)], { folder: daemon.folder });
    expect({ code, error: json.error }).toEqual({ code: 5, error: expect.stringContaining(String(other.port)) });
    expect((await daemon.rpc('daemon.info')).pid).toBe(daemon.pid);
  });

  test('restart keeps the port that is named in the settings', async () => {
    const folder = folderForClients();
    const { port } = new URL((await runJson(['start', '--port', '0'], { folder })).json.url);
    const restarted = await runJson(['restart', '--port', port], { folder });
    expect(restarted).toMatchObject({ code: 0, json: { started: true, url: expect.stringContaining(port) } });
  });

  test('daemon runs in the foreground and passes signals on', async () => {
    const folder = folderForClients();
    const running = startCli(['daemon', '--port', '0', '--lang', 'zh'], { folder });
    await until(() => running.stdout().includes('http://'), 'the daemon has told its address');
    expect((await runCli(['status', '--no-spawn'], { folder })).code).toBe(0);
    running.process.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect((await runCli(['status', '--no-spawn'], { folder })).code).toBe(5);
  });
});

describe('doctor', () => {
  test('doctor finds all well with a daemon', async () => {
    const { folder } = await startDaemon();
    expect(await runCli(['doctor', '--lang', 'zh'], { folder })).toMatchObject({ code: 0, stderr: '' });
    expect((await runJson(['doctor'], { folder })).json).toMatchObject({ success: true });
  });

  test('doctor names what is wrong with the command that mends it', async () => {
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'architect_monitor.json'), '{"token_usage": ');
    writeFileSync(join(folder, 'config.json'), 'lang: zh');
    const run = await runCli(['doctor', '--lang', 'zh'], { folder });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('✗ architect_monitor.json 不是有效的 JSON');
    expect(run.stdout).toContain('✗ config.json 有误：不是有效的 JSON');
    expect(run.stdout).toContain('token-sync start');
    const { code, json } = await runJson(['doctor'], { folder });
    expect(code).toBe(1);
    expect(json.checks.filter(({ ok }: { ok: boolean }) => !ok).map(({ name }: { name: string }) => name)).toEqual([
      'config',
      'state_file',
      'daemon',
    ]);
  });

  test('doctor says that a data folder is none', async () => {
    const folder = freshFolder();
    writeFileSync(folder, '');
    const run = await runCli(['doctor', '--lang', 'en'], { folder });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('is not a folder');
  });

  test('doctor sees a folder that cannot be written', async () => {
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o500);
    const run = await runCli(['doctor'], { folder, isBoundByPermissions: true });
    expect(run.stdout).toContain('the data folder cannot be used (EACCES)');
  });
});

test('the settings of the data folder name the language', async () => {
  const { folder } = await startDaemon({ config: { lang: 'zh' } });
  expect((await runCli(['status'], { folder })).stdout).toContain('已使用');
  expect((await runCli(['status'], { folder, env: { TOKEN_SYNC_LANG: 'en' } })).stdout).toContain('Used');
});
