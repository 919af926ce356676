import { describe, expect, test } from 'vitest';
import { readCodexWindows, windowSpan } from '../../../../src/daemon/meters/forms/rate-limit-window.ts';

const AT_MS = Date.UTC(2026, 8, 20);
const RESETS_AT = AT_MS / 1000 + 3600;
const five = { used_percent: 12.5, window_minutes: 300, resets_at: RESETS_AT };
const week = { used_percent: 40, window_minutes: 10_080, resets_at: RESETS_AT };

describe('the name of a window', () => {
  test.each<[number, string]>([
    [300, '5h'],
    [299, '5h'],
    [60, '1h'],
    [720, '12h'],
    [1440, '1d'],
    [10_080, '7d'],
    [10_079, '7d'],
    [43_200, '30d'],
    [1500, '25h'],
    [90, '90m'],
    [3, '3m'],
  ])('%i minutes are %s', (minutes, span) => {
    expect(windowSpan(minutes)).toBe(span);
  });
});

describe('the windows of Codex', () => {
  const meters = (limits: unknown) => readCodexWindows(limits, AT_MS).map(({ meter }) => meter);

  test('a window tells its share, length and reset, by the time of its line', () => {
    expect(readCodexWindows({ limit_id: 'codex', primary: five, secondary: null }, AT_MS)).toEqual([
      {
        kind: 'window',
        meter: 'codex.5h',
        usedPercent: 12.5,
        resetsAtMs: AT_MS + 3_600_000,
        windowMinutes: 300,
        atMs: AT_MS,
        provenance: 'exact',
      },
    ]);
  });

  test.each<[string, unknown, string[]]>([
    ['both places are read', { primary: five, secondary: week }, ['codex.5h', 'codex.7d']],
    ['the minutes name a window, not its place', { primary: week, secondary: five }, ['codex.7d', 'codex.5h']],
    ['a plan with a week alone has it at the first place', { primary: week }, ['codex.7d']],
    ['a limit of its own bears its name', { limit_id: 'codex_spark', primary: five }, ['codex.codex_spark.5h']],
    ['no name of a limit is the usual one', { limit_id: null, primary: five }, ['codex.5h']],
    ['a limit whose name is no name is left out', { limit_id: 'a\nb', primary: five }, []],
    ['a limit whose name is no text is left out', { limit_id: { a: 1 }, primary: five }, []],
    [
      'numbers may be texts',
      { primary: { ...five, used_percent: '12.5', window_minutes: '300', resets_at: `${RESETS_AT}` } },
      ['codex.5h'],
    ],
    ['without minutes it has no name', { primary: { ...five, window_minutes: null } }, []],
    ['of no minutes it is none', { primary: { ...five, window_minutes: 0 } }, []],
    ['without a reset it is none', { primary: { ...five, resets_at: undefined } }, []],
    ['a reset in another unit is none', { primary: { ...five, resets_at: RESETS_AT * 1000 } }, []],
    ['a share below zero is none', { primary: { ...five, used_percent: -1 } }, []],
    ['a share that is no number is none', { primary: { ...five, used_percent: 'much' } }, []],
    ['no limits are no windows', null, []],
    ['a list is no windows', [five], []],
  ])('%s', (_, limits, expected) => {
    expect(meters(limits)).toEqual(expected);
  });

  test('a share above 100 stays what the tool said', () => {
    expect(readCodexWindows({ primary: { ...five, used_percent: 104 } }, AT_MS)[0]?.usedPercent).toBe(104);
  });
});
