import { expect, test } from 'vitest';
import { displayWidth } from '../../../../src/client/cli/show/display-width.ts';
import { sessionTable } from '../../../../src/client/cli/show/session-table.ts';

const session = {
  id: 'a',
  timestamp: '2025-11-18 20:30:00',
  tokens: 15_678,
  event: 'the design of the new dashboard',
  sync_type: 'manual',
  total_used: 392_415_876,
};

test.each([
  [100, '2025-11-18 20:30:00    +15,678  392,415,876  manual  the design of the new dashboard'],
  [60, '2025-11-18 20:30:00    +15,678  392,415,876  manual  the de…'],
  [48, '2025-11-18 20:30:00    +15,678  392,415,876  th…'],
  [45, '2025-11-18 20:30:00    +15,678  392,415,876 …'],
  [44, '  +15,678  392,415,876  the design of the n…'],
  [40, '  +15,678  392,415,876  the design of t…'],
  [20, '  +15,678  the desi…'],
  [8, 'the des…'],
])('in %i columns no figure is cut', (width, row) => {
  const lines = sessionTable([session], 'en', width).trimEnd().split('\n');
  expect(lines[1]).toBe(row);
  expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
});

test('in Chinese the type is told in Chinese, and one of another program as it calls it', () => {
  const types = ['manual', 'correction', 'handmade'].map((sync_type) => ({ ...session, sync_type }));
  const rows = sessionTable(types, 'zh').trimEnd().split('\n').slice(1);
  expect(rows.map((row) => row.split(/\s{2,}/)[3])).toEqual(['手动', '更正', 'handmade']);
});
