import { describe, expect, test } from 'vitest';
import { type HeldValue, implausibleValue } from '../../../src/shared/words/implausible-value.ts';

const USUAL = Array.from({ length: 30 }, (_, at) => 5_000 + (at % 3) * 1_000);

const plain: HeldValue = {
  tokens: 360_000,
  isBare: true,
  sync_type: 'manual',
  used: 350_000,
  total: 1_000_000,
  isTotalSet: true,
  amounts: [],
};

describe('nothing is odd about', () => {
  test.each<[string, Partial<HeldValue>]>([
    ['a value within the budget', {}],
    ['a value of three times the budget', { tokens: 3_000_000 }],
    ['a larger one with its label', { tokens: 13_800_138_000, isBare: false }],
    ['a larger one while nobody has set the budget', { tokens: 13_800_138_000, isTotalSet: false }],
    ['anything where a file has no budget', { tokens: 13_800_138_000, total: 0 }],
    ['the next value of who is above three times the budget', { tokens: 3_200_000, used: 3_100_000 }],
    ['a large increment where fewer than ten are known', { tokens: 900_000, amounts: USUAL.slice(0, 9) }],
    ['an increment of fifty times the median', { tokens: 650_000, amounts: USUAL }],
    ['a restart, though its increment is large', { tokens: 800_000, used: 900_000, amounts: USUAL }],
    ['a correction for what it adds', { tokens: 900_000, sync_type: 'correction', amounts: USUAL }],
    ['an increment where nothing was ever added', { tokens: 900_000, amounts: Array(30).fill(0) }],
  ])('nothing is odd about %s', (_, value) => {
    expect(implausibleValue({ ...plain, ...value })).toBeUndefined();
  });
});

describe('it is odd', () => {
  test.each<[string, Partial<HeldValue>, string, string]>([
    [
      'that it is more than three times what is above three times the budget already',
      { tokens: 13_800_138_000, used: 3_100_000 },
      '13,800,138,000 is 13,800 times the budget of 1,000,000. Yes records it, and 13,800,138,000 are used; no records nothing, and 3,100,000 stay used.',
      '13,800,138,000 是总额度 1,000,000 的 13,800 倍。选“是”则记录，已使用量变为 13,800,138,000；选“否”则什么都不记录，仍为 3,100,000。',
    ],
    [
      'that a bare number is more than three times the budget',
      { tokens: 13_800_138_000 },
      '13,800,138,000 is 13,800 times the budget of 1,000,000. Yes records it, and 13,800,138,000 are used; no records nothing, and 350,000 stay used.',
      '13,800,138,000 是总额度 1,000,000 的 13,800 倍。选“是”则记录，已使用量变为 13,800,138,000；选“否”则什么都不记录，仍为 350,000。',
    ],
    [
      'just above it',
      { tokens: 3_000_001 },
      '3,000,001 is 3 times the budget of 1,000,000. Yes records it, and 3,000,001 are used; no records nothing, and 350,000 stay used.',
      '3,000,001 是总额度 1,000,000 的 3 倍。选“是”则记录，已使用量变为 3,000,001；选“否”则什么都不记录，仍为 350,000。',
    ],
    [
      'that an amount brings the usage there',
      { tokens: 3_300_000, sync_type: 'auto' },
      'With 3,300,000 more, 3,650,000 would be used, 3.6 times the budget of 1,000,000. Yes records it, and 3,650,000 are used; no records nothing, and 350,000 stay used.',
      '再加 3,300,000 后共 3,650,000，是总额度 1,000,000 的 3.6 倍。选“是”则记录，已使用量变为 3,650,000；选“否”则什么都不记录，仍为 350,000。',
    ],
    [
      'that a value adds more than fifty times the median, also with its label and without a budget',
      { tokens: 650_001, isBare: false, isTotalSet: false, amounts: USUAL },
      '650,001 would add 300,001, 50 times the usual amount of 6,000. Yes records it, and 650,001 are used; no records nothing, and 350,000 stay used.',
      '650,001 会增加 300,001，是平时（6,000）的 50 倍。选“是”则记录，已使用量变为 650,001；选“否”则什么都不记录，仍为 350,000。',
    ],
    [
      'of which ten are enough, and those that added nothing are none',
      { tokens: 900_000, amounts: [0, ...USUAL.slice(0, 10), 0] },
      '900,000 would add 550,000, 91 times the usual amount of 6,000. Yes records it, and 900,000 are used; no records nothing, and 350,000 stay used.',
      '900,000 会增加 550,000，是平时（6,000）的 91 倍。选“是”则记录，已使用量变为 900,000；选“否”则什么都不记录，仍为 350,000。',
    ],
    [
      'of which the latest thirty count',
      { tokens: 900_000, amounts: [...USUAL, ...Array(100).fill(1_000_000)] },
      '900,000 would add 550,000, 91 times the usual amount of 6,000. Yes records it, and 900,000 are used; no records nothing, and 350,000 stay used.',
      '900,000 会增加 550,000，是平时（6,000）的 91 倍。选“是”则记录，已使用量变为 900,000；选“否”则什么都不记录，仍为 350,000。',
    ],
  ])('it is odd %s', (_, value, en, zh) => {
    const found = implausibleValue({ ...plain, ...value });
    expect(found?.question).toEqual({ zh, en });
  });

  test('the reason never holds the value, which may have been a secret', () => {
    const budget = implausibleValue({ ...plain, tokens: 13_800_138_000 });
    const amount = implausibleValue({ ...plain, tokens: 13_800_138_000, isBare: false, amounts: USUAL });
    expect(budget?.odd).toEqual({
      zh: '已使用量会超过总额度 1,000,000 的三倍',
      en: 'it would make the usage more than three times the budget of 1,000,000',
    });
    expect(amount?.odd).toEqual({
      zh: '本次增量超过平时（6,000）的五十倍',
      en: 'it would add more than fifty times the usual amount of 6,000',
    });
  });
});
