import { describe, expect, test } from 'vitest';
import { periodEnd } from '../../../src/daemon/rules/period.ts';
import { parsePeriod } from '../../../src/shared/period.ts';

function endOf(period: unknown, now: string): string | undefined {
  const endMs = periodEnd(parsePeriod(period)!, new Date(now).getTime());
  if (endMs === undefined) return undefined;
  const date = new Date(endMs);
  expect([date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds()]).toEqual([0, 0, 0, 0]);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

describe('a period', () => {
  test.each<[unknown, string, string | undefined]>([
    [1, '2025-11-18T20:30:00', '2025-12-01'],
    ['15', '2025-11-14T23:59:59', '2025-11-15'],
    ['15', '2025-11-15T00:00:00', '2025-12-15'],
    ['20', '2025-12-25T08:00:00', '2026-01-20'],
    ['31', '2025-11-18T20:30:00', '2025-11-30'],
    ['31', '2025-11-30T00:00:00', '2025-12-31'],
    ['31', '2026-01-31T12:00:00', '2026-02-28'],
    ['2026-01-31', '2026-01-31T23:59:59', '2026-02-01'],
    ['2026-01-31', '2026-02-01T00:00:00', undefined],
    ['2025-11-03/7d', '2025-11-03T00:00:00', '2025-11-10'],
    ['2025-11-03/7d', '2025-11-09T23:59:59', '2025-11-10'],
    ['2025-11-03/7d', '2025-11-10T00:00:00', '2025-11-17'],
    ['2025-03-01/30d', '2025-11-18T00:00:00', '2025-11-26'],
    ['2026-01-01/30d', '2025-11-18T00:00:00', '2026-01-01'],
  ])('a period %s at %s ends at midnight of %s', (period, now, expected) => {
    expect(endOf(period, now)).toBe(expected);
  });

  test.each([0, 32, 1.5, '', 'month', '2025-02-30', '2025-11-03/0d', '2025-11-03/1000d', '2025-11-03/7', true, [1]])(
    'a period cannot be %s',
    (period) => {
      expect(parsePeriod(period)).toBeUndefined();
    },
  );
});
