import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { execFileSync } from '../support/programs.ts';
import { startProgramAtTerminal } from '../support/pseudo-terminal.ts';
import { useWindows } from './windows.ts';

const windows = useWindows();
const QUICK = '🔄快速同步Token';
const ENTER = '🔢手动录入Token';
const STATUS = '📊查看Token状态';

beforeEach(() => {
  windows().cli(['stop']);
  windows().useNewData();
});

describe('on a real cmd', () => {
  test('a double click starts the daemon, and syncs from the clipboard', async () => {
    await windows().x.copy('350,000 tokens used');
    expect(windows().script(QUICK)).toEqual({
      code: 0,
      stdout: '✅ 同步成功！\n   Token: 350,000\n   使用率: 35.0%\n',
      stderr:
        '   提示: 这是第一个读数：不知道是何时用掉的，不计入用量\n' +
        '   提示: 总额度还是默认的 1,000,000；请设置你的："checkout\\我的 项目 🔄\\scripts\\token-sync.cmd" budget 总额度\n',
    });
    expect(windows().state().token_usage).toMatchObject({ used: 350_000, sessions: [{ event: '从剪贴板同步' }] });
    await windows().x.copy('36万');
    expect(windows().script(QUICK).stdout).toContain('Token: 360,000');
  });

  test('a clipboard without a value is told with its exit code, and nothing of it', async () => {
    await windows().x.copy('a secret that is no value');
    const { code, stderr } = windows().script(QUICK);
    expect(code).toBe(3);
    expect(stderr).toContain('已读取剪贴板，但里面没有 Token 数值');
    expect(stderr).not.toContain('secret');
  });

  test('a value and an event go in, whatever characters are in it', () => {
    const event = `完成 "架构" & 100% !x! ^ $HOME \`id\` | <a> 🔄`;
    expect(windows().script(ENTER, { input: `350,000\r\n${event}\r\n` })).toMatchObject({
      code: 0,
      stdout: '✅ Token已更新: 350,000 / 1,000,000 (35.0%)\n   本次增量: 350,000 tokens\n',
    });
    expect(windows().state().token_usage.sessions[0]).toMatchObject({ event });
  });

  test('what is no value is refused with its exit code', () => {
    expect(windows().script(ENTER, { input: 'hello\r\nhello\r\nhello\r\n' }).code).toBe(3);
    expect(windows().script(ENTER).code).toBe(2);
  });

  test('the status is told, in English too, within a second once the daemon runs', () => {
    expect(windows().script(STATUS).stdout).toContain('已使用: 0 tokens');
    const times = { own: Number.POSITIVE_INFINITY, floor: Number.POSITIVE_INFINITY };
    for (let round = 1; round <= 3; round++) {
      const begunMs = performance.now();
      windows().startNode();
      const startedMs = performance.now();
      expect(windows().script(STATUS, { env: { TOKEN_SYNC_LANG: 'en' } }).stdout).toContain('Used: 0 tokens');
      times.floor = Math.min(times.floor, startedMs - begunMs);
      times.own = Math.min(times.own, performance.now() - startedMs);
    }
    // The time that Wine and Node take to start and to end is none of ours.
    expect(times.own - times.floor).toBeLessThan(1_000);
  });

  test('what may be older than its sources is set up first, once', () => {
    windows().touchSource();
    expect(windows().script(STATUS)).toMatchObject({ code: 1, stderr: expect.stringContaining('Node.js 20') });
    const withNode = { env: { WINEPATH: 'Z:\\checkout' } };
    expect(windows().script(STATUS, withNode)).toMatchObject({ code: 0, stderr: '' });
    expect(windows().script(STATUS)).toMatchObject({ code: 0, stderr: '' });
  });

  test('the window waits for a key, and the exit code is that of the command', async () => {
    windows().cli(['start']);
    const { program, env } = windows().scriptAtTerminal(STATUS);
    const person = startProgramAtTerminal(program, { folder: '', env });
    await person.sees('按任意键关闭…');
    expect(person.screen()).toContain('已使用: 0 tokens');
    person.type(' ');
    expect(await person.exitCode).toBe(0);
  });

  test.each([
    ['no Node', {}, ''],
    ['a Node that is too old', { WINEPATH: 'Z:\\checkout\\old-node' }, 'Node.js v18.20.8 太旧 / is too old'],
  ])('%s is told in both languages, and nothing waits where nobody is', (_, env, reason) => {
    const { code, stdout, stderr } = windows().script(STATUS, { isBare: true, env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).toContain('需要 Node.js 20 或更高版本：https://nodejs.org');
    expect(stderr).toContain('Node.js 20 or later is needed: https://nodejs.org');
  });

  test('the window waits where there is no Node too', async () => {
    const { program, env } = windows().scriptAtTerminal(STATUS, { isBare: true });
    const person = startProgramAtTerminal(program, { folder: '', env });
    await person.sees('https://nodejs.org');
    await person.sees('Press any key');
    person.type(' ');
    expect(await person.exitCode).toBe(1);
  });

  test('an argument with every character of cmd’s arrives through the CLI when it is quoted', () => {
    const line = 'call "Z:\\checkout\\我的 项目 🔄\\scripts\\token-sync.cmd" record 1000 "a & b | c > d ^ 完成"';
    writeFileSync(windows().path('../quoted.cmd'), `@echo off\r\nchcp 65001 >nul\r\n${line}\r\n`);
    expect(windows().command(['Z:\\checkout\\quoted.cmd']).code).toBe(0);
    expect(windows().state().token_usage.sessions[0]!.event).toBe('a & b | c > d ^ 完成');
  });

  test('nothing is left mounted', () => {
    expect(execFileSync('cat', ['/proc/mounts'], { encoding: 'utf8' })).not.toContain('token-sync-wine');
  });
});
