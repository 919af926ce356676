import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { runCli, runJson } from '../../support/run-cli.ts';

const DAY_MS = 86_400_000;

/** A counter of 500,000 with 10,000 on each of the last thirty days, of a budget that ends its period in a fortnight. */
async function halfUsed(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const sessions = Array.from({ length: 30 }, (_, day) => ({
    tokens: 10_000,
    timestamp: new Date(Date.now() - (30 - day) * DAY_MS + 60_000).toISOString(),
  }));
  await daemon.rpc('usage.import', { sessions });
  return daemon;
}

/** A last day so many days ahead, as the setting has it. */
function lastDay(ahead: number): string {
  const date = new Date();
  date.setDate(date.getDate() + ahead);
  return date.toLocaleDateString('sv-SE');
}

test('budget shows what stands, and how to set the reset', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  await daemon.rpc('usage.record', { tokens: 350_000 });
  expect(await runCli(['--lang', 'zh', 'budget'], daemon)).toEqual({
    code: 0,
    stdout:
      '📊 总额度: 1,000,000 tokens\n   已使用: 350,000 tokens\n   使用率: 35.0%\n   剩余: 650,000 tokens\n   重置: 不重置\n',
    stderr: '   提示: 要知道能不能用到重置，请设置重置日：scripts/token-sync budget --resets 15\n',
  });
  const { json } = await runJson(['budget'], daemon);
  expect(json).toMatchObject({ success: true, total: 1_000_000, period: 'never', kind: 'counter', renews: false });
});

test('budget sets the reset, with the budget or alone, and takes it away', async () => {
  const daemon = await startDaemon();
  const both = await runCli(['--lang', 'en', 'budget', '4.6M', '--resets', '15'], daemon);
  expect(both).toMatchObject({ code: 0, stderr: '' });
  expect(both.stdout).toBe(
    '✅ Budget set: 4,600,000 tokens\n   Used: 0 tokens\n   Percent: 0.0%\n   Remaining: 4,600,000 tokens\n   Resets: on day 15 of each month\n',
  );
  const alone = await runJson(['budget', '--resets', '7d'], daemon);
  expect(alone.json).toMatchObject({
    success: true,
    total: 4_600_000,
    period: expect.stringMatching(/^2\d{3}-\d\d-\d\d\/7d$/),
  });
  const never = await runCli(['--lang', 'en', 'budget', '--resets', 'never'], daemon);
  expect(never.stdout).toMatch(/^✅ Reset set: never\n {3}Budget: 4,600,000 tokens\n/);
  expect((await runJson(['budget', '1M'], daemon)).json).not.toHaveProperty('period');
});

test('a reset that is set for a budget that nobody has set says so, and so does one without effect', async () => {
  const fresh = await startDaemon();
  expect((await runCli(['--lang', 'en', 'budget', '--resets', '15'], fresh)).stderr).toContain('still the default');
  const room = await startDaemon({ config: { budget: { kind: 'context' } } });
  const { stderr } = await runCli(['--lang', 'en', 'budget', '200K', '--resets', '15'], room);
  expect(stderr).toContain('on which a reset has no effect');
});

test('a last day that is past is refused, and nothing is set', async () => {
  const daemon = await startDaemon();
  const { code, stderr } = await runCli(['--lang', 'en', 'budget', '2M', '--resets', lastDay(-1)], daemon);
  expect([code, stderr]).toEqual([3, expect.stringContaining('the last day of the period is past')]);
  expect((await daemon.rpc('usage.get')).total).toBe(1_000_000);
});

test.each(['0', '32', 'soon', '7'.padEnd(4, '7')])(
  'budget refuses the reset %s before anything is set',
  async (when) => {
    const daemon = await startDaemon();
    const { code, stdout, stderr } = await runCli(['--lang', 'en', 'budget', '2M', '--resets', when], daemon);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('a day of the month (15)');
    expect((await daemon.rpc('usage.get')).total).toBe(1_000_000);
  },
);

// 700,000 are left, which lasts for 70 days at 10,000 a day: from now, while the reset is at a midnight.
test.each<[ahead: number, zh: RegExp, en: RegExp]>([
  [
    9,
    /能用到重置吗: 够用，余 6[01] 天（\S+ 重置，还有 10 天）\n {3}今天还可以用: 70,000 tokens（每天 70,000 tokens）\n$/,
    /Lasts until the reset: yes, 6[01] days to spare \(resets \S+, in 10 days\)\n {3}Left for today: 70,000 tokens/,
  ],
  [
    99,
    /能用到重置吗: 不够，差 (?:29|30) 天（\S+ 重置，还有 100 天）\n {3}今天还可以用: 7,000 tokens/,
    /Lasts until the reset: no, (?:29|30) days short/,
  ],
])('status and budget say whether the budget lasts %d days, and what may be used today', async (ahead, zh, en) => {
  const daemon = await halfUsed();
  await daemon.rpc('usage.set_total', { period: lastDay(ahead) });
  expect((await runCli(['--lang', 'zh', 'status'], daemon)).stdout).toMatch(zh);
  expect((await runCli(['--lang', 'en', 'status'], daemon)).stdout).toMatch(en);
  expect((await runCli(['--lang', 'en', 'budget'], daemon)).stdout).toMatch(en);
  expect((await runJson(['status'], daemon)).json.forecast.period).toMatchObject({ days_left: ahead + 1 });
});

test('before the first reading of a period nothing is judged by the figure of the one before', async () => {
  const daemon = await startDaemon();
  const yesterday = new Date(Date.now() - DAY_MS).toISOString();
  await daemon.rpc('usage.import', { sessions: [{ tokens: 990_000, timestamp: yesterday }] });
  await daemon.rpc('usage.set_total', { total: 1_000_000, period: '7d' });
  const status = () => runCli(['--lang', 'en', 'status'], daemon);
  expect((await status()).stdout).toContain('Lasts until the reset: known after a reading');
  expect((await status()).stdout).not.toContain('Left for today');
  await daemon.rpc('usage.record', { tokens: 5_000 });
  expect((await status()).stdout).toMatch(/Left for today: [\d,]+ tokens/);
});
