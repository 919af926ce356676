import { expect, test } from 'vitest';
import { compactTokens, dayText, tickLabels, timeText } from '../../../../src/client/dashboard/history/figures.ts';

const at = (text: string) => new Date(text).getTime();
const NOW = at('2026-11-23T20:30:00');

test.each([
  [0, '0', '0'],
  [950, '950', '950'],
  [350_000, '35万', '350K'],
  [1_250_000, '125万', '1.25M'],
  [120_000_000, '1.2亿', '120M'],
  [-25_000, '-2.5万', '-25K'],
])('an axis writes %d as %s and %s', (tokens, zh, en) => {
  expect([compactTokens(tokens, 'zh'), compactTokens(tokens, 'en')]).toEqual([zh, en]);
});

test('a time names the year only where it is another one', () => {
  expect(timeText(at('2026-11-18T20:30:00'), 'zh', NOW)).toBe('11月18日 20:30');
  expect(timeText(at('2026-11-18T00:05:00'), 'en', NOW)).toBe('Nov 18, 00:05');
  expect(timeText(at('2025-11-18T20:30:00'), 'en', NOW)).toBe('Nov 18, 2025, 20:30');
  expect(dayText(at('2026-11-18T20:30:00'), 'en', NOW)).toBe('Nov 18');
  expect(dayText(at('2027-01-02T20:30:00'), 'zh', NOW)).toBe('2027年1月2日');
});

const HOUR = 3_600_000;
test.each([
  [
    'hours',
    6 * HOUR,
    ['2026-11-22T18:00:00', '2026-11-23T00:00:00', '2026-11-23T06:00:00'],
    ['18:00', 'Nov 23', '06:00'],
  ],
  ['days', 24 * HOUR, ['2026-12-31T00:00:00', '2027-01-01T00:00:00'], ['Dec 31', 'Jan 1, 2027']],
  ['months', 30 * 24 * HOUR, ['2026-10-01T00:00:00', '2026-11-01T00:00:00'], ['Oct 2026', 'Nov 2026']],
  ['seconds', 15_000, ['2026-11-23T20:30:15'], ['20:30:15']],
])('ticks that are %s apart have their labels', (_, stepMs, ticks, labels) => {
  expect(tickLabels(ticks.map(at), stepMs, 'en')).toEqual(labels);
});
