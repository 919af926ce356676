import { describe, expect, test } from 'vitest';
import { judge, type Row, table } from '../../bench/row.ts';

const row = (more: Partial<Row>): Row => ({ what: 'it', ours: 3, unit: 'ms', ...more });

describe('a figure', () => {
  test.each<[string, Partial<Row>, boolean | null]>([
    ['at so many times its floor', { floor: 2, bar: { timesFloor: 1.5 } }, true],
    ['above so many times its floor', { floor: 1.99, bar: { timesFloor: 1.5 } }, false],
    ['so much over its floor', { floor: 1, bar: { overFloor: 2 } }, true],
    ['more than that over its floor', { floor: 0.99, bar: { overFloor: 2 } }, false],
    ['so many times its peer', { peer: 1, bar: { timesPeer: 3 } }, true],
    ['less than so many times its peer', { peer: 1.01, bar: { timesPeer: 3 } }, false],
    ['at what is allowed', { bar: { atMost: 3 } }, true],
    ['above what is allowed', { bar: { atMost: 2.9 } }, false],
    ['above nothing at all', { ours: 1, bar: { atMost: 0 } }, false],
    ['of nothing where nothing is allowed', { ours: 0, bar: { atMost: 0 } }, true],
    ['whose floor was not measured', { bar: { timesFloor: 1.5 } }, false],
    ['without a bar', { floor: 1 }, null],
  ])('%s: holds is told rightly', (_, more, holds) => {
    expect(judge([row(more)])[0]!.holds).toBe(holds);
  });

  test('is told with its ratios, and null where there is none', () => {
    const [judged] = judge([row({ floorName: 'bare', floor: 2, bar: { timesFloor: 2 } })]);
    expect(judged).toMatchObject({ floor: 'bare', floor_value: 2, floor_ratio: 1.5, peer: null, peer_ratio: null });
    expect(judged!.bar).toBe('≤ 2 × floor');
  });
});

test('the table begins with what is furthest from its bar, and ends with what has none', () => {
  const rows = [
    row({ what: 'none' }),
    row({ what: 'close', bar: { atMost: 2.9 } }),
    row({ what: 'far', bar: { atMost: 1 } }),
    row({ what: 'well', bar: { atMost: 30 } }),
  ];
  expect(judge(rows).map(({ what }) => what)).toEqual(['far', 'close', 'well', 'none']);
  expect(table(judge(rows)).split('\n')[2]).toBe('| far | 3.00 ms | – | – | – | – | ≤ 1 ms | NO |');
});
