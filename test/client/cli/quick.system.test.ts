import { beforeAll, describe, expect, test } from 'vitest';
import { writeAmount } from '../../../src/protocol/token-value/units.ts';
import { parseTokenValue } from '../../../src/protocol/token-value.ts';
import { startDaemon, useDaemon } from '../../support/daemon.ts';
import { has } from '../../support/needs.ts';
import { runningProcesses } from '../../support/processes.ts';
import { startAtTerminal } from '../../support/pseudo-terminal.ts';
import { runCli, runJson } from '../../support/run-cli.ts';
import { startSway } from '../../support/sway.ts';
import { useXvfb } from '../../support/xvfb.ts';

const x = useXvfb();
const daemon = useDaemon();
const env: Record<string, string> = { WAYLAND_DISPLAY: '', XDG_SESSION_TYPE: '' };
const at = () => ({ folder: daemon().folder, env });
const zh = (...args: string[]) => runCli(['--lang', 'zh', ...args], at());
const en = (...args: string[]) => runCli(['--lang', 'en', ...args], at());

beforeAll(() => {
  if (has('Xvfb') && has('xclip')) env.DISPLAY = x().display;
});

describe('quick', () => {
  test('quick tells once how to set the budget, as long as nobody has', async () => {
    const fresh = await startDaemon();
    const run = (lang: string) => runCli(['quick', '--lang', lang], { folder: fresh.folder, env });
    await x().copy('350,000 tokens used');
    expect((await run('en')).stderr).toBe(
      '   Note: this is the first figure: nobody knows when it was used, so it counts as no usage\n' +
        '   Note: the budget is still the default of 1,000,000; set yours: scripts/token-sync budget TOTAL\n',
    );
    expect((await run('en')).stderr).toBe('');
  });

  test('quick records the clipboard and answers in Chinese, exactly', async () => {
    await daemon().rpc('usage.set_total', { total: 1_000_000 });
    await x().copy('350,000 tokens used');
    expect(await zh('quick')).toEqual({
      code: 0,
      stdout: '✅ 同步成功！\n   Token: 350,000\n   使用率: 35.0%\n',
      stderr: '   提示: 这是第一个读数：不知道是何时用掉的，不计入用量\n',
    });
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event: '从剪贴板同步', sync_type: 'manual' });
  });

  test('quick answers in English in the same shape, under the event that was given', async () => {
    await x().copy('350,000 tokens used');
    expect((await en('quick')).stdout).toBe('✅ Synced!\n   Token: 350,000\n   Percent: 35.0%\n');
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event: 'Clipboard sync' });
    await en('quick', 'say "hi" & $HOME `x`');
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event: 'say "hi" & $HOME `x`' });
  });

  test('quick is one JSON object, and tells of a counter that has started anew', async () => {
    await x().copy('12,000 tokens used');
    const { code, json } = await runJson(['quick'], at());
    expect({ code, ...json }).toMatchObject({
      code: 0,
      success: true,
      total_used: 12_000,
      reset: true,
      total: 1_000_000,
    });
    await x().copy('5,000 tokens used');
    expect((await en('quick')).stderr).toContain('started anew');
  });

  test('quick sees a rounded value as the present figure', async () => {
    await daemon().rpc('usage.record', { tokens: 350_400, sync_type: 'correction' });
    await x().copy('350K tokens used');
    const { stdout, stderr } = await en('quick');
    expect(stdout).toContain('Token: 350,400\n');
    expect(stderr).toContain('rounded');
  });

  test.each([
    ['the event', ['quick', 'review #design'], 'review', 'design'],
    ['an event that is nothing else', ['quick', '#design'], 'Clipboard sync', 'design'],
    ['a flag', ['quick', '--conversation', '网页'], 'Clipboard sync', '网页'],
  ])('quick takes the conversation from %s', async (_, args, event, conversation_id) => {
    await x().copy('360,000 tokens used');
    expect(await en(...args)).toMatchObject({ code: 0 });
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event, conversation_id });
  });

  test('quick refuses an implausible value where nobody can be asked, and takes it with its label', async () => {
    await daemon().rpc('usage.record', { tokens: 350_000, sync_type: 'correction' });
    await x().copy('13800138000');
    const refused = await zh('quick');
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toBe(
      '❌ 数值不寻常，没有记录：已使用量会超过总额度 1,000,000 的三倍\n   如果无误，请直接录入：scripts/token-sync record 数值\n',
    );
    expect(daemon().state().token_usage.used).toBe(350_000);
    await x().copy('13,800,138,000 tokens used');
    expect(await zh('quick')).toMatchObject({ code: 0 });
    await daemon().rpc('usage.undo');
  });

  test('quick asks the person before a window of a double click, who may still take it back', async () => {
    await daemon().rpc('usage.record', { tokens: 350_000, sync_type: 'correction' });
    await x().copy('13800138000');
    const person = startAtTerminal(['quick', '--pause', '--lang', 'zh'], at());
    await person.sees('仍要记录吗？');
    person.type('y\r');
    await person.sees('按 U 撤销刚才的记录，按任意键关闭…');
    expect(daemon().state().token_usage.used).toBe(13_800_138_000);
    const seen = person.screen().length;
    person.type('u');
    await person.sees('按任意键关闭…', seen);
    person.type(' ');
    expect(await person.exitCode).toBe(0);
    expect(daemon().state().token_usage.used).toBe(350_000);
  });

  test('quick reads the clipboard of Wayland', async () => {
    const sway = await startSway();
    sway.copy('360,000 tokens used');
    expect(await runCli(['quick'], { folder: daemon().folder, env: sway.env })).toMatchObject({ code: 0 });
    expect(daemon().state().token_usage.used).toBe(360_000);
  });

  test.each([
    ['no value', 'hello', '已读取剪贴板，但里面没有 Token 数值', 'the clipboard was read, but it holds no token value'],
    ['nothing', ' ', '已读取剪贴板，但里面没有文字', 'the clipboard was read, but it holds no text'],
    [
      'more than one',
      'from 12345 to 67890',
      '已读取剪贴板：有多个可能的数值',
      'the clipboard was read: more than one value',
    ],
    ['too much', `350,000 tokens used${' '.repeat(70_000)}`, '超过 64 KiB', 'over 64 KiB'],
  ])('quick ends with 3 where there is %s', async (_, text, chinese, english) => {
    await x().copy(text);
    const before = daemon().state();
    expect(await zh('quick')).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(chinese) });
    const told = await en('quick');
    expect(told).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(english) });
    expect(told.stderr).toMatch(/copy the (?:figure first|value alone)/);
    expect(told.stderr).not.toMatch(/hello|12345/);
    expect(daemon().state()).toEqual(before);
  });

  test('quick ends with 4 where there is no display, says what is missing and how to go on, and starts no daemon', async () => {
    const nowhere = { folder: '/nonexistent', env: { DISPLAY: '', WAYLAND_DISPLAY: '' } };
    const chinese = await runCli(['quick', '--lang', 'zh'], nowhere);
    expect(chinese).toMatchObject({ code: 4, stdout: '' });
    expect(chinese.stderr).toContain('没有图形界面');
    expect(chinese.stderr).toContain('token-sync record');
    const { code, json } = await runJson(['quick', '--lang', 'en'], nowhere);
    expect({ code, ...json }).toMatchObject({ code: 4, success: false, kind: 'clipboard_unavailable' });
  });

  test('quick ends with 4 where the clipboard hangs, and leaves no helper behind', async () => {
    const owner = await x().copy('350,000 tokens used');
    owner.kill('SIGSTOP');
    expect(await en('quick')).toMatchObject({ code: 4, stderr: expect.stringContaining('within 3 s') });
    expect(runningProcesses().filter(({ parent, args }) => parent === 1 && args[0] === 'xsel')).toEqual([]);
    owner.kill('SIGCONT');
  });
});

describe('doctor', () => {
  test('doctor says whether the clipboard can be read, and takes none for nothing wrong', async () => {
    await x().copy('a secret');
    const seen = await runJson(['doctor'], at());
    expect(checkOf(seen.json)).toMatchObject({ ok: true, text: 'the clipboard can be read' });
    const blind = await runJson(['doctor'], { folder: daemon().folder, env: { DISPLAY: '', WAYLAND_DISPLAY: '' } });
    expect(blind).toMatchObject({ code: 0, json: { success: true } });
    expect(checkOf(blind.json).text).toContain('not available here');
    expect(checkOf(blind.json).hint).toContain('token-sync record VALUE');
  });
});

test.each(['350K', '35万', '1.2M', '1.25M', '1亿', '1.2亿', '0.5K', '12千', '3W', '350,000', '90071992亿'])(
  'a value sent without its text keeps how coarse it is: %s',
  (text) => {
    const value = parseTokenValue(text);
    if (!value.ok) throw new Error(text);
    const again = parseTokenValue(String(writeAmount(value)));
    expect(again).toMatchObject({ ok: true, tokens: value.tokens, unit: value.unit });
  },
);

function checkOf(json: { checks: { name: string; ok: boolean; text: string; hint?: string }[] }) {
  return json.checks.find(({ name }) => name === 'clipboard')!;
}
