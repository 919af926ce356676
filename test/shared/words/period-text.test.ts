import { describe, expect, test } from 'vitest';
import type { BudgetPeriod } from '../../../src/protocol/methods.ts';
import { allowanceText, resetsText, verdictText } from '../../../src/shared/words/period-text.ts';

const HALF = { used: 500_000, total: 1_000_000 };

function periodOf(more: Partial<BudgetPeriod>): BudgetPeriod {
  return {
    starts_at: new Date(2025, 10, 15).toISOString(),
    ends_at: new Date(2025, 11, 15).toISOString(),
    days_left: 27,
    expected_percent: 11.67,
    allowance_per_day: 30_000,
    allowance_today: 12_345,
    verdict: 'lasts',
    ...more,
  };
}

describe('the verdict in words', () => {
  test.each<[more: Partial<BudgetPeriod>, zh: string, en: string]>([
    [{ spare_days: 12.2 }, '够用，余 12 天', 'yes, 12 days to spare'],
    [{ spare_days: 1.9 }, '够用，余 1 天', 'yes, 1 day to spare'],
    [{ spare_days: 0.9 }, '够用，余不到 1 天', 'yes, less than a day to spare'],
    [{ verdict: 'tight', spare_days: 3 }, '刚好，也可能不够', 'barely, and perhaps not'],
    [{ verdict: 'short', spare_days: -5.1 }, '不够，差 6 天', 'no, 6 days short'],
    [{ verdict: 'short', spare_days: -0.2 }, '不够，差 1 天', 'no, 1 day short'],
    [{ verdict: 'unknown', reason: 'exhausted' }, '额度已用完', 'The budget is used up'],
    [
      { verdict: 'unknown', reason: 'no_reading_in_period' },
      '本周期还没有记录，同步一次就知道',
      'known after a reading',
    ],
  ])('%j is %s', (more, zh, en) => {
    expect(verdictText(periodOf(more), HALF)).toEqual({
      zh: `${zh}（2025-12-15 重置，还有 27 天）`,
      en: `${en} (resets 2025-12-15, in 27 days)`,
    });
  });

  test('a figure that is ahead of the verdict goes before it', () => {
    expect(verdictText(periodOf({}), { used: 1_000_000, total: 1_000_000 }).en).toContain('The budget is used up');
  });
});

describe('the allowance in words', () => {
  test('the allowance tells today and a day', () => {
    expect(allowanceText(periodOf({}))).toEqual({
      zh: '12,345 tokens（每天 30,000 tokens）',
      en: '12,345 tokens (30,000 tokens a day)',
    });
  });

  test.each(['no_reading_in_period', 'no_budget'] as const)(
    'the allowance is not told with the reason %s',
    (reason) => {
      expect(allowanceText(periodOf({ verdict: 'unknown', reason }))).toBeUndefined();
    },
  );
});

test.each([
  ['never', '不重置', 'never'],
  ['15', '每月 15 日', 'on day 15 of each month'],
  ['2025-11-18/7d', '从 2025-11-18 起每 7 天', 'every 7 days from 2025-11-18'],
  ['2025-11-18/1d', '从 2025-11-18 起每 1 天', 'every day from 2025-11-18'],
  ['2026-01-31', '2026-01-31 之后一次', 'once, after 2026-01-31'],
])('the reset %s is %s', (setting, zh, en) => {
  expect(resetsText(setting)).toEqual({ zh, en });
});
