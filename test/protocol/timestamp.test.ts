import { describe, expect, test } from 'vitest';
import { parseTimestamp, toSessionTime } from '../../src/protocol/timestamp.ts';

describe('a timestamp', () => {
  test.each([
    ['2025-11-18T20:30:00Z', Date.UTC(2025, 10, 18, 20, 30)],
    ['2025-11-18T20:30:00.123456+08:00', Date.UTC(2025, 10, 18, 12, 30, 0, 123)],
    ['2025-11-18 20:30:00-0530', Date.UTC(2025, 10, 19, 2, 0)],
    ['2025-11-18 20:30:00', new Date(2025, 10, 18, 20, 30).getTime()],
    ['2025-11-18', new Date(2025, 10, 18).getTime()],
  ])('the timestamp %s is read', (text, instant) => {
    expect(parseTimestamp(text)).toBe(instant);
  });

  test.each([
    '',
    'yesterday',
    '2025-02-30',
    '2025-13-01',
    '2025-11-18 24:00:00',
    '2025-11-18 20:60:00',
    '2025-01-01T00:00:00+99:99',
    '2025-01-01T00:00:00+14:60',
    '9999-12-31T23:59:59-14:00',
    '1969-12-31 23:59:59',
    '20251118',
  ])('the timestamp %s is refused', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  test('a timestamp is shown in the form that is read again', () => {
    const instant = new Date(2025, 10, 18, 20, 30, 5).getTime();
    expect(toSessionTime(instant)).toBe('2025-11-18 20:30:05');
    expect(parseTimestamp(toSessionTime(instant))).toBe(instant);
  });
});
