import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../../src/shared/settings.ts';
import { startDaemon } from '../../support/daemon.ts';
import { freshFolder } from '../../support/folders.ts';
import { runCli, runJson } from '../../support/run-cli.ts';

const configIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));

/** The daemon listens where a flag says, as all of the tests', but is told its port by nobody in the other settings. */
async function folderOfDaemon(config: object = {}): Promise<string> {
  return (await startDaemon({ config })).folder;
}

describe('settings', () => {
  test('settings lists every setting with its value and where it was named', async () => {
    const folder = await folderOfDaemon({ log_level: 'warn' });
    const en = await runCli(['settings', '--lang', 'en'], { folder });
    expect(en).toMatchObject({ code: 0, stderr: '' });
    const lines = en.stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['Setting', ...SETTINGS.map(({ key }) => key)]);
    expect(en.stdout).toMatch(/^log_level +warn +config\.json$/m);
    expect(en.stdout).toMatch(/^port +0 +flag$/m);
    expect(en.stdout).toMatch(/^meters\.sources +off +environment$/m);
    const zh = await runCli(['settings', '--lang', 'zh'], { folder });
    expect(zh.stdout).toMatch(/^alerts\.thresholds +80,90,100 +默认$/m);
    const { json } = await runJson(['settings'], { folder });
    expect(json.settings[0]).toMatchObject({ name: 'port', value: 0, default: 8877, origin: 'flag' });
  });

  test('settings NAME tells what it is for and what is valid', async () => {
    const folder = await folderOfDaemon({ budget: { period: 15 } });
    const { stdout } = await runCli(['settings', 'alerts.period', '--lang', 'en'], { folder });
    expect(stdout).toMatch(
      /^budget\.period: 15\n {3}For: When the .*\n {3}Valid: a day of .*\n {3}Default: never\n {3}From: config\.json\n$/,
    );
    expect((await runCli(['settings', 'lang', '--lang', 'zh'], { folder })).stdout).toBe(
      'lang: （未指定）\n   用途: 守护进程所用的语言，默认随系统。\n   可用值: zh 或 en\n   默认值: （未指定）\n   来自: 默认\n',
    );
  });

  test('a name that is none is refused with the nearest', async () => {
    const { code, stderr } = await runCli(['settings', 'log-level', '--lang', 'en'], { folder: freshFolder() });
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean log_level?');
  });
});

describe('settings NAME VALUE', () => {
  test('it sets, says whether a restart is needed, and takes out by default', async () => {
    const folder = await folderOfDaemon();
    const en = (...args: string[]) => runCli(['settings', ...args, '--lang', 'en'], { folder });
    expect(await en('alerts.thresholds', '95,50')).toEqual({
      ...{ code: 0, stderr: '' },
      stdout: '✅ Set alerts.thresholds: 50,95\n',
    });
    expect(await en('meters.main', '["claude","codex"]')).toMatchObject({
      stdout: '✅ Set meters.main: claude,codex\n',
    });
    expect(await en('log_level', 'debug')).toEqual({
      code: 0,
      stdout: '✅ Set log_level: debug\n',
      stderr: '   Note: it takes effect with the next start: scripts/token-sync restart\n',
    });
    expect((await en()).stdout).toMatch(/^log_level +debug +config\.json \(after a restart\)$/m);
    expect(configIn(folder)).toEqual({
      alerts: { thresholds: [50, 95] },
      meters: { main: ['claude', 'codex'] },
      log_level: 'debug',
    });
    const { json } = await runJson(['settings', 'log_level', 'default'], { folder });
    expect(json).toEqual({ success: true, name: 'log_level', value: 'info', restart_needed: false });
    expect(configIn(folder)).not.toHaveProperty('log_level');
  });

  test('a wrong value is refused with what is valid, and nothing is written', async () => {
    const folder = await folderOfDaemon({ lang: 'en' });
    const { code, stderr } = await runCli(['settings', 'meters.main', '[x', '--lang', 'zh'], { folder });
    expect(code).toBe(3);
    expect(stderr).toContain('设置 config.json: meters.main 的值无效；应为：none');
    expect(configIn(folder)).toEqual({ lang: 'en' });
  });

  test('what nobody sets over the network is written here, and taken over by a daemon that runs', async () => {
    const folder = await folderOfDaemon();
    const en = (...args: string[]) => runCli(['settings', ...args, '--lang', 'en'], { folder });
    expect(await en('meters.projects', 'path')).toMatchObject({ stdout: '✅ Set meters.projects: path\n', stderr: '' });
    const { stdout, stderr } = await en('alerts.command', '["notify", "secret-word"]');
    expect(stdout).toBe('✅ Set alerts.command: true\n');
    expect(stderr).toContain('takes effect with the next start');
    const { json } = await runJson(['settings', 'host', '::1'], { folder });
    expect(json).toEqual({ success: true, name: 'host', value: '::1', restart_needed: true });
    expect(configIn(folder)).toEqual({
      meters: { projects: 'path' },
      alerts: { command: ['notify', 'secret-word'] },
      host: '::1',
    });
    expect((await en()).stdout).toMatch(/^meters\.projects +path +config\.json$/m);
  });

  test('what a flag of the running daemon names is refused', async () => {
    const folder = await folderOfDaemon({ lang: 'en' });
    const { code, stderr } = await runCli(['settings', 'port', '9000', '--lang', 'en'], { folder });
    expect(code).toBe(3);
    expect(stderr).toContain('port is set by --port');
    expect(configIn(folder)).toEqual({ lang: 'en' });
  });

  test('without a daemon they are written as well, checked as by a start, and none is started', async () => {
    const folder = freshFolder();
    const en = (...args: string[]) => runCli(['settings', ...args, '--lang', 'en'], { folder });
    expect(await en('port', '9000')).toEqual({ code: 0, stdout: '✅ Set port\n', stderr: '' });
    expect(configIn(folder)).toEqual({ port: 9000 });
    const wrong = await en('port', '99999');
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('the setting config.json: port is wrong');
    expect(await en('auth', 'none')).toMatchObject({ code: 0 });
    const open = await en('host', '0.0.0.0');
    expect(open.code).toBe(3);
    expect(open.stderr).toContain('needs the setting auth: token');
    expect(configIn(folder)).toEqual({ port: 9000, auth: 'none' });
    expect(existsSync(join(folder, 'daemon.json'))).toBe(false);
  });

  test('settings that are written by several programs at once are all kept', async () => {
    const folder = await folderOfDaemon();
    const set = (name: string, value: string) => runCli(['settings', name, value], { folder });
    for (const days of ['1', '2', '3']) {
      const runs = await Promise.all([
        set('host', `127.0.0.${days}`),
        set('alerts.command', days),
        set('meters.backfill_days', days),
        set('meters.projects', days === '2' ? 'off' : 'path'),
      ]);
      expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(configIn(folder)).toEqual({
        host: `127.0.0.${days}`,
        alerts: { command: [days] },
        meters: { backfill_days: Number(days), projects: days === '2' ? 'off' : 'path' },
      });
    }
  });

  test.each(['{ "port": ', '[]'])('a file that holds %j is left as it is', async (text) => {
    const folder = freshFolder();
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'config.json'), text);
    const { code, stderr } = await runCli(['settings', 'port', '9000', '--lang', 'en'], { folder });
    expect(code).toBe(1);
    expect(stderr).toContain('config.json is not valid JSON; the settings were not changed');
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(text);
  });

  test('a file that is read-only is left as it is', async () => {
    const folder = freshFolder();
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'config.json'), '{}');
    chmodSync(join(folder, 'config.json'), 0o444);
    const { code, stderr } = await runCli(['settings', 'auth', 'token', '--lang', 'en'], { folder });
    expect(code).toBe(1);
    expect(stderr).toContain('config.json cannot be written');
    expect(configIn(folder)).toEqual({});
  });
});
