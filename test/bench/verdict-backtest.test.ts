import { expect, test } from 'vitest';
import { backtest, isWorse, type Line } from '../../bench/verdict-backtest.ts';

const LINES = backtest(300);

test.each(LINES)(
  'the verdict on $user, $daysBefore days before the reset, is right as often as the linear one',
  (line) => {
    expect(line.judged).toBeGreaterThan(200);
    expect(isWorse(line), JSON.stringify(line)).toBe(false);
  },
);

test('the verdicts together are right more often, and leave fewer budgets to run out unforetold', () => {
  const sum = (of: (line: Line) => number) => LINES.reduce((all, line) => all + of(line), 0);
  expect(sum(({ ours }) => ours.right)).toBeGreaterThan(sum(({ linear }) => linear.right));
  expect(sum(({ ours }) => ours.missed)).toBeLessThan(sum(({ linear }) => linear.missed));
});

test('who has used the budget for two weeks and more gets no more false alarms than from the linear verdict', () => {
  const known = LINES.filter(({ user }) => user !== 'first days');
  const alarms = (way: 'ours' | 'linear') => known.reduce((all, line) => all + line[way].falseAlarms, 0);
  expect(alarms('ours')).toBeLessThanOrEqual(alarms('linear'));
});

test('the back-test is the same each time', () => {
  expect(backtest(20)).toEqual(backtest(20));
});

test.each([
  [10, 20, false],
  [10, 22, true],
  [0, 0, false],
  [20, 10, false],
])(
  'where ours alone is right %i times and linear %i, it is worse beyond chance: %s',
  (onlyOursRight, onlyLinearRight, is) => {
    expect(isWorse({ ...LINES[0]!, onlyOursRight, onlyLinearRight })).toBe(is);
  },
);
