import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Input } from '../../../src/client/cli/command.ts';
import { check } from '../../../src/client/cli/commands/check.ts';
import { EMPTY, usageOf } from '../../../src/daemon/rules/snapshot.ts';
import type { BudgetPeriod, Forecast } from '../../../src/protocol/methods.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { serveStub } from '../../support/json-rpc-stub.ts';

const ZONE = process.env.TZ;

beforeAll(() => {
  process.env.TZ = 'UTC';
});

afterAll(() => {
  if (ZONE === undefined) delete process.env.TZ;
  else process.env.TZ = ZONE;
});

interface Told {
  readonly used?: number;
  readonly forecast?: Forecast;
  readonly info?: { readonly total_is_set?: true };
}

/** What `check` says with these flags of a daemon that tells this, and which requests it made. */
async function checked(
  flags: Input<typeof check.flags>['flags'],
  { used = 350_000, forecast, info = { total_is_set: true } }: Told = {},
) {
  const folder = temporaryFolder();
  const stub = await serveStub({
    'usage.get': () => usageOf({ ...EMPTY, used, total: 1_000_000 }, '0:00000000'),
    'usage.forecast': () => forecast,
    'daemon.info': () => info,
  });
  const daemon = async (work: (call: (method: string) => Promise<unknown>) => unknown) => work(async () => info);
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify(stub.file(folder)));
  const run = async (language: 'zh' | 'en') => {
    const settings = { isJson: false, dataDir: folder, mayStart: true };
    const outcome = await check.run({ flags, settings, daemon, language } as unknown as Input<typeof check.flags>);
    const { text, json, note = '', remark = '', exitCode = 0 } = outcome!;
    return { text, json, note, remark, exitCode };
  };
  return { zh: await run('zh'), en: await run('en'), stub };
}

describe('--max', () => {
  test.each<[max: string | undefined, used: number, code: number]>([
    [undefined, 0, 0],
    [undefined, 1_000_000, 0],
    [undefined, 1_000_001, 7],
    [undefined, 1_000_040, 7],
    [undefined, 1_000_100, 7],
    ['99.999', 999_990, 0],
    ['99.999', 999_991, 7],
    ['100.0001', 1_000_001, 0],
    ['100.000099999', 1_000_001, 7],
    ['100', 1_000_100, 7],
    ['90', 900_000, 0],
    ['90', 900_100, 7],
    ['90.01', 900_100, 0],
    ['90%', 900_100, 7],
    ['90％', 900_000, 0],
    ['0', 0, 0],
    ['0', 100, 7],
    ['150', 1_400_000, 0],
  ])('check --max %s of %i of a million ends with %i', async (max, used, code) => {
    const { en, stub } = await checked(max === undefined ? {} : { max }, { used });
    expect(en.exitCode).toBe(code);
    expect(en.json).toMatchObject({
      success: code === 0,
      used,
      total: 1_000_000,
      max: Number.parseFloat(max ?? '100'),
    });
    expect(stub.called).toEqual(['usage.get', 'usage.get']);
  });

  test('check tells the share in the digits in which it was compared', async () => {
    const over = await checked({ max: '90' }, { used: 900_100 });
    expect(over.zh.text).toBe('❌ 已使用 90.01%，超过 90%\n');
    expect(over.en.text).toBe('❌ 90.01% is used, which is over 90%\n');
    const hardly = await checked({}, { used: 1_000_040 });
    expect(hardly.en.text).toBe('❌ 100.004% is used, which is over 100%\n');
    const nearly = await checked({ max: '99.999' }, { used: 999_990 });
    expect(nearly.en.text).toBe('✅ 99.999% is used, which is within 99.999%\n');
    const within = await checked({ max: '90' });
    expect(within.zh).toMatchObject({ text: '✅ 已使用 35%，未超过 90%\n', note: '' });
    expect(within.en).toMatchObject({ text: '✅ 35% is used, which is within 90%\n', note: '' });
  });

  test('check over a budget that nobody has set says so beside the result', async () => {
    const { en } = await checked({ max: '90' }, { used: 950_000, info: {} });
    expect([en.exitCode, en.remark]).toEqual([7, expect.stringContaining('still the default of 1,000,000')]);
    expect((await checked({ max: '90' }, { used: 950_000 })).en.remark).toBe('');
  });

  test.each(['', 'many', '-5', '1e3', '90 %%', '0x10', 'Infinity', '５０', '12345678901'])(
    'check refuses --max %j and says what to write',
    async (max) => {
      await expect(checked({ max })).rejects.toMatchObject({
        kind: 'wrong_usage',
        text: { zh: `--max 的值无效：${max}`, en: `--max is wrong: ${max}` },
        hint: { zh: expect.stringContaining('--max 90'), en: expect.stringContaining('--max 90') },
      });
    },
  );
});

describe('--lasts', () => {
  const period: Omit<BudgetPeriod, 'verdict'> = {
    starts_at: '2025-11-15T00:00:00.000Z',
    ends_at: '2025-12-15T00:00:00.000Z',
    days_left: 27,
    expected_percent: 11,
    allowance_per_day: 1,
    allowance_today: 1,
  };
  const forecast = { tokens_per_day: 1, basis_days: 14, exhausts_at: '2025-12-08T12:00:00.000Z' };
  const lasting = (verdict: 'lasts' | 'tight' | 'short', spare_days: number): Forecast => ({
    ...forecast,
    period: { ...period, verdict, spare_days },
  });

  test.each([
    ['lasts', 3, 0, '✅ 够用到 2025-12-15 重置', '✅ It lasts until the reset on 2025-12-15'],
    ['tight', 1, 0, '⚠️ 勉强够用到 2025-12-15 重置', '⚠️ It may not last until the reset on 2025-12-15'],
    ['short', -6.5, 7, '❌ 不够用到 2025-12-15 重置：预计 2025-12-08 用完', 'it runs out on 2025-12-08'],
  ] as const)(
    'check --lasts of a budget that %s, with %d days to spare, ends with %i',
    async (verdict, spare, code, chinese, english) => {
      const { zh, en, stub } = await checked({ lasts: true }, { forecast: lasting(verdict, spare) });
      expect([zh.exitCode, en.exitCode]).toEqual([code, code]);
      expect(zh.text.split('\n')[1]).toContain(chinese);
      expect(en.text.split('\n')[1]).toContain(english);
      expect([zh.note, en.note]).toEqual(['', '']);
      expect(en.json).toEqual({
        success: code === 0,
        used: 350_000,
        total: 1_000_000,
        percent: 35,
        max: 100,
        verdict,
        spare_days: spare,
        exhausts_at: forecast.exhausts_at,
        ends_at: period.ends_at,
      });
      expect(stub.called).toEqual(['usage.get', 'usage.forecast', 'usage.get', 'usage.forecast']);
    },
  );

  test.each<[reason: NonNullable<BudgetPeriod['reason']> | 'no_period', zh: string, en: string]>([
    ['too_little_data', '记录还不到两天', 'two days of readings'],
    ['no_usage', '近两周没有使用', 'last two weeks'],
    ['no_budget', '没有设置额度', 'no budget'],
    ['beyond_horizon', '十年内不会用完', 'ten years'],
    ['no_reading_in_period', '本周期内还没有记录', 'since the last reset'],
    ['no_period', 'budget --resets 15', 'budget --resets 15'],
  ])(
    'check --lasts that cannot know it, by %s, ends with 0 and says so beside the result',
    async (reason, chinese, english) => {
      const told: Forecast =
        reason === 'no_period'
          ? forecast
          : { ...forecast, exhausts_at: null, period: { ...period, verdict: 'unknown', reason } };
      const { zh, en } = await checked({ lasts: true }, { forecast: told });
      expect([zh.exitCode, en.exitCode]).toEqual([0, 0]);
      expect(zh.note).toMatch(new RegExp(`^⚠️ 无法判断是否够用：.*${chinese}.*\n$`));
      expect(en.note).toMatch(new RegExp(`^⚠️ Whether it lasts is not known: .*${english}.*\n$`));
      expect(en.text).toBe('✅ 35% is used, which is within 100%\n');
      expect(en.json).toMatchObject({ success: true, verdict: 'unknown', reason });
    },
  );

  test.each<[string, Forecast]>([
    ['without a period', { ...forecast, exhausts_at: null, reason: 'exhausted' }],
    [
      'in its period',
      { ...forecast, exhausts_at: null, period: { ...period, verdict: 'unknown', reason: 'exhausted' } },
    ],
  ])('check --lasts of a budget that is used up %s ends with 7 and says so', async (_, told) => {
    const { zh, en } = await checked({ lasts: true }, { used: 1_000_000, forecast: told });
    expect([zh.exitCode, en.exitCode, en.note]).toEqual([7, 7, '']);
    expect(zh.text).toContain('❌ 额度已用完\n');
    expect(en.text).toContain('❌ The budget is used up\n');
    expect(en.json).toMatchObject({ success: false, verdict: 'unknown', reason: 'exhausted' });
  });

  test('check --lasts of a budget that lasts ends with 7 above the share all the same', async () => {
    const { en } = await checked({ lasts: true, max: '30' }, { forecast: lasting('lasts', 3) });
    expect(en).toMatchObject({ exitCode: 7, json: { success: false, verdict: 'lasts' } });
  });

  test.each<[string, Forecast]>([
    ['alone', { tokens_per_day: 0, basis_days: 0, exhausts_at: null, reason: 'context' }],
    [
      'with a period',
      {
        ...{ tokens_per_day: 0, basis_days: 0, exhausts_at: null },
        period: { ...period, verdict: 'unknown', reason: 'context' },
      },
    ],
  ])('check --lasts of the room in a conversation, told %s, is wrong usage with its reason', async (_, told) => {
    await expect(checked({ lasts: true }, { forecast: told })).rejects.toMatchObject({
      kind: 'wrong_usage',
      text: { zh: expect.stringContaining('一次对话'), en: expect.stringContaining('one conversation') },
      hint: { zh: expect.stringContaining('--max'), en: expect.stringContaining('--max') },
    });
  });
});
