import { expect, test } from 'vitest';
import { displayWidth } from '../../../../src/client/cli/show/display-width.ts';
import { statsTable } from '../../../../src/client/cli/show/stats-table.ts';
import type { MeterStatsRow } from '../../../../src/protocol/methods.ts';
import { tokens } from '../../../support/told-meters.ts';

const small = { input: 2, cache_read: 5, cache_write: 0, output: 3, reasoning: 0, fresh: 5, all: 10 };
const stats = (...rows: MeterStatsRow[]) => ({ rows, unpriced: [] });

test('by model the largest stands first, and the sum below', () => {
  const rows = [
    { model: 'small', tokens: small, calls: 1 },
    { model: 'large', tokens, calls: 321 },
  ];
  expect(statsTable(stats(...rows), 'model', 'en')).toBe(
    [
      'Model      fresh         all  requests    input  cache write  cache read   output',
      'large  1,000,000  10,000,000       321  200,000      700,000   9,000,000  100,000',
      'small          5          10         1        2            0           5        3',
      'Total  1,000,005  10,000,010       322  200,002      700,000   9,000,005  100,003',
      '',
    ].join('\n'),
  );
});

test('days stand newest first, and one row needs no sum', () => {
  const days = ['2026-11-19', '2026-11-21', '2026-11-20'].map((day) => ({ day, tokens: small, calls: 1 }));
  const firstWords = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
  expect(firstWords(statsTable(stats(...days), 'day', 'zh'))).toEqual([
    '日期',
    '2026-11-21',
    '2026-11-20',
    '2026-11-19',
    '合计',
  ]);
  expect(firstWords(statsTable(stats(days[0]!), 'day', 'en'))).toEqual(['Day', '2026-11-19']);
});

test.each([120, 80, 60, 40, 30])('in %i columns no figure is cut, and the name gives way', (width) => {
  const row = { model: 'a-model-with-a-very-long-name-from-a-gateway', tokens, calls: 321 };
  const lines = statsTable(stats(row), 'model', 'en', width).trimEnd().split('\n');
  expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
  expect(lines[1]).toMatch(/ 1,000,000(?: |$)/);
});

test('a tool goes by its own name, and what has none is told as unknown', () => {
  const rows = [
    { tool: 'claude', tokens, calls: 1 },
    { tokens: small, calls: 1 },
  ];
  expect(statsTable(stats(...rows), 'tool', 'en')).toMatch(/\nClaude Code .*\n\(unknown\) /);
});

test('where prices are known they are shown as the API value, and what has none is told', () => {
  const priced = { model: 'a', tokens, calls: 1, cost: { usd: 12.5, basis: 'computed' as const } };
  const unpriced = { model: 'b', tokens: small, calls: 1 };
  const text = statsTable({ rows: [priced, unpriced], unpriced: [unpriced] }, 'model', 'en');
  expect(text).toMatch(/API value\na .* \$12\.50\nb .* –\nTotal .* \$12\.50\n/);
  expect(text).toContain('no price is known for 10 tokens; the API value is without them');
});

test('before anything was counted that is said', () => {
  expect(statsTable(stats(), 'day', 'en')).toBe('nothing has been counted yet\n');
});
