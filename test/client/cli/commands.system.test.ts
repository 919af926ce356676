import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { flagName, SETTINGS } from '../../../src/shared/settings.ts';
import { startDaemon, useDaemon } from '../../support/daemon.ts';
import { runCli, runJson } from '../../support/run-cli.ts';

const daemon = useDaemon();
const at = () => ({ folder: daemon().folder });
const zh = (...args: string[]) => runCli(['--lang', 'zh', ...args], at());
const en = (...args: string[]) => runCli(['--lang', 'en', ...args], at());

/** A known figure to begin with, whatever the tests before have left. */
async function startFrom(used: number, total = 1_000_000): Promise<void> {
  await daemon().rpc('usage.set_total', { total });
  await daemon().rpc('usage.record', { tokens: used, sync_type: 'correction' });
}

describe('record', () => {
  test('record answers in Chinese, exactly', async () => {
    await startFrom(335_000);
    expect(await zh('record', '350000', '完成架构设计')).toEqual({
      code: 0,
      stdout: '✅ Token已更新: 350,000 / 1,000,000 (35.0%)\n   本次增量: 15,000 tokens\n',
      stderr: '',
    });
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event: '完成架构设计', sync_type: 'manual' });
  });

  test('record answers in English in the same shape', async () => {
    await startFrom(335_000);
    expect(await en('record', '350,000 tokens used')).toEqual({
      code: 0,
      stdout: '✅ Recorded: 350,000 / 1,000,000 (35.0%)\n   Increment: 15,000 tokens\n',
      stderr: '',
    });
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event: 'Manual entry' });
  });

  test('record names a manual entry in the language of the person', async () => {
    await zh('record', '900000');
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event: '手动记录' });
  });

  test('record says that a rounded value is the present figure', async () => {
    await startFrom(350_400);
    const { stdout, stderr } = await en('record', '350K');
    expect(stdout).toContain('350,400 / 1,000,000');
    expect(stderr).toContain('rounded');
  });

  test('record says that the counter has started anew', async () => {
    await startFrom(350_000);
    expect(await zh('record', '12000')).toEqual({
      code: 0,
      stdout: '✅ Token已更新: 12,000 / 1,000,000 (1.2%)\n   本次增量: 12,000 tokens\n',
      stderr:
        '   提示: 数值低于之前的记录：计数器重新开始，现在从 12,000 算起；如有误请用 scripts/token-sync undo 撤销\n',
    });
    expect((await en('record', '9000')).stderr).toContain('the counter has started anew, and now stands at 9,000');
  });

  test.each([
    ['its event', ['record', '350000', 'fix the parser #design'], 'fix the parser', 'design'],
    ['an event that is nothing else', ['record', '350000', '#设计'], 'Manual entry', '设计'],
    ['its value', ['record', '350,000 tokens used #web-refactor'], 'Manual entry', 'web-refactor'],
    ['a flag', ['record', '350000', 'fix #design', '--conversation', 'mine'], 'fix #design', 'mine'],
    ['nothing, for a number is none', ['record', '350000', 'fix #123'], 'fix #123', ''],
    ['the event of an estimate', ['estimate', 'a', 'b', '--event', 'chat #design'], 'chat', 'design'],
  ])('record takes the conversation from %s', async (_, args, event, conversation_id) => {
    await startFrom(0);
    expect(await en(...args)).toMatchObject({ code: 0 });
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event, conversation_id });
  });

  test('record asks nobody where nobody is there, and records what it was told', async () => {
    await startFrom(0);
    expect(await en('record', '13800138000')).toMatchObject({ code: 0, stderr: '' });
    await startFrom(0);
  });

  test('record counts the same id once and says so', async () => {
    await startFrom(0);
    const args = ['record', '500', 'x', '--type', 'auto', '--id', 'twice', '--conversation', 'c-1'];
    expect((await runJson(args, at())).json).toMatchObject({
      success: true,
      id: 'twice',
      increment: 500,
      total_used: 500,
    });
    expect((await runJson(args, at())).json).toMatchObject({ id: 'twice', duplicate: true, total_used: 500 });
    expect((await en(...args)).stderr).toContain('not counted again');
    const { used, sessions } = daemon().state().token_usage;
    expect(used).toBe(500);
    expect(sessions.filter(({ id }) => id === 'twice')).toMatchObject([{ conversation_id: 'c-1' }]);
  });

  test.each(['say "hi" & go', "it's 100% `done`", '$HOME $(id) !x', '🎉 完成\n第二行', '-rf *', 'C:\\temp\\ %PATH%'])(
    'record keeps the event %j unharmed',
    async (event) => {
      expect((await en('record', '1', '--type', 'auto', '--', event)).code).toBe(0);
      expect(daemon().state().token_usage.sessions[0]!.event).toBe(event);
    },
  );
});

describe('status', () => {
  test('status shows the block in Chinese, exactly', async () => {
    await startFrom(350_000);
    const { last_updated, sessions_count } = await daemon().rpc('usage.get');
    expect((await zh('status')).stdout).toBe(
      `📊 Token使用情况\n   已使用: 350,000 tokens\n   总额度: 1,000,000 tokens\n   使用率: 35.0%\n   剩余: 650,000 tokens\n   会话数: ${sessions_count}\n   更新时间: ${last_updated}\n   预计用完: 记录还不到两天，暂时无法预测\n`,
    );
  });

  test('status names the day on which the budget runs out, below the fixed lines', async () => {
    const past = await startDaemon();
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    const sessions = [4, 3, 2, 1].map((days) => ({ tokens: 100_000, timestamp: daysAgo(days) }));
    await past.rpc('usage.import', { sessions });
    const { exhausts_at } = await past.rpc('usage.forecast');
    const day = new Date(exhausts_at!).toLocaleDateString('sv');
    const { stdout } = await runCli(['status', '--lang', 'zh'], past);
    expect(stdout.split('\n').slice(6)).toEqual([
      expect.stringContaining('   更新时间: '),
      expect.stringMatching(new RegExp(`^   预计用完: ${day}（\\d\\d-\\d\\d 至 \\d\\d-\\d\\d）$`)),
      '',
    ]);
    expect((await runCli(['status', '--lang', 'en'], past)).stdout).toContain(`\n   Runs out: ${day} (`);
  });

  test('status is one JSON object with figures, warnings and forecast', async () => {
    await startFrom(350_000);
    const { code, json } = await runJson(['status'], at());
    expect(code).toBe(0);
    expect(json).toMatchObject({ success: true, used: 350_000, total: 1_000_000, percent: 35, warnings: [] });
    expect(json.forecast).toHaveProperty('exhausts_at');
  });
});

describe('estimate', () => {
  test('estimate records the count and answers in Chinese, exactly', async () => {
    await startFrom(350_000);
    const { user_tokens, assistant_tokens } = await daemon().rpc('conversation.estimate', {
      user_message: '用户消息',
      assistant_message: 'AI回复',
    });
    const sum = user_tokens + assistant_tokens;
    expect((await zh('estimate', '用户消息', 'AI回复')).stdout).toBe(
      `✅ 自动记录Token: +${sum} (用户:${user_tokens} + AI:${assistant_tokens})\n   总计: 350,00${sum} / 1,000,000 (35.0%)\n`,
    );
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ sync_type: 'estimate', tokens: sum });
  });

  test('estimate only counts with --dry-run', async () => {
    await startFrom(10);
    const { json } = await runJson(['estimate', 'hello world', '--dry-run'], at());
    expect(json).toMatchObject({ success: true, user_tokens: 2, assistant_tokens: 0, total_tokens: 2 });
    expect(daemon().state().token_usage.used).toBe(10);
  });

  test('estimate reads a message from standard input, without the newline of echo', async () => {
    const { stdout } = await runCli(['estimate', '--dry-run', '--json', 'x', '-'], { ...at(), input: 'hello world\n' });
    expect(JSON.parse(stdout)).toMatchObject({ assistant_tokens: 2 });
  });

  test('estimate reads messages from files, and takes @@ for a text that begins with @', async () => {
    const path = join(daemon().folder, 'question.md');
    writeFileSync(path, '学而时习之，不亦说乎？\r\n');
    const { json } = await runJson(['estimate', '--dry-run', `@${path}`, '@@here'], at());
    expect(json).toMatchObject({ user_tokens: 10, assistant_tokens: 2 });
    writeFileSync(path, Buffer.from('\ufeffhello world', 'utf16le'));
    expect((await runJson(['estimate', '--dry-run', `@${path}`], at())).json).toMatchObject({ total_tokens: 2 });
  });

  test('estimate refuses a file that is not there or no text, and says how a text with @ is written', async () => {
    const missing = await en('estimate', '--dry-run', '@nowhere.md');
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toContain('nowhere.md cannot be read (ENOENT)');
    expect(missing.stderr).toContain('@@');
    const path = join(daemon().folder, 'picture.png');
    writeFileSync(path, Uint8Array.of(0x89, 0x50, 0xff, 0x00));
    expect((await zh('estimate', '--dry-run', `@${path}`)).stderr).toContain('不是 UTF-8 文本');
  });

  test('estimate counts what is too long for one request in parts, exactly, and records it as one reading', async () => {
    await startFrom(0);
    const path = join(daemon().folder, 'long.md');
    const sentence = "The quick brown fox doesn't jump, 天地玄黄，宇宙洪荒。\n";
    writeFileSync(path, sentence.repeat(100_000));
    const once = (await runJson(['estimate', '--dry-run', sentence.repeat(10)], at())).json.total_tokens;
    const { json } = await runJson(['estimate', `@${path}`, 'yes', '--conversation', 'long', '--id', 'long'], at());
    expect(json).toMatchObject({ user_tokens: once * 10_000, assistant_tokens: 1, session_tokens: once * 10_000 + 1 });
    const { used, sessions } = daemon().state().token_usage;
    expect(used).toBe(once * 10_000 + 1);
    expect(sessions[0]).toMatchObject({ sync_type: 'estimate', conversation_id: 'long', id: 'long' });
  });

  test('estimate refuses what is too long and cannot be divided', async () => {
    const path = join(daemon().folder, 'run.txt');
    writeFileSync(path, 'a'.repeat(4_500_000));
    expect(await en('estimate', '--dry-run', `@${path}`)).toMatchObject({ code: 3, stdout: '' });
  });

  test('estimate tells in status --json how far estimates were off', async () => {
    await startFrom(1_000);
    await en('record', '100', '--type', 'estimate', '--conversation', 'accuracy');
    await en('record', '1125', '--conversation', 'accuracy');
    const { json } = await runJson(['status'], at());
    expect(json.estimate_accuracy).toMatchObject({ comparisons: expect.any(Number), error_percent: -20 });
  });

  test('estimate refuses to read both messages from standard input', async () => {
    expect(await en('estimate', '-', '-')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('undo, correct and budget', () => {
  test('undo takes back, correct corrects and budget sets the budget', async () => {
    await startFrom(100_000);
    await en('record', '120000', '含有"引号"');
    const undone = await zh('undo');
    expect(undone.stdout).toMatch(
      /^✅ 已撤销: \+20,000 含有"引号" \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)\n {3}总计: 100,000 \/ 1,000,000 \(10\.0%\)\n$/,
    );
    expect(undone.stderr).toBe('');
    expect((await en('correct', '9万', 'typing error')).stdout).toBe(
      '✅ Corrected: 90,000 / 1,000,000 (9.0%)\n   Increment: -10,000 tokens\n',
    );
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event: 'typing error', sync_type: 'correction' });
    expect((await zh('budget', '200万')).stdout).toContain(
      '✅ 总额度已设为: 2,000,000 tokens\n   已使用: 90,000 tokens',
    );
    await en('record', '95000', 'before the budget');
    expect((await runJson(['budget', '1M'], at())).json).toMatchObject({ success: true, total: 1_000_000 });
    const reading = await en('undo');
    expect(reading.stdout).toMatch(/^✅ Undone: \+5,000 before the budget .*\n {3}Total: 90,000 \/ 1,000,000 /);
    expect(reading.stderr).toBe(
      '   Note: an undo takes back readings, and the budget stays at 1,000,000; to set it back: scripts/token-sync budget 2000000\n',
    );
  });
});

describe('history', () => {
  test('history is a table whose columns stand below each other whatever the script', async () => {
    await startFrom(0);
    await en('record', '1500', '完成 design', '--type', 'auto', '--conversation', 'table');
    const { stdout } = await zh('history', '--conversation', 'table', '--limit', '1');
    const [header = '', row = ''] = stdout.split('\n');
    expect(header).toMatch(/^时间 +增量 +已使用 +类型 +事件$/);
    expect(row).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\+1,500 +1,500 +自动 +完成 design$/);
  });

  test('history finds by text and type, and marks what was undone', async () => {
    await en('record', '7', 'Needle in it', '--type', 'auto');
    await en('undo');
    const { json } = await runJson(['history', '--query', 'NEEDLE', '--type', 'auto'], at());
    expect(json.sessions).toMatchObject([{ event: 'Needle in it', undone: true }]);
    expect((await en('history', '--query', 'needle')).stdout).toContain('[undone] Needle in it');
    expect((await en('history', '--query', 'no such thing')).stdout).toBe('no sessions\n');
  });

  test('history takes a date as --until to mean that whole day', async () => {
    const [today = ''] = (await daemon().rpc('usage.get')).last_updated.split('T');
    await en('record', '3', 'of today', '--type', 'auto');
    expect((await en('history', '--until', today, '--query', 'of today')).stdout).toContain('of today');
    expect((await en('history', '--until', '2020-01-01')).stdout).toBe('no sessions\n');
    // The day after it has no name.
    expect((await en('history', '--until', '9999-12-31', '--query', 'of today')).stdout).toContain('of today');
  });
});

describe('export', () => {
  test('export guards what a spreadsheet would run, and quotes', async () => {
    await daemon().rpc('usage.record', { tokens: 1, sync_type: 'auto', event: '=1+1', conversation_id: 'csv' });
    await daemon().rpc('usage.record', { tokens: 2, sync_type: 'auto', event: 'a "b", c', conversation_id: 'csv' });
    const { stdout } = await en('export', '--format', 'csv', '--conversation', 'csv');
    const [header = '', second = '', first = ''] = stdout.split('\r\n');
    expect(header).toBe('id,timestamp,tokens,event,conversation_id,sync_type,total_used,reset,undone');
    expect(second).toContain(',2,"a ""b"", c",csv,auto,');
    expect(first).toContain(",1,'=1+1,csv,auto,");
  });

  test('export writes JSON and JSON Lines of every page', async () => {
    const sessions = Array.from({ length: 1_500 }, (_, index) => ({
      tokens: 1,
      event: `bulk ${index}`,
      id: `b${index}`,
    }));
    await daemon().rpc('usage.import', { sessions });
    const lines = (await en('export', '--format', 'jsonl', '--query', 'bulk')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toHaveLength(1_500);
    const { json } = await runJson(['export', '--query', 'bulk'], at());
    expect(new Set(json.sessions.map(({ id }: { id: string }) => id)).size).toBe(1_500);
  });
});

describe('help and version', () => {
  test.each(['zh', 'en'])(
    'every command has help with an example in %s',
    async (lang) => {
      const { stdout } = await runCli(['--help', '--lang', lang], at());
      const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!);
      expect(names).toContain('record');
      for (const name of names) {
        const help = await runCli([name, '--help', '--lang', lang], at());
        expect(help).toMatchObject({ code: 0, stderr: '' });
        expect(help.stdout).toMatch(lang === 'zh' ? /示例: scripts\/token-sync/ : /Example: scripts\/token-sync/);
      }
    },
    60_000,
  );

  test('the help of the daemon lists the flag of every setting', async () => {
    const { stdout } = await runCli(['daemon', '--help'], at());
    for (const { key } of SETTINGS) expect(stdout).toMatch(new RegExp(`^ {2}--${flagName(key)} `, 'm'));
  });

  test('the version is told without a daemon', async () => {
    expect((await runCli(['--version'], { folder: '/nonexistent' })).stdout).toMatch(/^token-sync \d+\.\d+\.\d+\n$/);
  });
});
