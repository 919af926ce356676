import { describe, expect, test } from 'vitest';
import { budgetText } from '../../../../src/client/cli/show/budget-view.ts';
import {
  correctedText,
  countedText,
  estimatedText,
  hintsOf,
  noteOf,
  recordedText,
  statusText,
  undoHintsOf,
  undoneText,
  warningsText,
} from '../../../../src/client/cli/show/render.ts';
import type { Receipt, Usage } from '../../../../src/protocol/methods.ts';
import { percentText, signedTokens } from '../../../../src/shared/words/figures.ts';

const usage: Usage = {
  used: 350_000,
  total: 1_000_000,
  percent: 35,
  remaining: 650_000,
  sessions_count: 15,
  last_updated: '2025-11-18T20:30:00',
  revision: 20,
  mark: '20:0a1b2c3d',
};
const receipt: Receipt = {
  success: true,
  id: 'a',
  total_used: 350_000,
  increment: 15_000,
  total: 1_000_000,
  percent: 35,
  revision: 20,
};
const forecast = {
  tokens_per_day: 15_000,
  exhausts_at: localNoon(2027, 1, 4),
  basis_days: 20,
  range: {
    tokens_per_day_low: 10_000,
    tokens_per_day_high: 20_000,
    earliest: localNoon(2026, 12, 29),
    latest: localNoon(2027, 1, 12),
  },
};
const conversation = {
  ...receipt,
  total_used: 350_007,
  increment: 7,
  session_tokens: 7,
  user_tokens: 4,
  assistant_tokens: 3,
};

describe('in Chinese, exactly', () => {
  test('record', () => {
    expect(recordedText(receipt, 'zh')).toBe(
      '✅ Token已更新: 350,000 / 1,000,000 (35.0%)\n   本次增量: 15,000 tokens\n',
    );
  });

  test('status', () => {
    expect(statusText(usage, forecast, 'zh')).toBe(
      [
        '📊 Token使用情况',
        '   已使用: 350,000 tokens',
        '   总额度: 1,000,000 tokens',
        '   使用率: 35.0%',
        '   剩余: 650,000 tokens',
        '   会话数: 15',
        '   更新时间: 2025-11-18T20:30:00',
        '   预计用完: 2027-01-04（12-29 至 01-12）',
        '',
      ].join('\n'),
    );
  });

  test('estimate', () => {
    expect(estimatedText(conversation, 'zh')).toBe(
      '✅ 自动记录Token: +7 (用户:4 + AI:3)\n   总计: 350,007 / 1,000,000 (35.0%)\n',
    );
  });
});

describe('in English, in the same shape', () => {
  test('record', () => {
    expect(recordedText(receipt, 'en')).toBe('✅ Recorded: 350,000 / 1,000,000 (35.0%)\n   Increment: 15,000 tokens\n');
  });

  test('status', () => {
    expect(statusText(usage, forecast, 'en')).toBe(
      [
        '📊 Token usage',
        '   Used: 350,000 tokens',
        '   Total: 1,000,000 tokens',
        '   Percent: 35.0%',
        '   Remaining: 650,000 tokens',
        '   Sessions: 15',
        '   Updated: 2025-11-18T20:30:00',
        '   Runs out: 2027-01-04 (12-29 to 01-12)',
        '',
      ].join('\n'),
    );
  });

  test('estimate', () => {
    expect(estimatedText(conversation, 'en')).toBe(
      '✅ Tokens recorded: +7 (user:4 + AI:3)\n   Total: 350,007 / 1,000,000 (35.0%)\n',
    );
  });
});

describe('the other commands, in both languages', () => {
  test.each([
    ['zh', '✅ 总额度已设为: 1,000,000 tokens\n   已使用: 350,000 tokens\n   使用率: 35.0%\n   剩余: 650,000 tokens\n'],
    [
      'en',
      '✅ Budget set: 1,000,000 tokens\n   Used: 350,000 tokens\n   Percent: 35.0%\n   Remaining: 650,000 tokens\n',
    ],
  ] as const)('budget, %s', (language, text) => {
    expect(budgetText(usage, language)).toBe(text);
  });

  test.each([
    ['zh', '✅ 已撤销: +15,000 完成 架构 (2025-11-18 20:30:00)\n   总计: 335,000 / 1,000,000 (33.5%)\n'],
    ['en', '✅ Undone: +15,000 完成 架构 (2025-11-18 20:30:00)\n   Total: 335,000 / 1,000,000 (33.5%)\n'],
  ] as const)('undo says which reading it took back, %s', (language, text) => {
    const touched = { id: 'a', event: '完成\n架构\u202e', increment: 15_000, timestamp: '2025-11-18 20:30:00' };
    const undone = { ...receipt, total_used: 335_000, increment: -15_000, touched };
    expect(undoneText(undone, language)).toBe(text);
    expect(undoHintsOf(undone, language)).toBe('');
  });

  test.each([
    ['zh', '   提示: 撤销的是读数，总额度仍是 1,000,000；要改回请运行 scripts/token-sync budget 360000\n'],
    [
      'en',
      '   Note: an undo takes back readings, and the budget stays at 1,000,000; to set it back: scripts/token-sync budget 360000\n',
    ],
  ] as const)('undo after a change of the budget says that it stays, %s', (language, text) => {
    const touched = { id: 'a', event: '', increment: 1, timestamp: '2025-11-18 20:30:00', total: 360_000 };
    expect(undoHintsOf({ ...receipt, touched }, language)).toBe(text);
    expect(undoneText({ ...receipt, touched }, language)).toMatch(/: \+1 \(2025-11-18 20:30:00\)\n/);
  });

  test('one token is one', () => {
    const one = { ...receipt, increment: 1, total_used: 1, total: 1 };
    expect(recordedText(one, 'en')).toContain('Increment: 1 token\n');
    expect(recordedText({ ...one, increment: -1 }, 'zh')).toContain('本次增量: -1 token\n');
    expect(recordedText({ ...one, increment: 0 }, 'en')).toContain('Increment: 0 tokens\n');
    expect(budgetText({ ...usage, used: 1, total: 1, remaining: 0 }, 'en')).toMatch(/set: 1 token\n.*Used: 1 token\n/);
    const counted = { total_tokens: 1, user_tokens: 1, assistant_tokens: 0, encoding: 'o200k_base' as const };
    expect(countedText(counted, 'en')).toContain('counted: 1 token (');
  });

  test.each([
    ['zh', '✅ Token已更正: 340,000 / 1,000,000 (34.0%)\n   本次增量: -10,000 tokens\n'],
    ['en', '✅ Corrected: 340,000 / 1,000,000 (34.0%)\n   Increment: -10,000 tokens\n'],
  ] as const)('correct, %s', (language, text) => {
    expect(correctedText({ ...receipt, total_used: 340_000, increment: -10_000 }, language)).toBe(text);
  });

  test.each([
    ['zh', '🔢 Token估算: 7 tokens (用户:4 + AI:3)\n   编码: o200k_base\n   提示: 只计数，没有记录\n'],
    [
      'en',
      '🔢 Tokens counted: 7 tokens (user:4 + AI:3)\n   Encoding: o200k_base\n   Note: only counted, nothing was recorded\n',
    ],
  ] as const)('estimate --dry-run, %s', (language, text) => {
    const counted = { user_tokens: 4, assistant_tokens: 3, total_tokens: 7, encoding: 'o200k_base' as const };
    expect(countedText(counted, language)).toBe(text);
  });
});

describe('what is unusual about a recording is said on a line of its own, on standard error', () => {
  test.each([
    ['a duplicate', { ...receipt, duplicate: true as const }, '没有重复计入', 'not counted again'],
    ['a counter that started anew', { ...receipt, reset: true as const }, '重新开始', 'started anew'],
    ['a rounded value', { ...receipt, increment: 0, rounded: true as const }, '约数', 'rounded'],
  ])('%s', (_, told, zh, en) => {
    expect(hintsOf(told, 'zh')).toContain(zh);
    expect(hintsOf(told, 'en')).toContain(en);
  });

  test('a state file that does not show a recording yet is said on standard error', () => {
    expect(noteOf(receipt, 'en')).toEqual({});
    expect(noteOf({ ...receipt, state_file: 'behind' }, 'zh').note).toMatch(
      /^⚠️ 已安全记录，但状态文件暂时无法写入.*\n$/,
    );
    expect(noteOf({ ...receipt, state_file: 'behind' }, 'en').note).toMatch(
      /^⚠️ recorded safely, but the state file.*\n$/,
    );
  });
});

test.each([
  [0, 1_000_000, '0.0%'],
  [349_490, 1_000_000, '34.9%'],
  [1_500_000, 1_000_000, '150.0%'],
  [5, 0, '0.0%'],
])('%i of %i is %s', (used, total, text) => {
  expect(percentText(used, total)).toBe(text);
});

test.each([
  [15_000, '+15,000'],
  [-5_000, '-5,000'],
  [0, '0'],
])('an increment of %i is shown as %s', (tokens, text) => {
  expect(signedTokens(tokens)).toBe(text);
});

test('warnings stand one a line, in the language of the reader', () => {
  const warnings = [{ code: 'a', zh: '日志无法写入', en: 'the log cannot be written' }];
  expect(warningsText(warnings, 'zh')).toBe('⚠️ 日志无法写入\n');
  expect(warningsText(warnings, 'en')).toBe('⚠️ the log cannot be written\n');
  expect(warningsText([], 'en')).toBe('');
});

function localNoon(year: number, month: number, day: number): string {
  return new Date(year, month - 1, day, 12).toISOString();
}

test('a receipt that has turned the verdict says so beside the result, with what may be used today', () => {
  const period = {
    starts_at: new Date(2025, 10, 15).toISOString(),
    ends_at: new Date(2025, 11, 15).toISOString(),
    days_left: 27,
    expected_percent: 11.67,
    allowance_per_day: 30_000,
    allowance_today: 12_345,
    verdict: 'short' as const,
    spare_days: -5.5,
  };
  expect(hintsOf({ ...receipt, period }, 'zh')).toBe(
    '   提示: 能用到重置吗：不够，差 6 天（2025-12-15 重置，还有 27 天）；今天还可以用 12,345 tokens（每天 30,000 tokens）\n',
  );
  expect(hintsOf({ ...receipt, period }, 'en')).toBe(
    '   Note: Lasts until the reset: no, 6 days short (resets 2025-12-15, in 27 days); Left for today: 12,345 tokens (30,000 tokens a day)\n',
  );
});

test('status tells the verdict and the allowance behind the forecast', () => {
  const period = {
    starts_at: new Date(2026, 11, 1).toISOString(),
    ends_at: new Date(2027, 0, 1).toISOString(),
    days_left: 10,
    expected_percent: 67.74,
    allowance_per_day: 65_000,
    allowance_today: 65_000,
    verdict: 'lasts' as const,
    spare_days: 3.5,
  };
  expect(statusText(usage, { ...forecast, period }, 'zh')).toMatch(
    /预计用完: .*\n {3}能用到重置吗: 够用，余 3 天（2027-01-01 重置，还有 10 天）\n {3}今天还可以用: 65,000 tokens（每天 65,000 tokens）\n$/,
  );
});
