import { describe, expect, test } from 'vitest';
import {
  clockText,
  counterText,
  gaugeDetails,
  gaugeText,
  originText,
  paceOf,
  toolName,
  windowText,
} from '../../../src/shared/words/meter-text.ts';
import { counterAt, gaugeAt, instant, windowAt } from '../../support/told-meters.ts';

/** Noon, so that nothing here lies on another day. */
const nowMs = new Date(2026, 10, 20, 12, 0).getTime();

test('a counter names both ways of counting its tokens, and its requests', () => {
  expect(counterText(counterAt(nowMs))).toEqual({
    zh: 'fresh 1,000,000 · all 10,000,000（含缓存读取）· 321 次请求',
    en: 'fresh 1,000,000 · all 10,000,000 (with cache reads) · 321 requests',
  });
  expect(counterText(counterAt(nowMs, { calls: 1 })).en).toMatch(/1 request$/);
});

test('what tokens cost is told as the API value, and not as a bill', () => {
  const { zh, en } = counterText(counterAt(nowMs, { cost: { usd: 12.345, basis: 'computed' } }));
  expect([zh, en]).toEqual([
    expect.stringMatching(/ · API 价值 \$12\.35（不是你的账单）$/),
    expect.stringMatching(/ · API value \$12\.35, not your bill$/),
  ]);
});

test.each([
  ['with its limit', { used: 84_000, limit: 200_000 }, '84,000 / 200,000 (42.0%)'],
  ['above its limit', { used: 210_000, limit: 200_000 }, '210,000 / 200,000 (105.0%)'],
  ['by the figures where the share that was told is another', { percent: 99 }, '84,000 / 200,000 (42.0%)'],
])('a gauge is shown %s', (_, told, text) => {
  expect(gaugeText(gaugeAt(nowMs, told))).toBe(text);
});

test('a gauge without a limit shows what is known of it', () => {
  const { limit: _, percent, ...gauge } = gaugeAt(nowMs);
  expect(gaugeText(gauge)).toBe('84,000 tokens');
  expect(gaugeText({ ...gauge, percent: percent! })).toBe('84,000 tokens (42.0%)');
  expect(gaugeText({ ...gauge, limit: 0 })).toBe('84,000 tokens');
});

test('a conversation goes by model and project, and without either by the begin of its id', () => {
  expect(gaugeDetails(gaugeAt(nowMs))).toBe('a-model · web');
  expect(gaugeDetails(gaugeAt(nowMs, { model: '' }))).toBe('web');
  expect(gaugeDetails(gaugeAt(nowMs, { model: '', project: '' }))).toBe('c1-c1-c1');
});

describe('a window', () => {
  test('a window tells its share beside the time that is gone, and its reset', () => {
    expect(windowText(windowAt(nowMs), nowMs)).toEqual({
      zh: '已用 57%，窗口已过 85%：正常 · 12:45 重置（还有 45 分钟）',
      en: '57% used with 85% of the window gone: fine · resets 12:45, in 45 min',
    });
  });

  test('a window that was told a while ago is judged by the time that was gone then', () => {
    const told = { observed_at: instant(nowMs, -180), used_percent: 57 };
    expect(windowText(windowAt(nowMs, told), nowMs).en).toMatch(/^57% used with 25% of the window gone: faster/);
  });

  test.each([
    [57, 45, 'fine'],
    [85, 45, 'fine'],
    [86, 45, 'fast'],
    [57, 290, 'fast'],
    [100, 1, 'full'],
    [130.5, 45, 'full'],
    [0, 300, 'fine'],
    [1, 400, 'fast'],
  ])('%d %% used of a window of 300 minutes with %i left is %s', (used_percent, left, pace) => {
    expect(paceOf(windowAt(nowMs, { used_percent, resets_at: instant(nowMs, left) }))).toBe(pace);
  });

  test('a window past its reset is told as the one before, and is not judged', () => {
    const past = windowAt(nowMs, { used_percent: 97.25, resets_at: instant(nowMs, -5) });
    expect(windowText(past, nowMs)).toEqual({
      zh: '上一个窗口用了 97.3%，已于 11:55 重置',
      en: 'the window before used 97.3%; it reset 11:55',
    });
    expect(windowText(windowAt(nowMs, { expired: true }), nowMs).en).toMatch(/^the window before/);
  });
});

test.each([
  ['a fresh gauge', gaugeAt(nowMs), '确切，1 分钟前', 'exact, 1 min ago'],
  [
    'a gauge of a quarter of an hour',
    gaugeAt(nowMs, { observed_at: instant(nowMs, -15) }),
    '确切，15 分钟前',
    'exact, 15 min ago',
  ],
  [
    'an older gauge',
    gaugeAt(nowMs, { observed_at: instant(nowMs, -200), provenance: 'estimated' }),
    '估算，是 3 小时前的值',
    'estimated, as it was 3 h ago',
  ],
  [
    'an old counter, which stands',
    counterAt(nowMs, { observed_at: instant(nowMs, -200) }),
    '确切，3 小时前',
    'exact, 3 h ago',
  ],
  ['one that a person told', gaugeAt(nowMs, { provenance: 'manual' }), '手动录入，1 分钟前', 'by hand, 1 min ago'],
  ['one of a clock ahead', gaugeAt(nowMs, { observed_at: instant(nowMs, 3) }), '确切，0 秒前', 'exact, 0 s ago'],
])('provenance and age of %s', (_, meter, zh, en) => {
  expect(originText(meter, nowMs)).toEqual({ zh, en });
});

test('a time of another day comes with its date', () => {
  expect(clockText(new Date(2026, 10, 20, 9, 5).getTime(), nowMs)).toBe('09:05');
  expect(clockText(new Date(2026, 10, 21, 9, 5).getTime(), nowMs)).toBe('11-21 09:05');
});

test('a tool goes by the name of its makers, and one that is not known by what is told', () => {
  expect(['claude', 'newer', '__proto__'].map(toolName)).toEqual(['Claude Code', 'newer', '__proto__']);
});
