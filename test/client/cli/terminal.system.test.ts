import { describe, expect, test } from 'vitest';
import { startDaemon, TestDaemon } from '../../support/daemon.ts';
import { freshFolder } from '../../support/folders.ts';
import { type AtTerminal, startAtTerminal, startProgramAtTerminal } from '../../support/pseudo-terminal.ts';
import { CLI, startCli } from '../../support/run-cli.ts';
import { until } from '../../support/until.ts';

const ENTER = '\r';
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

test('record asks a person for value and event', async () => {
  const daemon = await startDaemon();
  const person = startAtTerminal(['record', '--lang', 'zh'], daemon);
  await person.sees('请输入当前Token值: ');
  person.type(`350,000${ENTER}`);
  await person.sees('事件描述 (可选，按回车跳过): ');
  person.type(`完成 "架构" \`$x\`${ENTER}`);
  expect(await person.exitCode).toBe(0);
  expect(person.screen()).toContain('✅ Token已更新: 350,000 / 1,000,000 (35.0%)');
  expect(daemon.state().token_usage.sessions[0]!.event).toBe('完成 "架构" `$x`');
});

test('record asks again after a refused value, and Enter skips the event', async () => {
  const daemon = await startDaemon();
  const person = startAtTerminal(['record', '--lang', 'en'], daemon);
  await person.sees('Current token value: ');
  person.type(`lots${ENTER}`);
  await person.sees('no token value was found');
  await person.sees('Current token value: ', person.screen().indexOf('no token value was found'));
  person.type(`35万${ENTER}`);
  await person.sees('Event (optional, Enter to skip): ');
  person.type(ENTER);
  expect(await person.exitCode).toBe(0);
  expect(daemon.state().token_usage).toMatchObject({ used: 350_000, sessions: [{ event: 'Manual entry' }] });
});

test('record loses no line of what is pasted at once', async () => {
  const daemon = await startDaemon();
  const person = startAtTerminal(['record', '--lang', 'en'], daemon);
  await person.sees('Current token value: ');
  person.type(`1000${ENTER}pasted${ENTER}`);
  expect(await person.exitCode).toBe(0);
  expect(daemon.state().token_usage).toMatchObject({ used: 1_000, sessions: [{ event: 'pasted' }] });
});

describe('an implausible value', () => {
  const ASKED = '13,800,138,000 是总额度 1,000,000 的 13,800 倍。';
  const ANYWAY = '仍要记录吗？y=是，回车=否: ';

  async function offered(args: readonly string[]) {
    const daemon = await startDaemon();
    await daemon.rpc('usage.set_total', { total: 1_000_000 });
    await daemon.rpc('usage.record', { tokens: 350_000 });
    const person = startAtTerminal([...args, '--lang', 'zh'], daemon);
    await person.sees(ANYWAY);
    expect(person.screen().replaceAll(/\s/g, '')).toContain(ASKED.replaceAll(' ', ''));
    return { daemon, person };
  }

  test.each([
    ['Enter', ENTER],
    ['n', `n${ENTER}`],
    ['anything else', `what?${ENTER}`],
    ['Ctrl+C', CTRL_C],
    ['Ctrl+D', CTRL_D],
  ])('an implausible value is not recorded after %s, which is said', async (_, keys) => {
    const { daemon, person } = await offered(['record', '13800138000']);
    person.type(keys);
    expect(await person.exitCode).toBe(3);
    expect(person.screen()).toContain('❌ 什么都没有记录');
    expect(daemon.state().token_usage.used).toBe(350_000);
  });

  test.each([['y'], ['Y'], ['是'], ['yes']])('an implausible value is recorded once after %s', async (yes) => {
    const { daemon, person } = await offered(['record', '13800138000', 'right', '--id', 'mine']);
    person.type(`${yes}${ENTER}`);
    expect(await person.exitCode).toBe(0);
    expect(person.screen()).toContain('✅ Token已更新: 13,800,138,000');
    expect(daemon.state().token_usage).toMatchObject({ used: 13_800_138_000, sessions: [{ id: 'mine' }, {}] });
  });

  test('an implausible value is asked about where it was asked for, and in a correction', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.set_total', { total: 1_000_000 });
    const person = startAtTerminal(['record', '--lang', 'zh'], daemon);
    await person.sees('请输入当前Token值: ');
    person.type(`13800138000${ENTER}`);
    await person.sees('事件描述 (可选，按回车跳过): ');
    person.type(`完成 #设计${ENTER}`);
    await person.sees(ANYWAY);
    person.type(`y${ENTER}`);
    expect(await person.exitCode).toBe(0);
    expect(daemon.state().token_usage.sessions).toMatchObject([{ event: '完成', conversation_id: '设计' }]);
    const { person: other } = await offered(['correct', '13800138000']);
    other.type(ENTER);
    expect(await other.exitCode).toBe(3);
  });
});

/** What is typed again within minutes is a slip, and no counter that has started anew. */
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

test.each(['u', 'U', 'Ｕ'])(
  'a window that waits takes %s to undo the reading that it has recorded, and no other',
  async (key) => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 350_000, timestamp: AN_HOUR_AGO });
    const undone = startAtTerminal(['record', '12000', '--pause', '--lang', 'en'], daemon);
    await undone.sees('Press U to take back this reading, any other key to close …');
    expect(undone.screen()).toContain('the counter has started anew, and now stands at 12,000');
    undone.type(key);
    await undone.sees('Press any key to close …');
    expect(undone.screen()).toMatch(/✅ Undone: \+12,000 .*\s+Total: 350,000 \/ 1,000,000/);
    undone.type(' ');
    expect(await undone.exitCode).toBe(0);
    expect(daemon.state().token_usage).toMatchObject({ used: 350_000, sessions: [{}] });

    const late = startAtTerminal(['record', '360000', '--pause', '--lang', 'en'], daemon);
    await late.sees('Press U');
    await daemon.rpc('usage.record', { tokens: 370_000 });
    late.type(key);
    await late.sees('Press any key to close …');
    expect(late.screen()).toContain('that reading is no longer the last one');
    late.type(' ');
    expect(await late.exitCode).toBe(0);
    expect(daemon.state().token_usage.used).toBe(370_000);
  },
);

test('a window that waits takes any other key to close, and offers no undo where nothing was recorded', async () => {
  const daemon = await startDaemon();
  const kept = startAtTerminal(['record', '350000', '--id', 'a', '--pause', '--lang', 'zh'], daemon);
  await kept.sees('按 U 撤销刚才的记录，按任意键关闭…');
  kept.type('x');
  expect(await kept.exitCode).toBe(0);
  expect(daemon.state().token_usage.used).toBe(350_000);
  for (const args of [['record', '350000', '--id', 'a'], ['status'], ['record', 'lots']]) {
    const plain = startAtTerminal([...args, '--pause', '--lang', 'zh'], daemon);
    await plain.sees('按任意键关闭…');
    expect(plain.screen()).not.toContain('按 U');
    plain.type('u');
    await plain.exitCode;
  }
  expect(daemon.state().token_usage.used).toBe(350_000);
});

test.each([
  ['Ctrl+C', CTRL_C],
  ['Ctrl+D', CTRL_D],
])('record records nothing when the person leaves by %s', async (_, key) => {
  const daemon = await startDaemon();
  const person = startAtTerminal(['record', '--lang', 'en'], daemon);
  await person.sees('Current token value: ');
  person.type(key);
  expect(await person.exitCode).toBe(2);
  expect(person.screen()).toContain('cancelled; nothing was recorded');
  expect((await daemon.rpc('usage.get')).revision).toBe(0);
});

test('watch redraws in place, survives a restart of the daemon, and leaves the cursor visible', async () => {
  const folder = freshFolder();
  const first = await startDaemon({ folder });
  await first.rpc('usage.record', { tokens: 350_000, event: '完成架构设计' });
  const person = startAtTerminal(['watch', '--lang', 'zh'], { folder });
  await person.sees('350,000 / 1,000,000 tokens');
  await person.sees('完成架构设计');
  expect(person.screen()).toContain(HIDE_CURSOR);
  await first.rpc('usage.record', { tokens: 360_000 });
  await person.sees('360,000 / 1,000,000 tokens');
  expect(person.screen()).toContain('\x1b[');
  await first.stop();
  await person.sees('连接已断开，数据是 ');
  await until(() => /数据是 [1-9]\d* 秒前的/.test(person.screen()), 'the age of the figures grows');
  const lost = person.screen().length;
  const second = await startDaemon({ folder });
  await person.sees('● 已连接', lost);
  await second.rpc('usage.record', { tokens: 370_000 });
  await person.sees('370,000 / 1,000,000 tokens', lost);
  person.type(CTRL_C);
  expect(await person.exitCode).toBe(0);
  expect(person.screen().endsWith(SHOW_CURSOR)).toBe(true);
});

test('watch shows what an undo leaves', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 100, event: 'stays' });
  const person = startAtTerminal(['watch', '--lang', 'en'], daemon);
  await person.sees('stays');
  await daemon.rpc('usage.record', { tokens: 200, event: 'taken back' });
  await person.sees('taken back');
  const seen = person.screen().length;
  await daemon.rpc('usage.undo');
  await person.sees('100 / 1,000,000 tokens', seen);
  await person.sees('stays', seen);
  expect(person.screen().slice(seen)).not.toContain('taken back');
});

test.each(['q', 'Q', 'ｑ', CTRL_C, CTRL_D])('watch is left by %j, and the terminal echoes again', async (key) => {
  const daemon = await startDaemon();
  const command = `"$0" "$@"; printf 'left with %s\n' "$?"; stty -a | grep -o ' echo '`;
  const watching = ['sh', '-c', command, process.execPath, CLI, 'watch', '--lang', 'en'];
  const person = startProgramAtTerminal(watching, daemon);
  await person.sees('q or Ctrl+C to leave');
  // Neither a letter without a meaning nor an arrow leaves.
  person.type('x\x1b[Dx');
  await daemon.rpc('usage.record', { tokens: 7 });
  await person.sees('7 / 1,000,000 tokens');
  person.type(key);
  await person.sees('left with 0');
  await person.exitCode;
  expect(person.screen()).toMatch(/ echo \s*$/);
});

test('watch lets an alert go that holds no more, also over a restart, and names the day the budget runs out', async () => {
  const folder = freshFolder();
  const first = await startDaemon({ folder });
  await first.rpc('usage.set_total', { total: 360_000 });
  const person = startAtTerminal(['watch', '--lang', 'en'], { folder });
  await person.sees('Runs out: Not known before two days of readings');
  await first.rpc('usage.record', { tokens: 367_000 });
  await person.sees('⚠️ 100% has been reached (now 101.9%)');
  await person.sees('Runs out: The budget is used up');
  expect(lastFrame(person).match(/⚠️/g)).toHaveLength(1);
  await first.stop();
  await person.sees('connection lost');
  const second = await startDaemon({ folder });
  const lost = person.screen().length;
  await second.rpc('usage.set_total', { total: 1_500_000 });
  await person.sees('24.5%', lost);
  expect(lastFrame(person)).not.toContain('⚠️');
});

test('watch shows an alert from before', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 100 });
  await daemon.rpc('usage.record', { tokens: 95 });
  const person = startAtTerminal(['watch', '--lang', 'zh'], daemon);
  await person.sees('⚠️ 使用率已达到 90%（现为 95.0%）');
});

test('watch without a terminal says once that a change has crossed several thresholds', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 100 });
  const watching = startCli(['watch', '--lang', 'en'], daemon);
  await until(() => watching.stdout().includes('0 / 100'), 'the figure is there');
  await daemon.rpc('usage.record', { tokens: 120 });
  await until(() => watching.stderr().includes('100%'), 'the alert is told');
  watching.process.kill('SIGINT');
  expect((await watching.ended).stderr).toBe('⚠️ 100% has been reached (now 120.0%)\n');
});

test('watch prints one line a change where there is no terminal, and ends with 0 on Ctrl+C', async () => {
  const daemon = await startDaemon();
  const watching = startCli(['watch', '--lang', 'en'], daemon);
  await until(() => watching.stdout().includes('0 / 1,000,000 (0.0%)'), 'the figure is there');
  await daemon.rpc('usage.record', { tokens: 15_000, event: 'design' });
  await daemon.rpc('usage.set_total', { total: 2_000_000 });
  await until(() => watching.stdout().split('\n').length === 4, 'both changes are there');
  expect(watching.stdout()).toMatch(/ {2}15,000 \/ 1,000,000 \(1\.5%\) {2}\+15,000 design\n/);
  expect(watching.stdout()).toMatch(/ {2}15,000 \/ 2,000,000 \(0\.8%\) {2}budget changed\n$/);
  watching.process.kill('SIGINT');
  expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
});

test('watch --json prints one JSON line a change, without a gap over a restart', async () => {
  const folder = freshFolder();
  const first = new TestDaemon({ folder });
  await first.isUp();
  const watching = startCli(['watch', '--json', '--lang', 'en'], { folder });
  await until(() => watching.stdout().includes('"snapshot"'), 'the snapshot is there');
  await first.rpc('usage.record', { tokens: 1 });
  await first.kill();
  await until(() => watching.stderr().includes('connection lost'), 'the loss is told');
  const second = await startDaemon({ folder });
  await second.rpc('usage.record', { tokens: 2 });
  await until(() => watching.stdout().includes('"revision":2'), 'the second change is there');
  watching.process.kill('SIGINT');
  const { stdout, code } = await watching.ended;
  expect(code).toBe(0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ type, revision }) => [type, revision])).toEqual([
    ['snapshot', 0],
    ['change', 1],
    ['change', 2],
  ]);
});

test.each([
  ['status', 'en', 'no answer from the daemon yet, still waiting …', 'Used: 0'],
  ['status', 'zh', '守护进程还没有答复，继续等待…', '已使用: 0'],
  ['start', 'en', 'no answer from the daemon yet, still waiting …', 'The daemon runs already'],
  ['watch', 'en', 'no answer from the daemon yet, still waiting …', '0 / 1,000,000 tokens'],
])(
  '%s tells whoever waits for a daemon that hangs (%s), and goes on when it answers',
  async (command, lang, told, answer) => {
    const daemon = await startDaemon();
    daemon.process.kill('SIGSTOP');
    const person = startAtTerminal([command, '--lang', lang], daemon);
    await person.sees(told);
    daemon.process.kill('SIGCONT');
    await person.sees(answer);
    if (command === 'watch') person.type(CTRL_C);
    expect(await person.exitCode).toBe(0);
  },
);

test('a script that waits for a daemon that hangs is told the result alone', async () => {
  const daemon = await startDaemon();
  daemon.process.kill('SIGSTOP');
  const patient = startAtTerminal(['status', '--lang', 'en'], daemon);
  const script = startCli(['status', '--lang', 'en'], daemon);
  await patient.sees('still waiting');
  daemon.process.kill('SIGCONT');
  expect(await script.ended).toMatchObject({ code: 0, stderr: '' });
});

test('a long import shows how far it is, and clears it away', async () => {
  const daemon = await startDaemon();
  const rows = Array.from({ length: 2_500 }, (_, index) => `${index + 1},event ${index}\n`);
  daemon.write('long.csv', `tokens,event\n${rows.join('')}`);
  const person = startAtTerminal(['import', daemon.path('long.csv'), '--lang', 'zh'], daemon);
  expect(await person.exitCode).toBe(0);
  expect(person.screen()).toMatch(/正在导入 \[█+░+\] 1,000 \/ 2,500/);
  expect(person.screen()).toContain('\r\x1b[K✅ 已导入: 2,500');
});

/** What stands on the screen since the cursor last went up to draw it anew. */
function lastFrame(person: AtTerminal): string {
  const screen = person.screen();
  return screen.slice(screen.lastIndexOf('📊'));
}
