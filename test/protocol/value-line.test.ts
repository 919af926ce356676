import { describe, expect, test } from 'vitest';
import { HAN_UNITS, LATIN_UNITS, UNITS } from '../../src/protocol/token-value/units.ts';
import { splitValueLine } from '../../src/protocol/token-value/value-line.ts';
import { parseTokenValue } from '../../src/protocol/token-value.ts';
import { threadMs } from '../support/thread-time.ts';

test.each([
  ['350000', '350000', ''],
  ['350000 完成架构设计', '350000', '完成架构设计'],
  ['  350000\t完成  ', '350000', '完成'],
  ['350 完成', '350', '完成'],
  ['0 start', '0', 'start'],
  ['350 000 完成', '350 000', '完成'],
  ['1 350 000 x', '1 350 000', 'x'],
  ['1.5 万 完成', '1.5 万', '完成'],
  ['35万 阶段2', '35万', '阶段2'],
  ['350000 千问调试', '350000', '千问调试'],
  ['1.2M context refactor', '1.2M', 'context refactor'],
  ['350,000 tokens used', '350,000 tokens used', ''],
  ['350,000 tokens used 完成', '350,000 tokens used', '完成'],
  ['350000 used', '350000 used', ''],
  ['350000 used it for tests', '350000', 'used it for tests'],
  ['Token: 350000 完成架构设计', 'Token: 350000', '完成架构设计'],
  ['已使用 350,000 tokens', '已使用 350,000 tokens', ''],
  ['350,000 / 1,000,000 tokens done', '350,000 / 1,000,000 tokens', 'done'],
  ['350K/1M (35%)', '350K/1M (35%)', ''],
  ['350K / 1M (35%) x', '350K / 1M (35%)', 'x'],
  ['350,000 of 1,000,000 tokens done', '350,000 of 1,000,000 tokens', 'done'],
  ['350K of 1M x', '350K of 1M', 'x'],
  ['350000 of 12 files done', '350000', 'of 12 files done'],
  ['350000 50% done', '350000', '50% done'],
  ['350000 100% 覆盖率达成', '350000', '100% 覆盖率达成'],
  ['350000 35%', '350000 35%', ''],
  ['350000 100 tests fixed', '350000', '100 tests fixed'],
  ['350000 - done', '350000', '- done'],
  ['350000：完成', '350000', '完成'],
  ['350000,完成 了', '350000', '完成 了'],
  ['"350000" x', '"350000"', 'x'],
  ['"350,000 tokens used" review', '"350,000 tokens used"', 'review'],
  ['350,000 tokens used, architecture done', '350,000 tokens used,', 'architecture done'],
  ['(350,000 tokens used) used again', '(350,000 tokens used)', 'used again'],
])('%j is the value %j and the event %j', (line, value, event) => {
  expect(splitValueLine(line)).toEqual({ value, event });
});

test.each(['between 300000 and 350000', 'hello', '35,00,0 x', '-5 x', ''])(
  '%j is offered whole, so that it is refused for what it is',
  (line) => {
    expect(splitValueLine(line)).toEqual({ value: line, event: '' });
  },
);

test.each([
  ['pairs', ' / 1'],
  ['labels', ' token'],
])('a line of many %s takes no longer than its length', (_, more) => {
  const line = (length: number) => `350000${more.repeat(length / more.length)}`;
  splitValueLine(line(100_000));
  const shortMs = threadMs(() => splitValueLine(line(100_000)));

  // Ten times the length takes a hundred times as long when quadratic; some milliseconds are the garbage collector's.
  expect(threadMs(() => splitValueLine(line(1_000_000)))).toBeLessThan(20 * shortMs + 100);
});

describe('a unit after a space', () => {
  const units = Object.entries(UNITS);
  const plain = units
    .filter(([, { needsLabel }]) => !needsLabel)
    .map(([letter, { exponent }]) => ({ letter, exponent }));
  const doubtful = units.filter(([, unit]) => unit.needsLabel && !unit.neverBare).map(([letter]) => letter);
  const never = units.filter(([, { neverBare }]) => neverBare).map(([letter]) => letter);

  test.each(plain)('the unit $letter before an event is read as it is alone', ({ letter, exponent }) => {
    for (const line of [`35 ${letter} x`, `35${letter} x`, `35 ${letter} 完成架构`, `1.5${letter}：完成`]) {
      const { value, event } = splitValueLine(line);
      expect(event).not.toBe('');
      const tokens = (line.startsWith('35') ? 35 : 1.5) * 10 ** exponent;
      expect(parseTokenValue(value)).toMatchObject({
        ok: true,
        tokens,
        unit: line.startsWith('35') ? 10 ** exponent : 10 ** (exponent - 1),
      });
    }
  });

  test.each(doubtful)('the unit %s before an event is refused, for it may mean another thing', (letter) => {
    const line = `35 ${letter} x`;
    expect(splitValueLine(line)).toEqual({ value: line, event: '' });
    expect(parseTokenValue(line).ok).toBe(false);
  });

  test.each(never)('the letter %s, which is no unit without a label, begins the event', (letter) => {
    expect(splitValueLine(`2000 ${letter}`)).toEqual({ value: '2000', event: letter });
    expect(splitValueLine(`35 ${letter} x`)).toEqual({ value: '35', event: `${letter} x` });
    expect(parseTokenValue(`35${letter} x`).ok).toBe(false);
  });

  test.each(['w/o tests', 'k-means', 'm/s', 'W&B run', "m's first"])(
    'the letter of a unit that begins the word of %j is none',
    (event) => expect(splitValueLine(`350 ${event}`)).toEqual({ value: '350', event }),
  );

  test('the letters of units are those of one table', () => {
    expect(plain.map(({ letter }) => letter).join('')).toBe('kK千wW万萬M亿億');
    expect([...HAN_UNITS, ...LATIN_UNITS].toSorted()).toEqual(Object.keys(UNITS).toSorted());
  });
});
