import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { freshFolder, temporaryFolder } from '../../support/folders.ts';
import { runCli, runJson } from '../../support/run-cli.ts';

const CSV = 'tokens,event,timestamp\n"15,000",设计,2025-11-01 10:00:00\n2K,"say ""hi"", 🎉",2025-11-02\n';
const ARRAY = JSON.stringify([
  { tokens: 15_000, event: '设计', timestamp: '2025-11-01 10:00:00' },
  { tokens: '2K', event: 'say "hi", 🎉', timestamp: '2025-11-02' },
]);
const LINES = '{"tokens":15000,"event":"设计"}\n\n{"tokens":2000,"event":"say \\"hi\\", 🎉"}\n';
const STATE = JSON.stringify({ status: {}, token_usage: { used: 9, total: 10, sessions: JSON.parse(ARRAY) } });

test.each([
  ['a.csv', CSV],
  ['with-mark.csv', `\uFEFF${CSV}`],
  ['semicolons.csv', 'Event;Tokens\n设计;15000\n"say ""hi"", 🎉";2000\n'],
  ['tabs.tsv', 'event\ttokens\r\n设计\t15000\r\n"say ""hi"", 🎉"\t2000\r\n'],
  ['a.json', ARRAY],
  ['sessions.json', `{"sessions":${ARRAY}}`],
  ['architect_monitor.json', STATE],
  ['a.jsonl', LINES],
  ['lines-in-disguise.json', LINES],
  ['lines-of-an-old-mac.json', LINES.replaceAll('\n', '\r')],
  ['no-extension', LINES],
  ['csv-without-extension', CSV],
])('import takes %s, and the same file again counts nothing twice', async (name, content) => {
  const daemon = await startDaemon();
  const path = file(name, content);
  const first = await runJson(['import', path], daemon);
  expect(first).toMatchObject({ code: 0, json: { imported_count: 2, skipped: [], total_tokens: 17_000 } });
  expect(eventsOf(daemon)).toEqual(['say "hi", 🎉', '设计']);
  const again = await runJson(['import', path], daemon);
  expect(again).toMatchObject({
    code: 0,
    json: { imported_count: 0, total_tokens: 0, current_usage: { used: 17_000, remaining: 983_000 } },
  });
  expect(again.json.skipped).toHaveLength(2);
});

test('import reads standard input', async () => {
  const daemon = await startDaemon();
  const run = await runCli(['import', '-', '--lang', 'zh'], { folder: daemon.folder, input: CSV });
  expect(run).toMatchObject({
    code: 0,
    stderr: '   提示: 总额度还是默认的 1,000,000；请设置你的：scripts/token-sync budget 总额度\n',
  });
  expect(run.stdout).toBe(
    '✅ 已导入: 2\n   本次增量: 17,000 tokens\n   已跳过: 0\n   总计: 17,000 / 1,000,000 (1.7%)\n',
  );
});

test('import reads what a spreadsheet in Chinese Windows saves', async () => {
  const daemon = await startDaemon();
  // `tokens,event` and `5000,编` in GB 18030.
  const bytes = Buffer.concat([Buffer.from('tokens,event\r\n5000,'), Buffer.from([0xb1, 0xe0]), Buffer.from('\r\n')]);
  expect((await runCli(['import', '-'], { folder: daemon.folder, input: bytes })).code).toBe(0);
  expect(eventsOf(daemon)).toEqual(['编']);
});

test('import reads the times that a spreadsheet makes of ours, and counts what it has saved anew no second time', async () => {
  const daemon = await startDaemon();
  const csv = (...times: string[]) =>
    `tokens,event,timestamp\n${times.map((time, at) => `5,${at},${time}\n`).join('')}`;
  const ours = ['2026-11-01 10:00:00', '2026-11-01 09:05:00', '2026-11-01 09:05:07', '2026-11-01'];
  const theirs = ['2026/11/01 10:00', '2026/11/1 9:05', '2026/11/1 9:05:07', '2026/11/1'];
  expect((await runCli(['import', file('theirs.csv', csv(...theirs))], daemon)).code).toBe(0);
  const shown = daemon.state().token_usage.sessions.toSorted((a, b) => String(a.event).localeCompare(String(b.event)));
  expect(shown.map(({ timestamp }) => timestamp)).toEqual([...ours.slice(0, 3), '2026-11-01 00:00:00']);
  const again = await runJson(['import', file('ours.csv', csv(...ours))], daemon);
  expect(again.json).toMatchObject({ imported_count: 0, current_usage: { used: 20 } });
});

test.each([
  ['zh', '第 2 行：时间无效：2026/13/1 9:05（可写 2026-11-01 10:00:00、2026/11/1 10:00 或 ISO 8601）'],
  ['en', 'line 2: not a time: 2026/13/1 9:05 (write 2026-11-01 10:00:00, 2026/11/1 10:00 or ISO 8601)'],
])('import names the forms of a time where there is none (%s)', async (lang, reason) => {
  const path = file('a.csv', 'tokens,timestamp\n5,2026/13/1 9:05\n');
  const run = await runCli(['import', path, '--lang', lang], { folder: freshFolder() });
  expect(run).toMatchObject({ code: 3, stdout: '' });
  expect(run.stderr).toContain(reason);
});

test('a file that has grown adds only what is new, at either end', async () => {
  const daemon = await startDaemon();
  await runCli(['import', file('a.csv', 'tokens,event\n1000,a\n1000,a\n')], daemon);
  const grown = await runJson(['import', file('b.csv', 'tokens,event\n7,new\n1000,a\n1000,a\n1000,a\n')], daemon);
  expect(grown.json).toMatchObject({ imported_count: 2, total_tokens: 1_007, current_usage: { used: 3_007 } });
});

test('what is not above 0 is skipped with its line', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const content = 'tokens,event\n100,"two\nlines"\n0,none\n-5,less\n200,b\n';
  const run = await runCli(['import', file('a.csv', content), '--lang', 'en'], daemon);
  expect(run.stdout).toContain('Imported: 2');
  expect(run.stderr).toBe('skipped line 4: tokens are not above 0\nskipped line 5: tokens are not above 0\n');
});

test.each([
  ['zh', '跳过 第 21 行: tokens 不大于 0\n另外还跳过 79 条\n'],
  ['en', 'skipped line 21: tokens are not above 0\nskipped 79 more\n'],
])('of many that are skipped the first are named and the others counted (%s)', async (lang, end) => {
  const daemon = await startDaemon();
  const path = file('a.csv', `tokens\n${'0\n'.repeat(99)}`);
  const { stderr } = await runCli(['import', path, '--lang', lang], daemon);
  expect(stderr.split('\n')).toHaveLength(22);
  expect(stderr.endsWith(end)).toBe(true);
});

test.each([
  ['a.csv', 'tokens,event\n100,a\nlots,b\n', 'line 3: no token value was found'],
  ['a.csv', 'tokens,event\n100,a\n200,b,c\n', 'line 3: it has not as many columns as the header'],
  ['a.csv', 'tokens,event\n100,"a\n', 'a quote is not closed'],
  ['a.csv', 'event,when\na,b\n', 'line 1: the header has no column tokens; it has: event, when'],
  ['a.csv', 'tokens,timestamp\n5,2025-13-01\n', 'line 2: not a time: 2025-13-01'],
  ['a.csv', `tokens,event\n5,${'x'.repeat(1_001)}\n`, 'line 2: event is over 1000 characters'],
  ['a.csv', '', 'the file is empty'],
  ['a.jsonl', '{"tokens":1}\n{"tokens":2\n', 'line 2: not valid JSON'],
  ['a.jsonl', '{"tokens":1}\n[2]\n', 'line 2: not a JSON object'],
  ['a.json', '[\n {"tokens": 1},\n {"tokens": 2 "event": 3}\n]', 'line 3: not valid JSON'],
  ['a.json', '[{"tokens":1},{"tokens":1.5}]', 'entry 2: tokens are not a value'],
  ['a.json', '[{"tokens":1},{"event":"x"}]', 'entry 2: tokens are not a value'],
  ['a.json', '{"used": 5}', 'no list of sessions was found'],
])('import refuses %s with %j as a whole and says where', async (name, content, reason) => {
  const daemon = await startDaemon();
  const run = await runCli(['import', file(name, content), '--lang', 'en'], daemon);
  expect(run).toMatchObject({ code: 3, stdout: '' });
  expect(run.stderr).toContain(reason);
  expect((await daemon.rpc('usage.get')).revision).toBe(0);
});

test('a long file goes in parts and counts whole', async () => {
  const daemon = await startDaemon();
  const rows = Array.from({ length: 2_500 }, (_, index) => `${index + 1},event ${index} ${'长'.repeat(300)}\n`);
  const { json } = await runJson(['import', file('long.csv', `tokens,event\n${rows.join('')}`)], daemon);
  expect(json).toMatchObject({ imported_count: 2_500, total_tokens: (2_500 * 2_501) / 2, skipped: [] });
});

test('what was exported comes back the same in another folder, and counts nothing twice in its own', async () => {
  const [here, there] = [await startDaemon(), await startDaemon()];
  const events = ['=1+1', "'=1", "'quoted'", '@x, "y"', 'two\nlines', '-5', '普通'];
  for (const event of events) await here.rpc('usage.record', { tokens: 10, sync_type: 'auto', event });
  const { stdout } = await runCli(['export'], here);
  expect((await runJson(['import', file('own.csv', stdout)], here)).json.imported_count).toBe(0);
  await runCli(['import', file('other.csv', stdout)], there);
  expect(eventsOf(there)).toEqual(events.toSorted());
});

/** Sorted, because sessions without a time share the second of their import. */
function eventsOf(daemon: TestDaemon): string[] {
  return daemon
    .state()
    .token_usage.sessions.map(({ event }) => String(event))
    .toSorted();
}

function file(name: string, content: string): string {
  const folder = temporaryFolder();
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
